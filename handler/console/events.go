package console

import (
	"time"

	"suitekeeper/suite"
)

// periods are the choices of how far to look back; the empty one is for ever.
var periods = map[string]time.Duration{"": 0, "1h": time.Hour, "24h": 24 * time.Hour, "168h": 168 * time.Hour}

// periodOrder is how they are offered.
var periodOrder = []string{"1h", "24h", "168h", ""}

// since is when a period begins; the zero time for no beginning.
func since(now time.Time, period string) (time.Time, error) {
	d, ok := periods[period]
	if !ok {
		return time.Time{}, suite.BadQuery(suite.Say(suite.SayParameter, "since", string(suite.Say(suite.SayNoTimeOrPeriod))))
	}
	if d == 0 {
		return time.Time{}, nil
	}
	return now.Add(-d), nil
}

// outcomes are the choices of what an event did.
var outcomes = []suite.Outcome{suite.OutcomeApplied, suite.OutcomeStale, suite.OutcomeStored, suite.OutcomeQuarantined}

// eventTypes are offered while somebody types one.
var eventTypes = []string{
	"suite_ticket", "tmp_auth_code", "change_auth", "suite_relieve", "org_micro_app_stop", "org_micro_app_restore", "org_micro_app_remove",
	"org_suite_auth", "org_suite_change", "org_suite_relieve", "check_create_suite_url", "check_update_suite_url", "market_buy",
	"user_add_org", "user_modify_org", "user_leave_org", "org_dept_create", "org_dept_modify", "org_dept_remove",
}

// eventsView is a part of the stored events.
type eventsView struct {
	Suites   []suite.SuiteReport
	Query    suite.EventQuery
	Period   string
	Periods  []string
	Types    []string
	Outcomes []suite.Outcome
	Filtered bool
	List     []suite.Event
	Looked   time.Time // how far the search came, when it came to no end
	Pager    pager
}

func (c *console) events(v *visit) (view, error) {
	report, err := c.Keeper.Status(v.ctx)
	if err != nil {
		return view{}, err
	}
	data := eventsView{
		Suites: report.Suites, Period: v.query("since"), Periods: periodOrder, Types: eventTypes, Outcomes: outcomes,
		Query: suite.EventQuery{
			Suite: suite.SuiteKey(v.query("suite")), Type: v.query("type"), Corp: suite.CorpID(v.query("corp")),
			Outcome: suite.Outcome(v.query("outcome")), Cursor: v.query("cursor"),
		},
	}
	if data.Query.Since, err = since(v.now, data.Period); err != nil {
		return view{}, err
	}
	q := data.Query
	data.Filtered = q.Suite != "" || q.Type != "" || q.Corp != "" || q.Outcome != "" || data.Period != ""
	list, err := c.Keeper.Events(v.ctx, q)
	if err != nil {
		return view{}, err
	}
	data.List = list.Events
	if list.Next != "" && len(list.Events) < suite.DefaultLimit {
		data.Looked = list.Looked
	}
	data.Pager = v.pager("events", list.Next, "suite", q.Suite, "type", q.Type, "corp", q.Corp, "outcome", q.Outcome, "since", data.Period)
	return view{Template: "events", Title: "events.title", Section: "events", Data: data}, nil
}
