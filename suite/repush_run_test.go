package suite_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/store"
	"suitekeeper/suite"
)

// storeTickets stores tickets that an earlier version could not read, the
// oldest first.
func (w *world) storeTickets(n int) {
	w.Helper()
	at := time.Now()
	for i := range n {
		w.storeOdd(suite.SourceHTTP, at, fmt.Sprintf(`{"EventType":"suite_ticket","SuiteTicket":"t%d","TimeStamp":%d}`, i, at.UnixMilli()+int64(i)))
	}
}

func (w *world) outcomes() map[suite.Outcome]int {
	w.Helper()
	n := map[suite.Outcome]int{}
	for q := (suite.EventQuery{Limit: suite.MaxLimit}); ; {
		list, err := w.keeper.Events(w.ctx, q)
		w.must(err)
		for _, e := range list.Events {
			n[e.Outcome]++
		}
		if q.Cursor = list.Next; q.Cursor == "" {
			return n
		}
	}
}

func TestOneReplayAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.storeTickets(500)
		first, err := w.keeper.StartReplay(w.ctx, ops, suite.ReplayQuery{})
		w.must(err)
		if _, err := w.keeper.StartReplay(w.ctx, ops, suite.ReplayQuery{}); !errors.Is(err, suite.ErrReplayRuns) {
			t.Errorf("second StartReplay = %v, want ErrReplayRuns", err)
		}
		w.settle(time.Second)
		if r, err := w.keeper.Replay(first.ID); err != nil || !r.EndedAt.IsZero() || r.Total != 500 || r.Done == 0 || r.Done >= 500 {
			t.Errorf("replay = %+v, %v, want one that runs", r, err)
		}
		w.replayEvent(w.storeOdd(suite.SourceHTTP, time.Now(), pushed(1))) // a single event meanwhile
		w.settle(10 * time.Second)
		for range 25 {
			w.replayAll(suite.ReplayQuery{Type: "none"})
		}
		runs := w.keeper.Replays()
		if len(runs) != 20 {
			t.Fatalf("%d replays are remembered, want 20", len(runs))
		}
		for i, r := range runs {
			if r.EndedAt.IsZero() || r.Actor != ops.Name || (i > 0 && r.ID.String() > runs[i-1].ID.String()) {
				t.Errorf("replay %d = %+v, want one that ended, the newest first", i, r)
			}
		}
	})
}

func TestReplayEndsWithTheProcessAndCanBeStartedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.storeTickets(500)
		_, err := w.keeper.StartReplay(w.ctx, ops, suite.ReplayQuery{})
		w.must(err)
		w.settle(time.Second)
		keeper := w.keeper
		w.restart()
		if r := keeper.Replays()[0]; r.EndedAt.IsZero() || !strings.Contains(r.Error.String(), "stopped") || r.Changed == 0 || r.Changed >= 500 {
			t.Errorf("replay = %+v, want one that a stop ended half-way", r)
		}
		if n := w.outcomes(); n[suite.OutcomeApplied] == 0 || n[suite.OutcomeQuarantined] == 0 {
			t.Errorf("outcomes = %v, want some of both", n)
		}
		if runs := w.keeper.Replays(); len(runs) != 0 {
			t.Errorf("Replays after a restart = %+v, want none", runs)
		}
		w.replayAll(suite.ReplayQuery{})
		if n := w.outcomes(); n[suite.OutcomeApplied] != 500 {
			t.Errorf("outcomes = %v, want all applied", n)
		}
	})
}

func TestCrashDuringAReplayLosesNothing(t *testing.T) {
	for n := range int64(8) {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var cut *cutEngine
				w := newWorld(t, func(w *world) {
					w.wrap = func(e store.Engine) store.Engine {
						cut = &cutEngine{Engine: e}
						cut.left.Store(1 << 30)
						return cut
					}
				})
				w.ticket()
				w.storeOdd(suite.SourceHTTP, time.Now(), w.withheldCode("ding00"))
				cut.left.Store(n)
				r, err := w.keeper.StartReplay(w.ctx, ops, suite.ReplayQuery{})
				if (err != nil) != (n == 0) {
					t.Fatalf("StartReplay with %d updates left = %v", n, err)
				}
				w.settle(10 * time.Second)
				if r, _ = w.keeper.Replay(r.ID); n == 1 && r.Error == "" {
					t.Errorf("replay = %+v, want one that ended early", r)
				}
				w.wrap = func(e store.Engine) store.Engine { return e }
				w.restart()
				w.replayAll(suite.ReplayQuery{})
				w.settle(time.Minute)
				w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
				w.wantSameCodes(1)
				w.wantAlerts()
			})
		})
	}
}

func TestPushesGoOnDuringAReplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.storeTickets(300)
		const pushers, pushes = 4, 50
		_, err := w.keeper.StartReplay(w.ctx, ops, suite.ReplayQuery{})
		w.must(err)
		var wg sync.WaitGroup
		for p := range pushers {
			wg.Go(func() {
				for i := range pushes {
					w.receive(pushed(p*pushes + i))
					w.receive(pushed(p*pushes + i)) // a repeat is counted on the event
					time.Sleep(10 * time.Millisecond)
				}
			})
		}
		wg.Wait()
		w.settle(time.Minute)
		if r := w.keeper.Replays()[0]; r.Error != "" || r.Changed != 300 || r.Done != 300 {
			t.Errorf("replay = %+v, want the 300 events that were there when it began", r)
		}
		if n := w.outcomes(); n[suite.OutcomeApplied] != 300 || n[suite.OutcomeStored] != pushers*pushes {
			t.Errorf("outcomes = %v, want all tickets applied and all pushes stored", n)
		}
		list, err := w.keeper.Events(w.ctx, suite.EventQuery{Type: "org_update", Limit: suite.MaxLimit})
		w.must(err)
		for _, e := range list.Events {
			if e.Duplicates != 1 {
				t.Errorf("event %s has %d repeats, want 1", e.ID, e.Duplicates)
			}
		}
	})
}
