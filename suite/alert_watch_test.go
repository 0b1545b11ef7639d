package suite_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"suitekeeper/store"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// news is what was told of alerts and not looked at yet.
type news struct {
	mu   sync.Mutex
	list []suite.AlertNews
}

func (t *news) add(n suite.AlertNews) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.list = append(t.list, n)
}

// watch collects what is told of the alerts from now on.
func (w *world) watch(o suite.WatchOptions) *news {
	told := &news{}
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.keeper.WatchAlerts(ctx, o, told.add)
	}()
	w.Cleanup(func() {
		cancel()
		<-done
	})
	return told
}

// wantTold compares what was told with "+" or "-", the code, and how many corps,
// and returns it.
func (w *world) wantTold(told *news, want ...string) []suite.AlertNews {
	w.Helper()
	told.mu.Lock()
	defer told.mu.Unlock()
	list := told.list
	told.list = nil
	var got []string
	for _, n := range list {
		sign := "+"
		if n.Gone {
			sign = "-"
		}
		got = append(got, fmt.Sprintf("%s%s %d", sign, n.Alert.Code, n.Count))
	}
	if !slices.Equal(got, want) {
		w.Fatalf("told %q, want %q", got, want)
	}
	return list
}

func TestAlertsAreToldWhenTheyComeAndWhenTheyAreGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		told := w.watch(suite.WatchOptions{Every: 2 * time.Second, Linger: 30 * time.Second})
		w.settle(time.Hour)
		w.wantTold(told)

		w.must(w.platform.SetClock(testSuite, time.Hour))
		w.ticket()
		w.settle(2 * time.Second)
		if n := w.wantTold(told, "+clock_skew 1")[0]; n.Alert.Suite != testSuite || !strings.Contains(n.Alert.Cure.EN, "NTP") {
			t.Errorf("told %+v, want the suite and its cure", n)
		}
		w.settle(time.Hour)
		w.wantTold(told)

		w.must(w.platform.SetClock(testSuite, 0))
		w.ticket()
		w.settle(27 * time.Second)
		w.wantTold(told)
		w.settle(6 * time.Second)
		if n := w.wantTold(told, "-clock_skew 1")[0]; n.Lasted < time.Hour || n.Lasted > time.Hour+10*time.Second {
			t.Errorf("it lasted %v, want an hour: the time that it was away does not count", n.Lasted)
		}
	})
}

// TestAlertThatComesAndGoesIsToldOnce has one come and go ten times a minute.
func TestAlertThatComesAndGoesIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		told := w.watch(suite.WatchOptions{Every: 2 * time.Second, Linger: 30 * time.Second})
		for range 20 {
			w.must(w.platform.SetClock(testSuite, time.Hour))
			w.ticket()
			w.settle(2 * time.Second)
			w.must(w.platform.SetClock(testSuite, 0))
			w.ticket()
			w.settle(2 * time.Second)
		}
		w.wantTold(told, "+clock_skew 1")
		w.settle(time.Minute)
		w.wantTold(told, "-clock_skew 1")
	})
}

// TestAlertsOfManyCorpsAreToldOnce has corps fail for two reasons, some sooner and
// some later.
func TestAlertsOfManyCorpsAreToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.appID = 0 })
		w.ticket()
		told := w.watch(suite.WatchOptions{Every: 2 * time.Second})
		fail := func(errcode, from, n int) {
			w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: errcode, Times: dingtalktest.Always}))
			for i := range n {
				w.authorize(fmt.Sprintf("ding%04d", from+i), 1)
			}
			w.settle(10 * time.Second)
			w.platform.ClearFaults()
		}
		fail(40091, 0, 210)
		if n := w.wantTold(told, "+reauthorize_needed 200")[0]; n.Alert.Corp == "" || n.Failed < 200 || n.Failed > 210 {
			t.Errorf("told %+v, want one of the corps, and how many failed", n)
		}
		fail(40091, 210, 5)
		w.wantTold(told)
		for i := range 215 {
			w.must(w.platform.Relieve(testSuite, fmt.Sprintf("ding%04d", i)))
		}
		w.settle(10 * time.Second)
		w.wantTold(told, "-reauthorize_needed 200")
		fail(40078, 400, 2)
		fail(40091, 402, 1)
		w.wantTold(told, "+code_burnt 2", "+reauthorize_needed 1")
	})
}

// TestWatchingForTheLogIsNoLook has nobody look at a long fault but the log.
func TestWatchingForTheLogIsNoLook(t *testing.T) {
	for _, watched := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.ticket()
			lastingFaults[0].start(w)
			w.authorize("ding00", 1)
			told := w.watch(suite.WatchOptions{Every: 2 * time.Second, Watched: watched})
			w.settle(11 * time.Minute)
			before := len(w.platform.Calls())
			w.settle(time.Hour)
			if n := len(w.platform.Calls()) - before; (n > 121) != watched {
				t.Errorf("DingTalk was asked %d times in an hour; watched is %v", n, watched)
			}
			w.wantTold(told, "+address_not_whitelisted 1")
		})
	}
}

// unreadable is a store that cannot be read for a while.
type unreadable struct {
	store.Engine
	now atomic.Bool
}

func (u *unreadable) View(ctx context.Context, fn func(store.Reader) error) error {
	if u.now.Load() {
		return errors.New("a record is damaged")
	}
	return u.Engine.View(ctx, fn)
}

func TestAlertsThatCannotBeReadAreSaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var disk unreadable
		core, logs := observer.New(zap.ErrorLevel)
		w := newWorld(t, func(w *world) {
			w.log = zap.New(core)
			w.wrap = func(e store.Engine) store.Engine {
				disk.Engine = e
				return &disk
			}
		})
		told := w.watch(suite.WatchOptions{Every: 2 * time.Second})
		w.settle(3 * time.Second)
		w.wantTold(told, "+ticket_missing 1")
		for range 2 {
			disk.now.Store(true)
			w.settle(time.Minute)
			disk.now.Store(false)
			w.settle(time.Minute)
		}
		if n := logs.FilterMessageSnippet("the alerts cannot be read").Len(); n != 2 {
			t.Errorf("the log says %d times that they cannot be read, want 2: %v", n, logs.All())
		}
		w.wantTold(told)
	})
}
