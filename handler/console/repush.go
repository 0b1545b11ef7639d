package console

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"suitekeeper/suite"
)

// failedShown is how many failed authorisations of a suite are listed.
const failedShown = 10

// recentTicket is how long a ticket counts as having just arrived.
const recentTicket = 5 * time.Minute

// repushView is the page of having things done again: by DingTalk, for an
// authorisation, and for stored events.
type repushView struct {
	Reports          []suite.SuiteReport
	Suites           []suiteView
	DeveloperConsole cure
	Failed           []failedView
	Form             replayForm
	Periods          []string
	Types            []string
	Preview          *previewView
	Boundless        bool // a preview was asked for without saying of which events
	Running          bool
	Replays          []suite.Replay
}

// Recent tells that a ticket has just arrived.
func (v suiteView) Recent(now time.Time) bool {
	return v.Ticket.State != suite.TicketMissing && now.Sub(v.Ticket.ReceivedAt) < recentTicket
}

// failedView is a suite's authorisations that cannot go on by themselves.
type failedView struct {
	Suite suite.SuiteReport
	List  []suite.Authorization
	More  int
}

// previewView is what a replay would run.
type previewView struct {
	suite.ReplayPreview
	ByType []typeCount
}

type typeCount struct {
	Type  string
	Count int
}

func (c *console) repush(v *visit) (view, error) {
	report, err := c.Keeper.Status(v.ctx)
	if err != nil {
		return view{}, err
	}
	data := repushView{
		Reports:          report.Suites,
		DeveloperConsole: c.developerConsole(""), Periods: periodOrder, Types: eventTypes, Replays: c.Keeper.Replays(), Form: newReplayForm(v.query),
	}
	for _, s := range report.Suites {
		data.Suites = append(data.Suites, c.suiteView(s))
		failed, err := c.failedOf(v, s)
		if err != nil {
			return view{}, err
		}
		if len(failed.List)+failed.More > 0 {
			data.Failed = append(data.Failed, failed)
		}
	}
	data.Running = slices.ContainsFunc(data.Replays, func(r suite.Replay) bool { return r.EndedAt.IsZero() })
	asked := v.query("preview") != ""
	if asked {
		if err := c.preview(v, &data); err != nil {
			return view{}, err
		}
	}
	// A preview goes through many events: it is made when asked for, and not
	// again every second.
	return view{Template: "repush", Title: "repush.title", Section: "repush", Data: data, Once: asked}, nil
}

func (c *console) failedOf(v *visit, s suite.SuiteReport) (failedView, error) {
	n := s.Authorizations[suite.StatusFailed]
	if n == 0 {
		return failedView{}, nil
	}
	list, err := c.Keeper.Authorizations(v.ctx, suite.AuthorizationQuery{Suite: s.Key, Status: suite.StatusFailed, Limit: failedShown})
	return failedView{Suite: s, List: list.Authorizations, More: max(n-len(list.Authorizations), 0)}, err
}

// preview completes the page with what the form would run.
func (c *console) preview(v *visit, data *repushView) error {
	q, err := data.Form.query(v.now)
	if err != nil {
		return err
	}
	if data.Boundless = q.Boundless(); data.Boundless {
		return nil
	}
	p, err := c.Keeper.PreviewReplay(v.ctx, q)
	if err != nil {
		return err
	}
	data.Preview = &previewView{ReplayPreview: p}
	for _, name := range slices.Sorted(maps.Keys(p.Types)) {
		data.Preview.ByType = append(data.Preview.ByType, typeCount{name, p.Types[name]})
	}
	slices.SortStableFunc(data.Preview.ByType, func(a, b typeCount) int { return cmp.Compare(b.Count, a.Count) })
	return nil
}

// startRepush has stored events processed again.
func (c *console) startRepush(v *visit) (result, error) {
	q, err := newReplayForm(v.r.PostFormValue).query(v.now)
	if err != nil {
		return result{}, err
	}
	if q.Boundless() {
		return result{To: link("repush"), Flash: &flash{Failed: true, Key: "replay_boundless"}}, nil
	}
	res := result{To: link("repush") + "#replays", Flash: &flash{Key: "replay_started"}}
	_, err = c.Keeper.StartReplay(v.ctx, v.actor(), q)
	if f, runs := problemFlash(err, suite.ErrReplayRuns); runs {
		res.Flash = f
		return res, nil
	}
	return res, err
}

// replayForm is what the form says about which events.
type replayForm struct {
	Suite, Type, Corp, Since string
	Failed                   bool
}

// newReplayForm reads the form's fields.
func newReplayForm(value func(name string) string) replayForm {
	f := replayForm{Suite: value("suite"), Type: value("type"), Corp: value("corp"), Since: value("since")}
	f.Failed, _ = strconv.ParseBool(value("failed"))
	return f
}

func (f replayForm) query(now time.Time) (suite.ReplayQuery, error) {
	from, err := since(now, f.Since)
	return suite.ReplayQuery{
		Suite: suite.SuiteKey(f.Suite), Type: f.Type, Corp: suite.CorpID(f.Corp), Since: from, Failed: f.Failed,
	}, err
}
