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

// cutEngine takes so many updates and then none, as if the process had died
// behind the last: what was committed stays, nothing follows.
type cutEngine struct {
	store.Engine
	left atomic.Int64
}

func (c *cutEngine) Update(ctx context.Context, fn func(store.Writer) error) error {
	if c.left.Add(-1) < 0 {
		return store.ErrFailed
	}
	return c.Engine.Update(ctx, fn)
}

// TestCrashBehindEveryCommitLosesNothing dies behind each commit of an
// authorisation in turn, DingTalk's answers included that fall between two of
// them, and starts again. In the end DingTalk and the store must agree on the
// permanent code, and nobody had to do anything.
func TestCrashBehindEveryCommitLosesNothing(t *testing.T) {
	const corps = 3
	var commits int64 = 1
	for n := int64(0); n <= commits; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var cut *cutEngine
				w := newWorld(t, func(w *world) {
					w.wrap = func(e store.Engine) store.Engine {
						cut = &cutEngine{Engine: e}
						cut.left.Store(n)
						return cut
					}
				})
				w.must(w.platform.PushTicket(testSuite))
				for i := range corps {
					w.authorize(fmt.Sprintf("ding%02d", i), 1)
				}
				w.settle(2 * time.Second)
				used := n - cut.left.Load()
				w.wrap = func(e store.Engine) store.Engine { return e }
				w.restart()
				w.settle(3 * time.Minute) // pushes that were refused come again after 10 s and 30 s
				w.wantCounts(map[suite.Status]int{suite.StatusActive: corps})
				w.wantAlerts()
				w.wantSameCodes(corps)
				commits = max(commits, used)
			})
		})
	}
	if commits < 10 {
		t.Errorf("the story has %d commits, which cannot be all", commits)
	}
}

// wantSameCodes compares the stored permanent codes with those of DingTalk.
func (w *world) wantSameCodes(corps int) {
	w.Helper()
	for i := range corps {
		id := fmt.Sprintf("ding%02d", i)
		theirs, _ := w.platform.Corp(testSuite, id)
		ours, err := w.keeper.StoredCode(w.ctx, testSuite, suite.CorpID(id))
		w.must(err)
		if ours == "" || ours != theirs.PermanentCode || theirs.ActivatedAt.IsZero() {
			w.Errorf("%s: stored code %q, DingTalk's is %q, activated %v", id, ours, theirs.PermanentCode, theirs.ActivatedAt)
		}
	}
}

// TestLostAnswerSpendsTheOtherCodesToo loses the answer to the exchange of one
// of two codes: DingTalk then calls both spent. That says nothing against a new
// code, so it is asked for soon, though it is not the first time.
func TestLostAnswerSpendsTheOtherCodesToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		lost := dingtalktest.Fault{Spoil: dingtalktest.Dropped, Done: true}
		for _, fault := range []dingtalktest.Fault{lost, {Spoil: dingtalktest.Intact}, lost} { // code, its retry, the new code
			w.must(w.platform.Fault(dingtalktest.GetPermanentCode, fault))
		}
		w.authorize("ding00", 1)
		for w.calls(dingtalktest.ReauthCorp, "0") == 0 {
			w.settle(10 * time.Millisecond)
		}
		// The answer to the new code is lost as well, and an older code comes late.
		w.receive(codeEvent("another", "ding00", time.Now().Add(-time.Second)))
		w.settle(100 * time.Millisecond)
		w.receive(codeEvent("latest to come", "ding00", time.Now().Add(-2*time.Second)))
		w.settle(time.Minute)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts()
	})
}

func TestStopLetsAnExchangeEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.appID = 0 }) // so that a lost answer would show
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Delay: 2 * time.Second}))
		w.authorize("ding00", 1)
		w.settle(time.Second)
		w.restart()
		w.settle(time.Minute)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantSameCodes(1)
		w.wantAlerts()
	})
}
