package suite_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// pushed is an event of no meaning, a new one for each n.
func pushed(n int) string {
	return fmt.Sprintf(`{"EventType":"org_update","CorpId":"ding01","n":%d}`, n)
}

func TestAnswersThatAreNotAcceptedAreToldUntilANewEventComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		for n := range 10 { // as after a stall: everything comes once or twice more
			for range 3 {
				w.receive(pushed(n))
				w.settle(10 * time.Second)
			}
		}
		w.wantAlerts()
		for range 4 {
			w.receive(pushed(100))
			w.settle(10 * time.Second)
		}
		w.wantAlerts(suite.AlertAnswerNotAccepted)
		w.receive(pushed(100))
		w.wantAlerts(suite.AlertAnswerNotAccepted)
		w.receive(pushed(101))
		w.wantAlerts()
		w.settle(10 * time.Second)
		w.receive(pushed(100)) // it was no cure
		w.wantAlerts(suite.AlertAnswerNotAccepted)
		w.settle(2 * time.Hour)
		w.wantAlerts()
	})
}

func TestRepeatsInOneBurstSayNothingAboutTheAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.receive(pushed(1))
		for range 50 {
			_, err := w.keeper.Receive(w.ctx, suite.Push{Suite: testSuite, Text: []byte(pushed(1)), ReceivedAt: time.Now().Add(-time.Millisecond)})
			w.must(err)
		}
		for range 50 { // on their way while the first was answered
			w.settle(2 * time.Millisecond)
			w.receive(pushed(1))
		}
		w.wantAlerts()
	})
}

func TestURLChecksInARowAreToldUntilAnEventComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		for n := range 4 {
			w.receive(fmt.Sprintf(`{"EventType":"check_update_suite_url","Random":"%s%d"}`, suite.OwnCheck, n))
			w.settle(time.Second)
		}
		for range 3 {
			w.wantAlerts()
			_, err := w.platform.CheckURL(w.ctx, testSuite, dingtalktest.CheckUpdateSuiteURL)
			w.must(err)
			w.settle(30 * time.Second)
		}
		w.wantAlerts(suite.AlertAnswerNotAccepted)
		w.ticket()
		w.wantAlerts()
	})
}

func TestTicketThatWasGivenUpIsToldUntilRePush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.must(w.platform.GiveUpTicket(testSuite))
		for {
			s, _ := w.platform.Suite(testSuite)
			if s.GivenUp {
				break
			}
			w.settle(time.Second)
		}
		w.settle(time.Second)
		w.wantAlerts(suite.AlertTicketGivenUp, suite.AlertAnswerNotAccepted)
		w.restart() // which alone cures nothing
		w.wantAlerts(suite.AlertTicketGivenUp)
		w.must(w.platform.RePush(testSuite))
		w.settle(time.Second)
		w.wantAlerts()
	})
}

func TestTicketsThatCannotBeStoredAreWrongAnswersToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, engine := newLateWorld(t)
		ticket := fmt.Sprintf(`{"EventType":"suite_ticket","SuiteKey":%q,"SuiteTicket":"t1","TimeStamp":%d}`, testSuite, time.Now().UnixMilli())
		for i := range 100 { // all judged wrong, one of them rightly
			if i == 50 {
				engine.busy.Store(1)
				if _, err := w.keeper.Receive(w.ctx, suite.Push{Suite: testSuite, Text: []byte(ticket)}); err == nil {
					t.Fatal("Receive with a store that is busy succeeded")
				}
			} else {
				w.receive(ticket)
			}
			w.settle(10 * time.Second)
		}
		w.wantAlerts(suite.AlertTicketGivenUp, suite.AlertAnswerNotAccepted)
		w.receive(ticket) // re-push
		w.wantAlerts()
	})
}

func TestRefusedPushesAreCountedTowardsTheTicketOnlyWhenItIsMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		refuse := func(n int, of suite.SuiteKey) {
			for range n {
				w.keeper.Reject(suite.Rejection{At: time.Now(), Suite: of, Reason: suite.RejectSignature})
			}
		}
		w.ticket()
		refuse(200, testSuite)
		w.wantAlerts(suite.AlertPushesRejectedSignature)
		w.settle(7 * time.Hour)
		w.wantAlerts(suite.AlertTicketGivenUp)
		w.ticket()
		w.wantAlerts()

		w.settle(7 * time.Hour)
		refuse(12, "")
		w.wantAlerts(suite.AlertPushesRejectedSignature, suite.AlertTicketStale)
		w.settle(31 * time.Minute)
		w.wantAlerts(suite.AlertPushesRejectedSignature, suite.AlertTicketGivenUp)
		w.restart()
		w.wantAlerts(suite.AlertTicketGivenUp)
		w.ticket()
		w.wantAlerts()
	})
}
