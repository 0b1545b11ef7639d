package suite_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

func TestChangedScopeIsFetchedAndTheOldOneKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.authorize("ding01", 1)
		w.settle(time.Second)
		w.must(w.platform.ChangeAuth(testSuite, "ding01", dingtalktest.Scope{Departments: []int64{42}}))
		w.settle(time.Second)
		history, err := w.keeper.History(w.ctx, testSuite, "ding01")
		w.must(err)
		last := history[len(history)-1]
		if zh := last.Detail.Text().ZH; !strings.Contains(zh, "原为：部门 [1]，") || !strings.Contains(zh, "现为：部门 [42]，") {
			t.Errorf("the last entry of the history reads %q in Chinese, want the change from departments [1] to [42]", zh)
		}
		if last.What != "scope_changed" || !strings.Contains(last.Detail.String(), "was departments [1]") || !strings.Contains(last.Detail.String(), "is departments [42]") {
			t.Errorf("the last entry of the history is %+v, want the change from departments [1] to [42]", last)
		}
		if c := last.Scopes; c == nil || !slices.Equal(c.Was.Departments, []int64{1}) || !slices.Equal(c.Is.Departments, []int64{42}) {
			t.Errorf("the last entry of the history has the scopes %+v, want those from departments [1] to [42]", c)
		}
	})
}

// TestOldCodesWithoutCorp pushes codes as DingTalk once did: without AuthCorpId.
func TestOldCodesWithoutCorp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		text := w.withheldCode("ding01")
		w.receive(strings.Replace(text, `"AuthCorpId":"ding01",`, "", 1))
		w.settle(time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts()
		w.wantActivated("ding01")
	})
}

func TestSpentCodeWithoutCorp(t *testing.T) {
	spent := fmt.Sprintf(`{"EventType":"tmp_auth_code","SuiteKey":%q,"AuthCode":"spent"}`, testSuite)
	t.Run("with an app id the corps that wait are asked for", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.ticket()
			w.withheldCode("ding01")
			w.receive(spent)
			w.settle(time.Second)
			w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
			w.wantAlerts()
		})
	})
	t.Run("without one it is an alert for a week", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, func(w *world) { w.appID = 0 })
			w.ticket()
			w.receive(spent)
			w.settle(time.Second)
			w.wantAlerts(suite.AlertCodeBurnt)
			week := time.Now().Add(7 * 24 * time.Hour)
			w.stop() // days of nothing but ticks
			time.Sleep(time.Until(week.Add(-time.Hour)))
			w.start()
			w.ticket()
			w.wantAlerts(suite.AlertCodeBurnt)
			time.Sleep(time.Until(week.Add(-time.Minute)))
			w.wantAlerts(suite.AlertCodeBurnt)
			w.settle(2 * time.Minute)
			w.wantAlerts()
		})
	})
}

// withheldCode authorises a corp while none of DingTalk's pushes get through,
// and returns the push with the code.
func (w *world) withheldCode(corp string) string {
	w.Helper()
	w.must(w.platform.SetCallbackURL(testSuite, "http://isv.test/nowhere"))
	w.authorize(corp, 1)
	w.settle(time.Minute) // after 10 s and 30 s it is given up
	w.must(w.platform.SetCallbackURL(testSuite, "http://isv.test/callback/"+testSuite))
	for _, p := range w.platform.Pushes() {
		if p.Event == "tmp_auth_code" && p.Corp == corp {
			return string(p.Message)
		}
	}
	w.Fatal("the stand-in pushed no code")
	return ""
}

func (w *world) wantActivated(corp string) {
	w.Helper()
	if c, _ := w.platform.Corp(testSuite, corp); c.ActivatedAt.IsZero() {
		w.Errorf("DingTalk has not activated %s", corp)
	}
}

func TestOldEventsArePrunedAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.keep = 30 * time.Minute })
		event := func(i int) string {
			return fmt.Sprintf(`{"EventType":"x","n":%d,"TimeStamp":%d}`, i, time.Now().UnixMilli())
		}
		for i := range 1200 {
			w.receive(event(i))
		}
		w.wantEvents(1200)
		w.settle(10 * time.Minute)
		repeat := event(1)
		w.receive(repeat)
		w.wantEvents(1201)
		w.restart()
		w.wantEvents(1201)
		w.settle(25 * time.Minute)
		w.wantEvents(1)
		if r := w.receive(repeat); r.Duplicates != 1 {
			t.Errorf("repeat of a kept event: %+v, want a duplicate", r)
		}
		w.settle(15 * time.Minute)
		w.wantEvents(0)
		if r := w.receive(repeat); r.Duplicates != 1 {
			t.Errorf("repeat of a pruned event whose fingerprint is kept: %+v, want a duplicate", r)
		}
		w.settle(10 * time.Minute)
		if r := w.receive(repeat); r.Duplicates != 0 {
			t.Errorf("repeat of a forgotten event: %+v, want a new event", r)
		}
		w.restart()
		w.wantEvents(1)
	})
}

func (w *world) wantEvents(want int) {
	w.Helper()
	if n := w.report().Events; n != want {
		w.Errorf("%d events are stored, want %d", n, want)
	}
}

// TestManySpentCodesWithoutCorpAskOnce pushes many codes that are spent and do not
// say whose they are, and then more, as if the new codes were spent as well.
func TestManySpentCodesWithoutCorpAskOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		spend := func(code int) {
			w.receive(fmt.Sprintf(`{"EventType":"tmp_auth_code","SuiteKey":%q,"AuthCode":"spent%d"}`, testSuite, code))
		}
		wantAsked := func(want int) {
			t.Helper()
			if n := w.calls(dingtalktest.GetUnactiveCorp, "0"); n != want {
				t.Errorf("DingTalk was asked %d times for corps that were never activated, want %d times", n, want)
			}
		}
		for i := range 50 {
			spend(i)
		}
		w.settle(time.Second)
		wantAsked(1)
		w.wantAlerts()
		for i := range 10 {
			spend(100 + i)
		}
		w.settle(9 * time.Minute)
		wantAsked(1)
		w.settle(2 * time.Minute)
		wantAsked(2)
		spend(200)
		w.settle(55 * time.Minute)
		wantAsked(2)
		w.settle(10 * time.Minute)
		wantAsked(3)
		w.wantAlerts()
	})
}

// TestFailedRequestForNewCodesIsMadeAgain refuses the first of them.
func TestFailedRequestForNewCodesIsMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.withheldCode("ding01")
		w.must(w.platform.Fault(dingtalktest.GetUnactiveCorp, dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: -1, Times: 1}))
		w.receive(fmt.Sprintf(`{"EventType":"tmp_auth_code","SuiteKey":%q,"AuthCode":"spent"}`, testSuite))
		w.settle(5 * time.Minute)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts()
	})
}
