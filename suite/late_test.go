package suite_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/store"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// lateEngine commits, but answers late or has no room, when told to: as a slow
// disk does.
type lateEngine struct {
	store.Engine
	late atomic.Bool  // commit, and answer when the caller has given up
	undo atomic.Bool  // the same, but the commit does not happen
	busy atomic.Int32 // so many updates find no room
}

func (e *lateEngine) Update(ctx context.Context, fn func(store.Writer) error) error {
	if e.busy.Load() > 0 {
		e.busy.Add(-1)
		return store.ErrBusy
	}
	if !e.late.Load() {
		return e.Engine.Update(ctx, fn)
	}
	err := e.Engine.Update(context.WithoutCancel(ctx), func(w store.Writer) error {
		if err := fn(w); err != nil || !e.undo.Load() {
			return err
		}
		return errUndone
	})
	if err != nil && !errors.Is(err, errUndone) {
		return err
	}
	<-ctx.Done()
	return fmt.Errorf("wait for the commit: %w", ctx.Err())
}

var errUndone = errors.New("undone")

func newLateWorld(t *testing.T) (*world, *lateEngine) {
	var late *lateEngine
	w := newWorld(t, func(w *world) {
		w.wrap = func(e store.Engine) store.Engine {
			late = &lateEngine{Engine: e}
			return late
		}
	})
	return w, late
}

// TestPushThatIsCommittedTooLateIsWorkedOn answers 503 to a push whose commit
// happens all the same: its repeat is a duplicate, and the work must be done.
func TestPushThatIsCommittedTooLateIsWorkedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, late := newLateWorld(t)
		w.ticket()
		late.late.Store(true)
		w.authorize("ding01", 1)
		w.settle(2 * time.Second)
		late.late.Store(false)
		w.settle(15 * time.Second) // the repeat comes after 10 s
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts()
	})
}

// TestWorkNobodyWasWokenForIsFound is the same without a repeat.
func TestWorkNobodyWasWokenForIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, late := newLateWorld(t)
		w.ticket()
		text := w.withheldCode("ding01")
		late.receiveLate(w, text)
		w.settle(2 * time.Minute)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
	})
}

// receiveLate hands over a push that is committed when its time has run out.
func (e *lateEngine) receiveLate(w *world, text string) {
	w.Helper()
	e.late.Store(true)
	defer e.late.Store(false)
	ctx, cancel := context.WithTimeout(w.ctx, time.Second)
	defer cancel()
	if _, err := w.keeper.Receive(ctx, suite.Push{Suite: testSuite, Text: []byte(text)}); err == nil {
		w.Error("Receive = nil, want the error of its context")
	}
}

// TestLateCommitsAreCounted counts events whose pushes were refused, with and
// without a repeat, and one that was not stored until its repeat came.
func TestLateCommitsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, late := newLateWorld(t)
		w.ticket()
		before, odd := w.report().Events, `{"EventType":"suite_ticket"}`
		late.receiveLate(w, odd)
		late.receiveLate(w, `{"EventType":"x","TimeStamp":1}`)
		w.receive(odd)
		late.undo.Store(true)
		late.receiveLate(w, `{"EventType":"x","TimeStamp":2}`)
		w.receive(`{"EventType":"x","TimeStamp":2}`)
		w.settle(4 * time.Minute)
		w.wantEvents(before + 3)
		want := map[string]int{"applied": before, "quarantined": 1, "stored": 2}
		if got := w.counted("suitekeeper_events_total", "outcome"); !maps.Equal(got, want) {
			t.Errorf("events by outcome = %v, want %v", got, want)
		}
		w.wantAlerts(suite.AlertEventsQuarantined, suite.AlertStoreSlow)
		w.settle(2 * time.Minute)
		w.wantAlerts(suite.AlertEventsQuarantined)
		w.restart()
		w.wantEvents(before + 3)
		w.wantAlerts(suite.AlertEventsQuarantined)
	})
}

func TestFullQueueDoesNotCostThePermanentCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, late := newLateWorld(t)
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Delay: 100 * time.Millisecond}))
		w.authorize("ding01", 1)
		w.settle(50 * time.Millisecond)
		late.busy.Store(5)
		w.settle(time.Minute)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		if n := w.calls(dingtalktest.GetPermanentCode, "40078"); n != 0 {
			t.Errorf("the code was exchanged %d times more, want never", n)
		}
	})
}

// TestLateRefusalOfAnOldActivationChangesNothing has the corp withdraw and
// authorise again while activate_suite is on its way.
func TestLateRefusalOfAnOldActivationChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.ActivateSuite, dingtalktest.Fault{Delay: 500 * time.Millisecond}))
		w.authorize("ding01", 1)
		w.settle(100 * time.Millisecond)
		w.must(w.platform.Relieve(testSuite, "ding01"))
		w.authorize("ding01", 1)
		w.settle(10 * time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts()
		w.settle(24 * time.Hour)
		if n := w.calls(dingtalktest.ReauthCorp, "0"); n != 0 {
			t.Errorf("asked for a new code %d times while the corp was active, want never", n)
		}
	})
}

func TestFailedDoesNotBecomeActiveByAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.authorize("ding01", 1)
		w.settle(time.Second)
		w.must(w.platform.Fault(dingtalktest.GetAuthInfo, dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: 40079}))
		w.must(w.platform.ChangeAuth(testSuite, "ding01", dingtalktest.Scope{Departments: []int64{3}}))
		w.settle(time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusFailed: 1})
		w.must(w.platform.Fault(dingtalktest.GetAuthInfo, dingtalktest.Fault{Spoil: dingtalktest.Dropped, Times: dingtalktest.Always}))
		w.must(w.platform.ChangeAuth(testSuite, "ding01", dingtalktest.Scope{Departments: []int64{4}}))
		w.settle(time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusFailed: 1})
	})
}

func TestAppIDConfiguredAfterTheFailureIsUsed(t *testing.T) {
	for how, configure := range map[string]func(*world){
		"restart": func(w *world) {
			w.appID = testAppID
			w.restart()
		},
		"reload": func(w *world) { w.configure(suite.Suite{Key: testSuite, Secret: testSecret, AppID: testAppID}) },
	} {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(w *world) { w.appID = 0 })
				w.ticket()
				w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.Dropped, Done: true}))
				w.authorize("ding01", 1)
				w.settle(time.Minute)
				w.wantAlerts(suite.AlertCodeBurnt)
				configure(w)
				w.settle(5 * time.Second)
				w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
				w.wantAlerts()
			})
		})
	}
}
