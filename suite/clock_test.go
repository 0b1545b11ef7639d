package suite_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
)

// signed receives a push whose timestamp is that far from our clock.
func (w *world) signed(skew time.Duration) {
	w.Helper()
	_, err := w.keeper.Receive(w.ctx, suite.Push{Suite: testSuite, Text: []byte(`{"EventType":"check_url"}`), SignedAt: time.Now().Add(skew)})
	w.must(err)
}

func TestClockSkewIsToldSinceItIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		for _, skew := range []time.Duration{-time.Hour, time.Hour} {
			since := time.Now()
			w.signed(skew)
			w.settle(10 * time.Minute)
			w.signed(skew / 2)
			w.settle(time.Minute)
			w.wantAlerts(suite.AlertClockSkew)
			for _, a := range w.report().Alerts {
				if !a.Since.Equal(since) || !strings.Contains(a.Message.EN, "30 min") {
					t.Errorf("alert = %+v, want the skew of the newest push, since %v", a, since)
				}
			}
			w.signed(0)
			w.wantAlerts()
		}
	})
}

func TestClockSkewIsOverOnceTheClockIsSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.signed(time.Hour) // we are behind
		w.settle(time.Minute)
		w.keeper.SetClock(30 * time.Minute)
		w.wantAlerts(suite.AlertClockSkew)
		if a := w.report().Alerts[0]; !strings.Contains(a.Message.EN, "30 min") {
			t.Errorf("half way the alert says %q, want 30 min", a.Message.EN)
		}
		w.keeper.SetClock(time.Hour)
		w.wantAlerts()
		since := time.Now()
		w.signed(-time.Hour)
		w.wantAlerts(suite.AlertClockSkew)
		if a := w.report().Alerts[0]; !a.Since.Equal(since) {
			t.Errorf("the next alert is since %v, want %v", a.Since, since)
		}
	})
}
