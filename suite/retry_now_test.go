package suite_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// refuse has an endpoint refuse all calls from now on.
func (w *world) refuseCalls(e dingtalktest.Endpoint, errcode int) {
	w.Helper()
	w.must(w.platform.Fault(e, dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: errcode, Times: dingtalktest.Always}))
}

func (w *world) retry(corp suite.CorpID, want suite.RetryAction) {
	w.Helper()
	if got, err := w.keeper.Retry(w.ctx, ops, testSuite, corp); err != nil || got != want {
		w.Errorf("Retry of %s = %q, %v, want %q", corp, got, err, want)
	}
}

func (w *world) exchangeOf(corp suite.CorpID) suite.Exchange {
	w.Helper()
	a, err := w.keeper.Authorization(w.ctx, testSuite, corp)
	w.must(err)
	return a.Exchange
}

func TestRetryDoesNotWaitForTheNextAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.refuseCalls(dingtalktest.GetPermanentCode, -1)
		w.authorize("ding00", 1)
		w.settle(5 * time.Minute) // a code lives for ten
		for time.Until(w.exchangeOf("ding00").NextAttemptAt) < 20*time.Second {
			w.settle(time.Second)
		}
		w.platform.ClearFaults()
		w.settle(5 * time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusPending: 1})
		w.retry("ding00", suite.RetryExchange)
		w.settle(time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts()
		w.wantSameCodes(1)
	})
}

func TestRetryAsksForANewCodeWhereTheOldOneIsBurnt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.Dropped, Done: true}))
		w.refuseCalls(dingtalktest.ReauthCorp, 40079)
		w.authorize("ding01", 1)
		w.settle(time.Minute)
		w.wantCounts(map[suite.Status]int{suite.StatusFailed: 1})
		w.wantAlerts(suite.AlertNotAuthorized)
		w.platform.ClearFaults()
		w.settle(time.Hour)
		w.wantCounts(map[suite.Status]int{suite.StatusFailed: 1})
		w.retry("ding01", suite.RetryReauthorize)
		w.settle(time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts()
	})
}

func TestRetryThatHasNoPointSaysWhatToDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.appID = 0 })
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.Dropped, Done: true}))
		w.authorize("ding01", 1)
		w.settle(time.Second)
		w.authorize("ding02", 1)
		w.settle(time.Minute)
		w.must(w.platform.Relieve(testSuite, "ding02"))
		w.settle(time.Second)
		before := len(w.platform.Calls())
		for corp, want := range map[suite.CorpID]string{"ding01": "without app_id", "ding02": "withdrawn"} {
			_, err := w.keeper.Retry(w.ctx, ops, testSuite, corp)
			var told *suite.ProblemError
			if !errors.Is(err, suite.ErrNothingToRetry) || !errors.As(err, &told) || !strings.Contains(err.Error(), want) {
				t.Fatalf("Retry of %s = %v, want ErrNothingToRetry with %q", corp, err, want)
			}
			if message, cure := told.Explain(); !strings.Contains(message.ZH, string(corp)) || !strings.Contains(cure.EN, "set app_id") {
				t.Errorf("Retry of %s says %+v with the cure %+v, want the corp, and what to do", corp, message, cure)
			}
		}
		for _, of := range []struct {
			suite suite.SuiteKey
			corp  suite.CorpID
			want  error
		}{{testSuite, "ding03", suite.ErrNotFound}, {"suiteother", "ding01", suite.ErrUnknownSuite}} {
			if _, err := w.keeper.Retry(w.ctx, ops, of.suite, of.corp); !errors.Is(err, of.want) {
				t.Errorf("Retry of %s for %s = %v, want %v", of.corp, of.suite, err, of.want)
			}
		}
		w.settle(time.Minute)
		if n := len(w.platform.Calls()) - before; n != 0 {
			t.Errorf("%d calls were made, want none", n)
		}
	})
}

func TestRetryOfAnActiveCorpActivatesAndRefreshes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.authorize("ding01", 1)
		w.settle(time.Second)
		w.retry("ding01", suite.RetryActivate)
		w.settle(time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		for _, e := range []dingtalktest.Endpoint{dingtalktest.ActivateSuite, dingtalktest.AuthScopes} {
			if n := w.calls(e, "0"); n != 2 {
				t.Errorf("%s was called %d times, want 2", e, n)
			}
		}
		if n := w.calls(dingtalktest.GetPermanentCode, "0"); n != 1 {
			t.Errorf("%d exchanges, want 1", n)
		}
	})
}

func TestRetryBehindAClosedGateIsHeldAndAsksWhetherItIsStillClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.refuseCalls(dingtalktest.GetSuiteToken, 60020)
		w.authorize("ding01", 1)
		w.settle(time.Hour) // by now DingTalk is asked seldom
		w.retry("ding01", suite.RetryExchange)
		w.settle(time.Second)
		if x := w.exchangeOf("ding01"); x.State != suite.ExchangeHeld || x.Failure == nil || x.Failure.Alert != suite.AlertAddressNotWhitelisted {
			t.Errorf("exchange = %+v, want held because of the whitelist", x)
		}
		if work := w.report().Work; work.Held != 1 || work.Running != 0 || work.Waiting != 0 {
			t.Errorf("work = %+v, want one held", work)
		}
		w.platform.ClearFaults()
		w.retry("ding01", suite.RetryExchange)
		w.settle(time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts()
	})
}

func TestRetriesAtOnceAreOneExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Delay: 3 * time.Second}))
		w.authorize("ding00", 1)
		w.settle(time.Second)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { w.retry("ding00", suite.RetryExchange) })
		}
		wg.Wait()
		w.settle(10 * time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		if n := w.calls(dingtalktest.GetPermanentCode, "0") + w.calls(dingtalktest.GetPermanentCode, "40078"); n != 1 {
			t.Errorf("%d exchanges, want 1", n)
		}
		w.wantSameCodes(1)
	})
}
