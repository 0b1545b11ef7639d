package suite_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// pages follows a list of events to its end.
func (w *world) pages(q suite.EventQuery) (all []suite.Event) {
	w.Helper()
	for {
		list, err := w.keeper.Events(w.ctx, q)
		w.must(err)
		all = append(all, list.Events...)
		if list.Next == "" {
			return all
		}
		q.Cursor = list.Next
	}
}

func TestEventsFiltersAndPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for i := range 20 {
			w.receive(fmt.Sprintf(`{"EventType":"user_add_org","CorpId":"ding%d","n":%d}`, i%4, i))
			time.Sleep(time.Second)
		}
		w.receive(`{"EventType":"suite_relieve"}`)
		for _, test := range []struct {
			q    suite.EventQuery
			want int
		}{
			{suite.EventQuery{}, 21},
			{suite.EventQuery{Corp: "ding1", Limit: 2}, 5},
			{suite.EventQuery{Corp: "ding1", Limit: 2, Ascending: true}, 5},
			{suite.EventQuery{Type: "user_add_org", Limit: 7}, 20},
			{suite.EventQuery{Outcome: suite.OutcomeQuarantined}, 1},
			{suite.EventQuery{Since: time.Now().Add(-10 * time.Second)}, 11},
			{suite.EventQuery{Until: time.Now().Add(-10 * time.Second)}, 10},
		} {
			got := w.pages(test.q)
			if len(got) != test.want {
				t.Errorf("Events(%+v) has %d events, want %d", test.q, len(got), test.want)
			}
			for i := 1; i < len(got); i++ {
				if got[i-1].ReceivedAt.Before(got[i].ReceivedAt) != test.q.Ascending {
					t.Errorf("Events(%+v) is not in order", test.q)
					break
				}
			}
		}
	})
}

func TestQueriesThatCannotBeAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.receive(`{"EventType":"check_url"}`)
		w.receive(`{"EventType":"check_url","n":1}`)
		list, err := w.keeper.Events(w.ctx, suite.EventQuery{Limit: 1})
		w.must(err)
		for _, q := range []suite.EventQuery{
			{Limit: -1}, {Limit: 501}, {Outcome: "good"}, {Cursor: "!"}, {Cursor: "AAAA"},
			{Cursor: list.Next[:len(list.Next)-2]}, {Cursor: list.Next, Ascending: true}, {After: list.Events[0].ID},
		} {
			if _, err := w.keeper.Events(w.ctx, q); !errors.Is(err, suite.ErrBadQuery) {
				t.Errorf("Events(%+v) = %v, want %v", q, err, suite.ErrBadQuery)
			}
		}
		for _, q := range []suite.AuthorizationQuery{{}, {Suite: testSuite, Status: "good"}, {Suite: testSuite, Limit: 501}, {Suite: testSuite, Cursor: list.Next}} {
			if _, err := w.keeper.Authorizations(w.ctx, q); !errors.Is(err, suite.ErrBadQuery) {
				t.Errorf("Authorizations(%+v) = %v, want %v", q, err, suite.ErrBadQuery)
			}
		}
		if _, err := w.keeper.Events(w.ctx, suite.EventQuery{Suite: "other"}); !errors.Is(err, suite.ErrUnknownSuite) {
			t.Errorf("Events(other suite) = %v, want %v", err, suite.ErrUnknownSuite)
		}
		if _, err := w.keeper.Authorizations(w.ctx, suite.AuthorizationQuery{Suite: "other"}); !errors.Is(err, suite.ErrUnknownSuite) {
			t.Errorf("Authorizations(other suite) = %v, want %v", err, suite.ErrUnknownSuite)
		}
		if _, err := w.keeper.Authorization(w.ctx, testSuite, "ding0"); !errors.Is(err, suite.ErrNotFound) {
			t.Errorf("Authorization(unknown corp) = %v, want %v", err, suite.ErrNotFound)
		}
		if _, err := w.keeper.Event(w.ctx, suite.EventID{}); !errors.Is(err, suite.ErrNotFound) {
			t.Errorf("Event(unknown) = %v, want %v", err, suite.ErrNotFound)
		}
	})
}

func (w *world) authorization(corp suite.CorpID) suite.AuthorizationDetail {
	w.Helper()
	d, err := w.keeper.Authorization(w.ctx, testSuite, corp)
	w.must(err)
	return d
}

// wantExchange compares what is left to do for a corp, and whether its failure
// is explained.
func (w *world) wantExchange(corp suite.CorpID, state suite.ExchangeState, alert suite.AlertCode) suite.Exchange {
	w.Helper()
	x := w.authorization(corp).Exchange
	var got suite.AlertCode
	if x.Failure != nil {
		got = x.Failure.Alert
		if x.Failure.Message.EN == "" || x.Failure.Cure.ZH == "" {
			w.Errorf("the failure of %s is not explained: %+v", corp, x.Failure)
		}
	}
	if x.State != state || got != alert {
		w.Errorf("Exchange of %s = %s with alert %q, want %s with %q", corp, x.State, got, state, alert)
	}
	return x
}

func TestAuthorizationsTellTheirExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.authorize("dingA", 1)
		w.settle(time.Second)
		w.wantExchange("dingA", suite.ExchangeHeld, suite.AlertTicketMissing)
		w.ticket()
		w.wantExchange("dingA", suite.ExchangeDone, "")
		d := w.authorization("dingA")
		if d.Status != suite.StatusActive || len(d.History) == 0 || len(d.Agents) != 1 {
			t.Errorf("Authorization = %+v, want active with its history and app", d)
		}
		if !strings.HasPrefix(d.PermanentCode, "•••") || len(d.PermanentCode) > len("•••")+4 {
			t.Errorf("PermanentCode = %q, want it masked", d.PermanentCode)
		}
	})
}

func TestExchangesThatWaitOrFailSayWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.appID = 0 })
		w.ticket()
		w.receive(`{"EventType":"change_auth","AuthCorpId":"dingNever"}`)
		synctest.Wait()
		x := w.wantExchange("dingNever", suite.ExchangeWaiting, "")
		if until := time.Until(x.NextAttemptAt); until <= 0 || until > time.Minute {
			t.Errorf("the next attempt is in %v, want in half a minute", until)
		}
		w.settle(time.Minute)
		w.wantExchange("dingNever", suite.ExchangeFailed, suite.AlertCodeMissing)

		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Delay: 3 * time.Second, Spoil: dingtalktest.Refused, Errcode: -1, Times: dingtalktest.Always}))
		w.authorize("dingSlow", 1)
		w.settle(time.Second)
		w.wantExchange("dingSlow", suite.ExchangeRunning, "")
		w.settle(2*time.Second + 100*time.Millisecond)
		if x := w.wantExchange("dingSlow", suite.ExchangeWaiting, suite.AlertPlatformUnreachable); x.Attempts != 1 || x.Failure.PlatformCode != "-1" {
			t.Errorf("Exchange = %+v, want one attempt that was answered -1", x)
		}
	})
}
