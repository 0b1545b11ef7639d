package suite_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

func TestAuthorizationsBecomeActive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		for i := range 50 {
			w.authorize(fmt.Sprintf("ding%02d", i), 1)
		}
		w.settle(time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 50})
		w.wantAlerts()
		if n := len(w.platform.Activations()); n != 50 {
			t.Errorf("DingTalk activated %d corps, want 50", n)
		}
		if n := w.calls(dingtalktest.GetSuiteToken, "0"); n != 1 {
			t.Errorf("asked %d times for the suite token, want once however many ask", n)
		}
	})
}

// TestFiftyCorpsAtOnceAreActiveWithinASecond has every call answered after 100 ms.
// The time is virtual: it is what the calls take, one after another, and what
// corps wait for each other.
func TestFiftyCorpsAtOnceAreActiveWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.latency = 100 * time.Millisecond })
		w.ticket()
		for i := range 50 {
			w.authorize(fmt.Sprintf("ding%02d", i), 1)
		}
		w.settle(999 * time.Millisecond)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 50})
		activations := w.platform.Activations()
		if len(activations) != 50 {
			t.Errorf("DingTalk activated %d corps, want 50", len(activations))
		}
		for _, a := range activations {
			if a.Took < 200*time.Millisecond || a.Took >= time.Second {
				t.Errorf("%s was activated after %v, want two calls or more and less than 1 s", a.Corp, a.Took)
			}
		}
	})
}

func TestSeveralCodesForOneAuthorizationMakeOneActive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.authorize("ding01", 3)
		w.settle(10 * time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts()
	})
}

// TestLaterCodeOfSameAuthorizationIsHarmless has a second code arrive when the
// first has been exchanged: DingTalk refuses it with 40078, and since the
// stored permanent code works, nothing is wrong.
func TestLaterCodeOfSameAuthorizationIsHarmless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.authorize("ding01", 1)
		w.settle(time.Second)
		for i := range 2 {
			w.receive(fmt.Sprintf(`{"EventType":"tmp_auth_code","SuiteKey":%q,"AuthCorpId":"ding01","AuthCode":"late%d","TimeStamp":%d}`,
				testSuite, i, time.Now().UnixMilli()))
			w.settle(time.Second)
		}
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts()
		if n := w.calls(dingtalktest.GetPermanentCode, "40078"); n != 2 {
			t.Errorf("DingTalk refused %d codes with 40078, want 2", n)
		}
	})
}

func TestSamePushAtOnceIsOneEventAndOneExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		before := w.report().Events
		w.must(w.platform.Authorize(testSuite, dingtalktest.Authorization{CorpID: "ding01"}))
		synctest.Wait()
		push := w.platform.Pushes()
		text := string(push[len(push)-1].Message)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { w.receive(text) })
		}
		wg.Wait()
		w.settle(time.Second)
		if n := w.report().Events - before; n != 1 {
			t.Errorf("101 equal pushes made %d events, want 1", n)
		}
		if n := w.calls(dingtalktest.GetPermanentCode, "0") + w.calls(dingtalktest.GetPermanentCode, "40078"); n != 1 {
			t.Errorf("101 equal pushes made %d exchanges, want 1", n)
		}
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
	})
}

func TestBurntCodeIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.Dropped, Done: true}))
		w.authorize("ding01", 1)
		w.settle(5 * time.Second)
		if n := w.calls(dingtalktest.ReauthCorp, "0"); n != 1 {
			t.Errorf("asked for a new code %d times, want once", n)
		}
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts()
	})
}

func TestBurntCodeWithoutAppIDNeedsAPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.appID = 0 })
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.Dropped, Done: true}))
		w.authorize("ding01", 1)
		w.settle(time.Hour)
		w.wantCounts(map[suite.Status]int{suite.StatusFailed: 1})
		w.wantAlerts(suite.AlertCodeBurnt)

		w.must(w.platform.Relieve(testSuite, "ding01"))
		w.settle(time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusRelieved: 1})
		w.authorize("ding01", 1)
		w.settle(time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts()
	})
}

func TestReauthIsAskedWithLongPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: 40078, Times: dingtalktest.Always}))
		w.authorize("ding01", 1)
		w.settle(5 * time.Minute)
		for _, step := range []struct {
			after time.Duration
			asked int
		}{{0, 1}, {10 * time.Minute, 2}, {time.Hour, 3}, {6 * time.Hour, 4}, {24 * time.Hour, 5}} {
			w.settle(step.after)
			w.ticket()
			if n := w.calls(dingtalktest.ReauthCorp, "0"); n != step.asked {
				t.Errorf("asked for a new code %d times after %v more, want %d", n, step.after, step.asked)
			}
			w.wantAlerts(suite.AlertCodeBurnt)
		}
	})
}

func TestWorkWaitsForATicket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.authorize("ding01", 1)
		w.settle(time.Hour)
		w.wantCounts(map[suite.Status]int{suite.StatusPending: 1})
		w.wantAlerts(suite.AlertTicketMissing)
		if n := len(w.platform.Calls()); n != 0 {
			t.Errorf("made %d calls without a ticket, want none", n)
		}
		w.ticket()
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts()
	})
}

// TestTicketThatComesDuringACallIsUsed has DingTalk refuse a ticket that was
// replaced while the call was on its way.
func TestTicketThatComesDuringACallIsUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.GetSuiteToken, dingtalktest.Fault{Delay: 200 * time.Millisecond}))
		w.authorize("ding01", 1)
		w.settle(100 * time.Millisecond)
		w.must(w.platform.PushTicket(testSuite))
		w.settle(300 * time.Millisecond)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		if n := w.calls(dingtalktest.GetSuiteToken, "40085"); n != 1 {
			t.Errorf("DingTalk refused %d tickets, want the one that was replaced", n)
		}
	})
}

func TestSuiteWideFaultsHoldWorkBackUntilCured(t *testing.T) {
	for _, tt := range []struct {
		code  int
		msg   string
		alert suite.AlertCode
	}{
		{40085, "suite_ticket不存在", suite.AlertTicketRejected},
		{60020, "访问ip不在白名单之中,request ip=203.0.113.9", suite.AlertAddressNotWhitelisted},
		{40088, "不合法的suite_secret", suite.AlertSuiteSecretWrong},
		{40083, "不合法的suite_key", suite.AlertSuiteKeyWrong},
	} {
		t.Run(fmt.Sprint(tt.code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ticket()
				w.must(w.platform.Fault(dingtalktest.GetSuiteToken,
					dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: tt.code, Message: tt.msg, Times: dingtalktest.Always}))
				for i := range 20 {
					w.authorize(fmt.Sprintf("ding%02d", i), 1)
				}
				w.settle(time.Minute)
				w.wantCounts(map[suite.Status]int{suite.StatusPending: 20})
				w.wantAlerts(tt.alert)
				if n := len(w.platform.Calls()); n > 60 {
					t.Errorf("made %d calls in a minute while none can succeed, want a probe now and then", n)
				}
				w.platform.ClearFaults()
				w.settle(5 * time.Second)
				w.wantCounts(map[suite.Status]int{suite.StatusActive: 20})
				w.wantAlerts()
			})
		})
	}
}

func TestPassingFaultsAreRetried(t *testing.T) {
	for _, e := range []dingtalktest.Endpoint{dingtalktest.GetSuiteToken, dingtalktest.GetPermanentCode,
		dingtalktest.ActivateSuite, dingtalktest.GetAuthInfo, dingtalktest.CorpAccessToken, dingtalktest.AuthScopes} {
		for _, spoil := range []dingtalktest.Spoil{dingtalktest.Refused, dingtalktest.HalfJSON, dingtalktest.HTML,
			dingtalktest.Empty, dingtalktest.Dropped, dingtalktest.HTTPFail} {
			t.Run(string(e)+"/"+string(spoil), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					w.ticket()
					w.must(w.platform.Fault(e, dingtalktest.Fault{Spoil: spoil, Times: 4}))
					w.authorize("ding01", 1)
					w.settle(time.Minute)
					w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
					w.wantAlerts()
				})
			})
		}
	}
}

// TestOnlyCallsWhoseRepeatCanHelpAreRepeated has DingTalk refuse one call for a minute.
func TestOnlyCallsWhoseRepeatCanHelpAreRepeated(t *testing.T) {
	for errcode, helps := range map[int]bool{
		-1: true, 88: true, 40082: true, 41000: true,
		40078: false, 40079: false, 40084: false, 40091: false, 40102: false,
	} {
		for _, e := range []dingtalktest.Endpoint{dingtalktest.GetPermanentCode, dingtalktest.ActivateSuite, dingtalktest.GetAuthInfo} {
			t.Run(fmt.Sprintf("%d of %s", errcode, e), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, func(w *world) { w.appID = 0 }) // or a new code would be asked for
					w.ticket()
					w.refuseCalls(e, errcode)
					w.authorize("ding01", 1)
					w.settle(time.Minute)
					state, failed := w.exchangeOf("ding01").State, w.authorization("ding01").Status == suite.StatusFailed
					if n := w.calls(e, ""); (n > 1) != helps || n == 0 || failed == helps || (state == suite.ExchangeFailed) == helps {
						t.Errorf("the call was made %d times, the work is %s, failed: %t; want it repeated: %t", n, state, failed, helps)
					}
				})
			})
		}
	}
}

func TestOutageIsOneAlertForAllCorps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.HTTPFail, Times: dingtalktest.Always}))
		for i := range 10 {
			w.authorize(fmt.Sprintf("ding%02d", i), 1)
		}
		w.settle(time.Minute)
		w.wantAlerts(suite.AlertPlatformUnreachable)
		w.platform.ClearFaults()
		w.settle(2 * time.Minute)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 10})
		w.wantAlerts()
	})
}

func TestInvalidTokensAreRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.authorize("ding01", 1)
		w.settle(time.Second)
		w.must(w.platform.RevokeTokens(testSuite))
		w.authorize("ding02", 1)
		w.must(w.platform.ChangeAuth(testSuite, "ding01", dingtalktest.Scope{Departments: []int64{7}}))
		w.settle(time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 2})
		w.wantAlerts()
	})
}

func TestTokensOutliveARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.authorize("ding01", 1)
		w.settle(time.Second)
		w.restart()
		w.authorize("ding02", 1)
		w.settle(time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 2})
		if n := w.calls(dingtalktest.GetSuiteToken, "0"); n != 1 {
			t.Errorf("asked %d times for the suite token, want once", n)
		}
	})
}

// TestRefusedWorkIsTriedSlowlyThoughATokenIsHadForIt refuses everything but the
// token of the suite, by which it is found out whether its calls succeed again.
func TestRefusedWorkIsTriedSlowlyThoughATokenIsHadForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zap.WarnLevel)
		w := newWorld(t, func(w *world) { w.log = zap.New(core) })
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{
			Spoil: dingtalktest.Refused, Errcode: 60020, Message: "访问ip不在白名单之中,request ip=203.0.113.9", Times: dingtalktest.Always,
		}))
		w.authorize("ding01", 1)
		w.settle(15 * time.Minute)
		before := len(w.platform.Calls())
		w.settle(10 * time.Minute)
		if n := len(w.platform.Calls()) - before; n == 0 || n > 45 {
			t.Errorf("made %d calls in ten minutes while none can succeed for long, want two every 30 s or more", n)
		}
		if n := logs.FilterMessage("no call of this suite can succeed; its work waits").Len(); n != 1 {
			t.Errorf("the log says %d times that no call can succeed, want once", n)
		}
		w.platform.ClearFaults()
		w.settle(45 * time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts()
	})
}
