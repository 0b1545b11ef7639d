package suite_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
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
			{suite.EventQuery{Suite: "other"}, 0},
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

func TestAuthorizationsTellTheirExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.authorize("dingA", 1)
		w.settle(time.Second)
		get := func() suite.AuthorizationDetail {
			d, err := w.keeper.Authorization(w.ctx, testSuite, "dingA")
			w.must(err)
			return d
		}
		if x := get().Exchange; x.State != suite.ExchangeHeld || x.Failure == nil || x.Failure.Cure.ZH == "" {
			t.Errorf("without a ticket Exchange = %+v, want held, with its cure", x)
		}
		w.ticket()
		d := get()
		if d.Exchange.State != suite.ExchangeDone || d.Status != suite.StatusActive || len(d.History) == 0 || len(d.Agents) != 1 {
			t.Errorf("with a ticket Authorization = %+v, want active with its history", d)
		}
		if !strings.HasPrefix(d.PermanentCode, "•••") || len(d.PermanentCode) > len("•••")+4 {
			t.Errorf("PermanentCode = %q, want it masked", d.PermanentCode)
		}
		for search, want := range map[string]int{"DINGa": 1, "corp D": 1, "ing": 1, "inga": 1, "b": 0} {
			list, err := w.keeper.Authorizations(w.ctx, suite.AuthorizationQuery{Suite: testSuite, Search: search})
			w.must(err)
			if len(list.Authorizations) != want {
				t.Errorf("Search %q finds %d, want %d", search, len(list.Authorizations), want)
			}
		}
	})
}

func TestWaitEventsReturnsWhenOneComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		start := time.Now()
		go func() {
			time.Sleep(time.Second)
			w.receive(`{"EventType":"user_add_org","CorpId":"dingA"}`)
			time.Sleep(time.Second)
			w.receive(`{"EventType":"user_add_org","CorpId":"dingB"}`)
		}()
		list, err := w.keeper.WaitEvents(w.ctx, suite.EventQuery{Ascending: true, Corp: "dingB"}, time.Minute)
		w.must(err)
		if len(list.Events) != 1 || time.Since(start) != 2*time.Second {
			t.Errorf("WaitEvents = %+v after %v, want one event after 2 s", list, time.Since(start))
		}
		list, err = w.keeper.WaitEvents(w.ctx, suite.EventQuery{Ascending: true, After: list.Events[0].ID}, time.Minute)
		w.must(err)
		if len(list.Events) != 0 || time.Since(start) != 62*time.Second {
			t.Errorf("WaitEvents = %+v after %v, want none after a minute more", list, time.Since(start))
		}
	})
}
