package suite_test

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"suitekeeper/suite"
)

func TestReportCountsPushesByTheMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		want := make([]int, 60)
		check := func() {
			t.Helper()
			if got := w.report().Suites[0].PushesPerMinute; !slices.Equal(got, want) {
				t.Errorf("pushes per minute = %v, want %v", got, want)
			}
		}
		check()
		n := 0
		push := func(times int) {
			for range times {
				n++
				w.receive(pushed(n))
			}
			want[59] += times
		}
		pass := func(minutes int) {
			w.settle(time.Duration(minutes) * time.Minute)
			want = append(want[min(minutes, 60):], make([]int, min(minutes, 60))...)
		}
		push(2)
		check()
		pass(1)
		push(3)
		check()
		pass(58)
		check() // the first two are the oldest minute now
		pass(1)
		check()
		push(1)
		pass(59)
		check()
		pass(24 * 60)
		check()
		push(4)
		_, err := w.keeper.Receive(w.ctx, suite.Push{Suite: testSuite, Text: []byte("no JSON")})
		if !errors.Is(err, suite.ErrNotJSON) {
			t.Fatalf("Receive = %v, want ErrNotJSON", err)
		}
		check() // what is refused does not count
	})
}

func TestReportTellsWhenTheNextTicketIsExpected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		if got := w.report().Suites[0].Ticket; !got.NextExpectedAt.IsZero() {
			t.Errorf("without a ticket the next is expected at %s, want no time", got.NextExpectedAt)
		}
		w.ticket()
		if got := w.report().Suites[0].Ticket; !got.NextExpectedAt.Equal(got.IssuedAt.Add(5 * time.Hour)) {
			t.Errorf("ticket = %+v, want the next expected after 5 h", got)
		}
	})
}

func TestDiskIsToldWhileItsRoomIsKnown(t *testing.T) {
	const mega = 1 << 20
	for _, tt := range []struct {
		free, total uint64 // in MB
		alert       bool
	}{
		{0, 0, false}, {199, 1000, true}, {201, 1000, false}, {1999, 100_000, true}, {2001, 100_000, false}, {0, 500, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, func(w *world) {
				w.space = func() (uint64, uint64, error) { return tt.free * mega, tt.total * mega, nil }
			})
			w.ticket()
			if got, want := w.report().Disk, (suite.DiskReport{FreeBytes: tt.free * mega, TotalBytes: tt.total * mega}); got != want {
				t.Errorf("disk = %+v, want %+v", got, want)
			}
			if tt.alert {
				w.wantAlerts(suite.AlertDiskAlmostFull)
			} else {
				w.wantAlerts()
			}
		})
	}
}

func TestDiskSaysSinceWhenItIsAlmostFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var free atomic.Uint64
		free.Store(10 << 30)
		w := newWorld(t, func(w *world) {
			w.space = func() (uint64, uint64, error) { return free.Load(), 40 << 30, nil }
		})
		w.ticket()
		w.settle(time.Hour)
		for range 2 { // the second time is another beginning
			began := time.Now()
			free.Store(100 << 20)
			w.settle(3 * time.Hour) // in which nobody looks
			w.ticket()
			for range 2 {
				w.wantAlerts(suite.AlertDiskAlmostFull)
				if since := w.report().Alerts[0].Since; since.Before(began) || since.After(began.Add(time.Minute)) {
					t.Errorf("almost full since %s, want %s or the minute after", since, began)
				}
				w.settle(10 * time.Minute)
			}
			free.Store(10 << 30)
			w.wantAlerts()
			w.settle(time.Hour)
		}
	})
}

func TestDiskThatCannotBeReadIsLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zap.WarnLevel)
		failure := errors.New("no such device")
		w := newWorld(t, func(w *world) {
			w.log, w.space = zap.New(core), func() (uint64, uint64, error) { return 1, 2, failure }
		})
		w.ticket()
		for range 3 {
			if got := w.report().Disk; got != (suite.DiskReport{}) {
				t.Errorf("disk = %+v, want nothing", got)
			}
		}
		w.wantAlerts()
		if n := logs.Len(); n != 1 {
			t.Errorf("%d lines were logged, want 1", n)
		}
	})
}
