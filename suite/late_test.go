package suite_test

import (
	"context"
	"fmt"
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
	if err := e.Engine.Update(context.WithoutCancel(ctx), fn); err != nil {
		return err
	}
	<-ctx.Done()
	return fmt.Errorf("wait for the commit: %w", ctx.Err())
}

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
		late.late.Store(true)
		ctx, cancel := context.WithTimeout(w.ctx, time.Second)
		defer cancel()
		if _, err := w.keeper.Receive(ctx, suite.Push{Suite: testSuite, Text: []byte(text)}); err == nil {
			t.Error("Receive = nil, want the error of its context")
		}
		late.late.Store(false)
		w.settle(2 * time.Minute)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
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
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.appID = 0 })
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.Dropped, Done: true}))
		w.authorize("ding01", 1)
		w.settle(time.Minute)
		w.wantAlerts(suite.AlertCodeBurnt)
		w.appID = testAppID
		w.restart()
		w.settle(5 * time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts()
	})
}
