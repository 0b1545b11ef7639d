package suite_test

import (
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

const notHere = "http://isv.test/nowhere"

// withdrawn is a world in which a corp authorised the suite and withdrew.
func withdrawn(t *testing.T, change ...func(*world)) *world {
	t.Helper()
	w := newWorld(t, change...)
	w.ticket()
	w.authorize("ding01", 1)
	w.settle(time.Second)
	w.must(w.platform.Relieve(testSuite, "ding01"))
	w.settle(time.Second)
	w.wantCounts(map[suite.Status]int{suite.StatusRelieved: 1})
	return w
}

// authorizeUnheard has the corp authorise again while no push arrives, and change
// its authorisation when pushes do again.
func (w *world) authorizeUnheard() {
	w.Helper()
	s := w.suite()
	w.must(w.platform.SetCallbackURL(testSuite, notHere))
	w.authorize("ding01", 1)
	w.settle(5 * time.Minute) // DingTalk gives the code up
	w.must(w.platform.SetCallbackURL(testSuite, s.CallbackURL))
	w.wantCounts(map[suite.Status]int{suite.StatusRelieved: 1})
	w.must(w.platform.ChangeAuth(testSuite, "ding01", dingtalktest.Scope{UserFields: []string{"name"}, Departments: []int64{7}}))
}

func TestCorpThatAuthorisedAgainUnheardIsFoundByItsNextChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := withdrawn(t)
		w.must(w.platform.Fault(dingtalktest.GetAuthInfo, // a busy DingTalk is asked again
			dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: -1, Times: 2}))
		w.authorizeUnheard()
		w.settle(time.Minute)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts()
	})
}

func TestCorpThatAuthorisedAgainUnheardIsAnAlertWithoutAnAppID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := withdrawn(t, func(w *world) { w.appID = 0 })
		w.authorizeUnheard()
		w.settle(time.Minute)
		w.wantCounts(map[suite.Status]int{suite.StatusFailed: 1})
		w.wantAlerts(suite.AlertCodeMissing)
		w.must(w.platform.Relieve(testSuite, "ding01"))
		w.settle(time.Second)
		w.authorize("ding01", 1)
		w.settle(time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts()
	})
}

// TestWithdrawalStandsWhateverCameAfterIt has a change pushed behind the
// withdrawal: DingTalk is asked, once, and nothing is made of it.
func TestWithdrawalStandsWhateverCameAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := withdrawn(t)
		calls := len(w.platform.Calls())
		for range 2 {
			w.wantOutcome(corpEvent("change_auth", "ding01", time.Now()), suite.OutcomeApplied)
			w.settle(time.Second)
		}
		w.settle(time.Hour)
		w.wantCounts(map[suite.Status]int{suite.StatusRelieved: 1})
		w.wantAlerts()
		if got := w.platform.Calls()[calls:]; len(got) != 1 || got[0].Code != "40079" {
			t.Errorf("calls = %+v, want one for the authorisation, which there is not", got)
		}
	})
}

func TestCodeThatComesAfterAllEndsTheDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := withdrawn(t)
		w.receive(corpEvent("change_auth", "ding01", time.Now().Add(time.Second))) // overtakes the code
		w.settle(10 * time.Second)
		w.authorize("ding01", 1)
		w.settle(time.Minute)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts()
		if n := w.calls(dingtalktest.ReauthCorp, "0"); n != 0 {
			t.Errorf("asked %d times for a new code, want never", n)
		}
	})
}
