package console

import (
	"cmp"

	"suitekeeper/suite"
)

// corpEvents is how many events the timeline of a corp goes back.
const corpEvents = 50

// corpView is one authorisation with what happened to it.
type corpView struct {
	suite.Authorization
	SuiteName string
	Cures     []cure       // of what failed
	Retry     string       // what trying again would do: a message below retry; empty: nothing
	Code      suite.Secret // shown once, when it was asked for
	Timeline  []step
	Events    string // where all events of the corp are
	Older     bool   // there are events that the timeline does not reach back to
}

func (c *console) corp(v *visit) (view, error) { return c.corpPage(v, "") }

// corpPage shows an authorisation, with its permanent code if that was revealed.
func (c *console) corpPage(v *visit, code suite.Secret) (view, error) {
	key, corp := v.authorization()
	auth, err := c.Keeper.Authorization(v.ctx, key, corp)
	if err != nil {
		return view{}, err
	}
	events, err := c.Keeper.Events(v.ctx, suite.EventQuery{Suite: key, Corp: corp, Limit: corpEvents})
	if err != nil {
		return view{}, err
	}
	report, err := c.Keeper.Status(v.ctx)
	if err != nil {
		return view{}, err
	}
	return view{
		Template: "corp", Title: "corp.title", Name: cmp.Or(auth.CorpName, string(corp)), Section: "authorizations", Once: code != "",
		Data: corpView{
			Authorization: auth.Authorization, SuiteName: suiteName(report.Suites, key), Retry: retryOf(auth.Authorization), Cures: c.failureCures(key, auth.Exchange.Failure),
			Code: code, Timeline: timeline(auth.History, events.Events), Events: link("events", "suite", key, "corp", corp), Older: events.Next != "",
		},
	}, nil
}

// authorization is the one that the path names.
func (v *visit) authorization() (suite.SuiteKey, suite.CorpID) {
	return suite.SuiteKey(v.param("suite")), suite.CorpID(v.param("corp"))
}

// retryOf foretells what trying again will do. The Keeper decides it anew.
func retryOf(a suite.Authorization) string {
	switch {
	case a.Status == suite.StatusRelieved && a.Exchange.State == suite.ExchangeDone:
		return ""
	case a.PermanentCode != "":
		return string(suite.RetryActivate)
	case a.Status == suite.StatusFailed || lacksCode(a.Exchange.Failure):
		return string(suite.RetryReauthorize)
	default:
		return string(suite.RetryExchange)
	}
}

// lacksCode tells whether there is no temporary code that could be exchanged.
func lacksCode(f *suite.ExplainedFailure) bool {
	return f != nil && (f.Alert == suite.AlertCodeBurnt || f.Alert == suite.AlertCodeMissing)
}

// retry has an authorisation tried again now.
func (c *console) retry(v *visit) (result, error) {
	key, corp := v.authorization()
	res := result{To: corpPath(key, corp)}
	action, err := c.Keeper.Retry(v.ctx, v.actor(), key, corp)
	if err == nil {
		res.Flash = &flash{Key: "retry_" + string(action)}
		return res, nil
	}
	var pointless bool
	if res.Flash, pointless = problemFlash(err, suite.ErrNothingToRetry); pointless {
		return res, nil
	}
	return result{}, err
}

// revealCode shows a permanent code, once: the answer is kept nowhere, and the
// audit log says that it was given.
func (c *console) revealCode(v *visit) (result, error) {
	key, corp := v.authorization()
	code, err := c.Keeper.RevealPermanentCode(v.ctx, v.actor(), key, corp)
	if f, none := problemFlash(err, suite.ErrNoCode); none {
		return result{To: corpPath(key, corp), Flash: f}, nil
	}
	if err != nil {
		return result{}, err
	}
	page, err := c.corpPage(v, code)
	return result{View: &page}, err
}
