package suite_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// TestFailedCorpIsAlarmedHoweverManyWait has more corps wait than a report reads,
// all of which sort before one that failed.
func TestFailedCorpIsAlarmedHoweverManyWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: 40091}))
		w.authorize("dingzz", 1)
		w.settle(time.Second)
		w.wantAlerts(suite.AlertReauthorizeNeeded)
		w.must(w.platform.RefuseTicket(testSuite))
		var pushes sync.WaitGroup // they share their commits
		for i := range 1100 {
			pushes.Go(func() {
				text := fmt.Appendf(nil, `{"EventType":"tmp_auth_code","SuiteKey":"%s","AuthCode":"code%d","AuthCorpId":"dingaa%04d"}`, testSuite, i, i)
				if _, err := w.keeper.Receive(w.ctx, suite.Push{Suite: testSuite, Text: text}); err != nil {
					t.Error(err)
				}
			})
		}
		pushes.Wait()
		w.settle(time.Second)
		for range 3 {
			w.wantAlerts(suite.AlertTicketRejected, suite.AlertReauthorizeNeeded)
		}
		w.restart()
		w.settle(time.Second)
		w.wantAlerts(suite.AlertTicketRejected, suite.AlertReauthorizeNeeded)
		w.must(w.platform.Relieve(testSuite, "dingzz"))
		w.settle(time.Second)
		w.wantAlerts(suite.AlertTicketRejected)
	})
}

// TestAlertsOfCorpsAreBoundedAndThoseLeftOutFollow cures the corps that alerts
// name until none is left.
func TestAlertsOfCorpsAreBoundedAndThoseLeftOutFollow(t *testing.T) {
	const corps = 230
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode,
			dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: 40091, Times: dingtalktest.Always}))
		for i := range corps {
			w.authorize(fmt.Sprintf("ding%04d", i), 1)
		}
		w.settle(time.Minute)
		w.wantCounts(map[suite.Status]int{suite.StatusFailed: corps})
		for left := corps; left > 0; {
			alerts := w.report().Alerts
			if want := min(left, 200); len(alerts) != want || alerts[0].Code != suite.AlertReauthorizeNeeded {
				t.Fatalf("%d alerts while %d corps failed, want %d: %+v", len(alerts), left, want, alerts)
			}
			if again := w.report().Alerts; !slices.Equal(again, alerts) {
				t.Errorf("the next report names other corps, although nothing happened")
			}
			for _, a := range alerts {
				w.must(w.platform.Relieve(testSuite, string(a.Corp)))
			}
			left -= len(alerts)
			w.settle(time.Minute)
		}
		w.wantAlerts()
	})
}
