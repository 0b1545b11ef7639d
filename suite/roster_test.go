package suite_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// configure replaces the suites of a world that runs.
func (w *world) configure(suites ...suite.Suite) {
	w.Helper()
	w.must(w.keeper.SetSuites(w.ctx, suites))
}

// TestASuiteThatIsLeftOutRestsUntilItComesBack takes a suite out of the
// configuration while a corp's work waits for a ticket.
func TestASuiteThatIsLeftOutRestsUntilItComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.authorize("ding01", 1)
		w.settle(time.Minute)
		w.wantCounts(map[suite.Status]int{suite.StatusPending: 1})
		w.wantAlerts(suite.AlertTicketMissing)

		w.configure(suite.Suite{Key: "suiteother", Secret: "other"})
		report := w.report()
		if len(report.Suites) != 1 || report.Suites[0].Key != "suiteother" || report.Work != (suite.WorkReport{}) {
			t.Errorf("suites %+v and work %+v, want suiteother alone, and no work", report.Suites, report.Work)
		}
		for _, a := range report.Alerts {
			if a.Suite != "suiteother" {
				t.Errorf("there is an alert of a suite that was left out: %+v", a)
			}
		}
		_, err := w.keeper.Receive(w.ctx, suite.Push{Suite: testSuite, Text: []byte(pushed(1))})
		if !errors.Is(err, suite.ErrUnknownSuite) {
			t.Errorf("Receive for a suite that was left out = %v, want %v", err, suite.ErrUnknownSuite)
		}
		if _, err = w.keeper.Authorization(w.ctx, testSuite, "ding01"); !errors.Is(err, suite.ErrUnknownSuite) {
			t.Errorf("Authorization of a suite that was left out = %v, want %v", err, suite.ErrUnknownSuite)
		}
		w.settle(5 * time.Minute) // the store is looked through for work meanwhile
		if n := len(w.platform.Calls()); n != 0 {
			t.Errorf("%d calls for a suite that was left out, want none", n)
		}

		w.configure(suite.Suite{Key: "suiteother", Secret: "other"}, suite.Suite{Key: testSuite, Secret: testSecret, AppID: testAppID})
		w.ticket()
		w.settle(time.Minute)
		if got := w.authorization("ding01").Status; got != suite.StatusActive {
			t.Errorf("the corp is %s after its suite came back, want %s", got, suite.StatusActive)
		}
	})
}

// TestASecretThatIsCorrectedIsTriedAtOnce has all work of a suite wait because
// of a wrong secret.
func TestASecretThatIsCorrectedIsTriedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.secret = "wrong" })
		w.ticket()
		w.authorize("ding01", 1)
		w.settle(30 * time.Minute) // it is tried slowly by now
		w.wantAlerts(suite.AlertSuiteSecretWrong)
		tried := w.calls(dingtalktest.GetSuiteToken, "40080") + w.calls(dingtalktest.GetSuiteToken, "40088")
		w.configure(suite.Suite{Key: testSuite, Secret: testSecret, AppID: testAppID})
		w.settle(time.Second)
		w.wantAlerts()
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		if tried == 0 {
			t.Error("the wrong secret was never tried")
		}
	})
}

// TestSuitesThatCannotBeAreRefused keeps those before.
func TestSuitesThatCannotBeAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for _, list := range [][]suite.Suite{{{Key: ""}}, {{Key: "a"}, {Key: "a"}}} {
			if err := w.keeper.SetSuites(w.ctx, list); err == nil {
				t.Errorf("SetSuites(%v) = nil, want an error", list)
			}
		}
		w.receive(pushed(1))
	})
}
