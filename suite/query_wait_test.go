package suite_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/store"
	"suitekeeper/suite"
)

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

func TestWaitEventsEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, cancel := context.WithTimeout(w.ctx, time.Second)
		defer cancel()
		start := time.Now()
		_, err := w.keeper.WaitEvents(ctx, suite.EventQuery{Ascending: true}, time.Minute)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("WaitEvents = %v after %v, want the error of its context after a second", err, time.Since(start))
		}
		if _, err := w.keeper.WaitEvents(w.ctx, suite.EventQuery{}, time.Minute); !errors.Is(err, suite.ErrBadQuery) {
			t.Errorf("WaitEvents of the newest first = %v, want %v", err, suite.ErrBadQuery)
		}
	})
}

// A follower that waits again behind the last event that it was given sees all
// events, each once, however they come.
func TestFollowerMissesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		const events = 200
		var pusher sync.WaitGroup
		defer pusher.Wait() // an event is seen before its push is answered
		pusher.Go(func() {
			for i := range events {
				w.receive(fmt.Sprintf(`{"EventType":"user_add_org","n":%d}`, i))
				if i%7 == 0 {
					time.Sleep(3 * time.Millisecond)
				}
			}
		})
		q := suite.EventQuery{Ascending: true, Limit: 9}
		seen := map[suite.EventID]bool{}
		for len(seen) < events {
			list, err := w.keeper.WaitEvents(w.ctx, q, time.Minute)
			w.must(err)
			if len(list.Events) == 0 {
				t.Fatalf("waited a minute in vain after %d events", len(seen))
			}
			for _, e := range list.Events {
				if seen[e.ID] {
					t.Fatalf("event %s came twice", e.ID)
				}
				seen[e.ID], q.After = true, e.ID
			}
		}
	})
}

// viewCounter counts the views of a store.
type viewCounter struct {
	store.Engine
	views atomic.Int64
}

func (c *viewCounter) View(ctx context.Context, fn func(store.Reader) error) error {
	c.views.Add(1)
	return c.Engine.View(ctx, fn)
}

// Thousands may wait, each for another corp: an event is read by those that
// wait for it, and the others do not touch the store.
func TestWaitersReadTheStoreOnlyForWhatTheyWaitFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var engine *viewCounter
		w := newWorld(t, func(w *world) {
			w.wrap = func(e store.Engine) store.Engine {
				engine = &viewCounter{Engine: e}
				return engine
			}
		})
		const waiters = 3000
		ctx, cancel := context.WithCancel(w.ctx)
		var returned atomic.Int64
		var running sync.WaitGroup
		for i := range waiters {
			running.Go(func() {
				list, err := w.keeper.WaitEvents(ctx, suite.EventQuery{Ascending: true, Corp: suite.CorpID(fmt.Sprintf("ding%d", i))}, time.Hour)
				if err == nil && len(list.Events) == 1 {
					returned.Add(1)
				}
			})
		}
		synctest.Wait()
		before := engine.views.Load()
		for i := range 50 {
			w.receive(fmt.Sprintf(`{"EventType":"user_add_org","CorpId":"ding%d"}`, i%10))
		}
		w.settle(100 * time.Millisecond)
		if returned.Load() != 10 || engine.views.Load()-before > 20 {
			t.Errorf("%d waiters returned with %d views, want 10 with about as many", returned.Load(), engine.views.Load()-before)
		}
		cancel()
		running.Wait()
	})
}

func TestNobodyWaitsForASuiteThatIsNotConfigured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.receive(`{"EventType":"user_add_org","CorpId":"dingA"}`)
		list, err := w.keeper.Events(w.ctx, suite.EventQuery{})
		w.must(err)
		start := time.Now()
		_, err = w.keeper.WaitEvents(w.ctx, suite.EventQuery{Ascending: true, Suite: "suitetypo", After: list.Events[0].ID}, time.Minute)
		if !errors.Is(err, suite.ErrUnknownSuite) || time.Since(start) != 0 {
			t.Errorf("WaitEvents = %v after %v, want ErrUnknownSuite at once", err, time.Since(start))
		}
	})
}
