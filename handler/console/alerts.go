package console

import (
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

// cures are the buttons of an alert, the one that helps most in front.
func (c *console) cures(a suite.Alert) []cure {
	var list []cure
	if a.Corp != "" {
		list = append(list, cure{Label: "retry", To: corpPath(a.Suite, a.Corp) + "/retry", Retry: true},
			cure{Label: "corp", To: corpPath(a.Suite, a.Corp)})
	}
	switch a.Code {
	case suite.AlertTicketMissing, suite.AlertTicketStale, suite.AlertTicketRejected, suite.AlertTicketGivenUp:
		list = append(list, c.developerConsole(), cure{Label: "ticket", To: link("repush") + "#ticket"})
	case suite.AlertAddressNotWhitelisted, suite.AlertSuiteSecretWrong, suite.AlertSuiteKeyWrong:
		list = append(list, c.developerConsole(), pendingOf(a.Suite))
	case suite.AlertPlatformUnreachable, suite.AlertPlatformRefused, suite.AlertThrottled:
		if a.Corp == "" {
			list = append(list, pendingOf(a.Suite))
		}
	case suite.AlertAnswerNotAccepted:
		list = append(list, c.developerConsole())
	case suite.AlertPushesRejectedSignature, suite.AlertPushesRejectedAESKey, suite.AlertPushesRejectedSuiteKey:
		list = append(list, c.developerConsole(), cure{Label: "rejections", To: link("rejections")})
	case suite.AlertPushesRejectedNotJSON, suite.AlertPushesRejectedSource:
		list = append(list, cure{Label: "rejections", To: link("rejections")})
	case suite.AlertEventsQuarantined:
		list = append(list, cure{Label: "quarantined", To: link("events", "suite", a.Suite, "outcome", suite.OutcomeQuarantined)})
	default: // the corp's own, or nothing that a button could do
	}
	return list
}

// developerConsole opens the page of DingTalk's on which most cures begin.
func (c *console) developerConsole() cure {
	return cure{Label: "developer_console", To: c.DeveloperConsole, External: true}
}

// pendingOf lists what waits for the cure.
func pendingOf(key suite.SuiteKey) cure {
	return cure{Label: "pending", To: link("authorizations", "suite", key, "status", suite.StatusPending)}
}
