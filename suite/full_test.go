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

// fullEngine takes so many updates, and then none but urgent ones, until there
// is room again.
type fullEngine struct {
	store.Engine
	left      atomic.Int64
	noReserve bool // takes no urgent ones either
	refused   atomic.Int64
}

func (e *fullEngine) Update(ctx context.Context, fn func(store.Writer) error) error {
	if e.left.Add(-1) < 0 && (e.noReserve || !store.IsUrgent(ctx)) {
		e.refused.Add(1)
		return store.ErrFull
	}
	return e.Engine.Update(ctx, fn)
}

func (e *fullEngine) free() { e.left.Store(1 << 40) }

// TestDiskThatIsFullBehindEveryCommitLosesNothing fills the disk behind each
// commit of an authorisation in turn, also where the reserve is used up. Nothing
// is begun then that could not be ended, so that in the end, and without a
// restart, every code was exchanged just once.
func TestDiskThatIsFullBehindEveryCommitLosesNothing(t *testing.T) {
	for _, noReserve := range []bool{false, true} {
		n, refused := int64(0), int64(1)
		for ; refused > 0; n++ {
			t.Run(fmt.Sprintf("reserve used up %t, %d", noReserve, n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { refused = fillDiskBehind(t, n, noReserve) })
			})
		}
		if n < 10 {
			t.Errorf("the story has %d commits, which cannot be all", n)
		}
	}
}

// fillDiskBehind returns how many updates were refused while the disk was full.
func fillDiskBehind(t *testing.T, n int64, noReserve bool) (refused int64) {
	const corps = 3
	var disk *fullEngine
	w := newWorld(t, func(w *world) {
		w.wrap = func(e store.Engine) store.Engine {
			disk = &fullEngine{Engine: e, noReserve: noReserve}
			disk.left.Store(n)
			return disk
		}
	})
	w.must(w.platform.PushTicket(testSuite))
	for i := range corps {
		w.authorize(fmt.Sprintf("ding%02d", i), 1)
	}
	w.settle(20 * time.Second)
	if refused = disk.refused.Load(); refused > 1000 {
		t.Errorf("%d updates were tried on a full disk in 20 s, want them to wait", refused)
	}
	disk.free()
	w.settle(25 * time.Second) // pushes that were refused come again after 10 s and 30 s
	w.wantCounts(map[suite.Status]int{suite.StatusActive: corps})
	w.wantAlerts()
	w.wantSameCodes(corps)
	if got := w.calls(dingtalktest.GetPermanentCode, "0"); got != corps {
		t.Errorf("%d codes were exchanged, want %d: each just once", got, corps)
	}
	return refused
}
