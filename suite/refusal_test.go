package suite_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
)

func TestOverloadIsAnAlertWhileItLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.keeper.Overloaded(testSuite, 2)
		w.wantAlerts() // they come again, and that is all
		w.settle(4 * time.Minute)
		w.keeper.Overloaded(testSuite, 40)
		w.keeper.Overloaded("suiteunknown", 7)
		w.wantAlerts(suite.AlertOverloaded, suite.AlertOverloaded)
		for _, a := range w.report().Alerts {
			count := map[suite.SuiteKey]string{testSuite: "42 were", "": "7 were"}[a.Suite]
			if count == "" || !strings.Contains(a.Message.EN, count) || !strings.Contains(a.Cure.EN, "allowed_sources") {
				t.Errorf("alert of suite %q = %q, cure %q, want it to say that %s refused", a.Suite, a.Message.EN, a.Cure.EN, count)
			}
		}
		w.settle(5*time.Minute + time.Second)
		w.wantAlerts()
		w.keeper.Overloaded(testSuite, 1)
		w.wantAlerts() // the count is a new one
	})
}
