package console

import (
	"net/url"
	"slices"
	"strings"

	"suitekeeper/suite"
)

// alertView is an alert with what can be done about it from here.
type alertView struct {
	suite.Alert
	SuiteName string
	Cures     []cure
}

// cure is a button: it goes somewhere or, with Retry, has an authorisation
// tried again.
type cure struct {
	Label    string // a message below cure
	To       string
	External bool // it leaves the console
	Retry    bool // by POST, for operators
}

func (c *console) alertView(a suite.Alert, suites []suite.SuiteReport) alertView {
	v := alertView{Alert: a, Cures: c.cures(a)}
	if a.Suite != "" {
		v.SuiteName = suiteName(suites, a.Suite)
	}
	return v
}

// alike are the alerts of one suite that say the same of different corps. A few
// are shown; where there are many, the others would push everything else off
// the page. Of very many the last are only in the list of authorisations.
type alike struct {
	Shown, Folded []alertView
	Further       int    // are not here
	List          string // where they are
}

// More is how many are not shown.
func (a alike) More() int { return len(a.Folded) + a.Further }

// How many of them are shown when some are folded away, and how many of those
// there are.
const (
	shownAlike  = 3
	foldedAlike = 40
)

// alike puts the alerts of one kind together, where the first of them stands.
func (c *console) alike(r suite.Report) []alike {
	var list []alike
	place := map[suite.AlertKind]int{}
	for _, a := range r.Alerts {
		i, known := place[a.Kind()]
		if !known {
			i = len(list)
			place[a.Kind()], list = i, append(list, alike{})
		}
		list[i].Shown = append(list[i].Shown, c.alertView(a, r.Suites))
	}
	for i := range list {
		all := list[i].Shown
		if len(all) <= shownAlike+1 { // to fold a single one gains nothing
			continue
		}
		rest := all[shownAlike:]
		list[i] = alike{Shown: all[:shownAlike], Folded: rest[:min(len(rest), foldedAlike)]}
		list[i].Further = len(rest) - len(list[i].Folded)
		list[i].List = link("authorizations", "suite", all[0].Suite, "status", suite.StatusFailed)
	}
	return list
}

// cures are the buttons of an alert, the one that helps most in front.
func (c *console) cures(a suite.Alert) []cure {
	var list []cure
	if a.Corp != "" {
		list = append(list, cure{Label: "retry", To: corpPath(a.Suite, a.Corp) + "/retry", Retry: true},
			cure{Label: "corp", To: corpPath(a.Suite, a.Corp)})
	}
	switch a.Code {
	case suite.AlertTicketMissing, suite.AlertTicketStale, suite.AlertTicketRejected, suite.AlertTicketGivenUp:
		list = append(list, c.developerConsole(a.Suite), cure{Label: "ticket", To: link("repush") + "#ticket"})
	case suite.AlertAddressNotWhitelisted, suite.AlertSuiteSecretWrong, suite.AlertSuiteKeyWrong:
		list = append(list, c.developerConsole(a.Suite), pendingOf(a.Suite))
	case suite.AlertPlatformUnreachable, suite.AlertPlatformRefused, suite.AlertThrottled:
		if a.Corp == "" {
			list = append(list, pendingOf(a.Suite))
		}
	case suite.AlertAnswerNotAccepted:
		list = append(list, c.developerConsole(a.Suite))
	case suite.AlertPushesRejectedSignature, suite.AlertPushesRejectedAESKey, suite.AlertPushesRejectedSuiteKey,
		suite.AlertSuiteUnknown:
		list = append(list, c.developerConsole(a.Suite), cure{Label: "rejections", To: link("rejections")})
	case suite.AlertPushesRejectedNotJSON, suite.AlertPushesRejectedSource:
		list = append(list, cure{Label: "rejections", To: link("rejections")})
	case suite.AlertEventsQuarantined:
		list = append(list, cure{Label: "quarantined", To: link("events", "suite", a.Suite, "outcome", suite.OutcomeQuarantined)})
	default: // the corp's own, or nothing that a button could do
	}
	return list
}

// failureCures are the buttons of what keeps one authorisation from going on: its
// page has the others.
func (c *console) failureCures(key suite.SuiteKey, f *suite.ExplainedFailure) []cure {
	if f == nil {
		return nil
	}
	return slices.DeleteFunc(c.cures(suite.Alert{Code: f.Alert, Suite: key}), func(b cure) bool { return !b.External })
}

// developerConsole opens the page of DingTalk's on which most cures begin, at
// the suite if one is given.
func (c *console) developerConsole(key suite.SuiteKey) cure {
	to := strings.ReplaceAll(c.DeveloperConsole, "{suite_key}", url.PathEscape(string(key)))
	return cure{Label: "developer_console", To: to, External: true}
}

// pendingOf lists what waits for the cure.
func pendingOf(key suite.SuiteKey) cure {
	return cure{Label: "pending", To: link("authorizations", "suite", key, "status", suite.StatusPending)}
}
