package suite_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
)

func TestRejectionsKeepsTheLast200AndCountsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		if r := w.keeper.Rejections(); len(r.Rejections) != 0 || len(r.Counts) != 0 {
			t.Errorf("Rejections = %+v, want none", r)
		}
		began := time.Now()
		for i := range 250 {
			reason, key := suite.RejectSignature, suite.SuiteKey(testSuite)
			if i%5 == 0 {
				reason, key = suite.RejectCiphertext, "suiteunknown"
			}
			w.keeper.Reject(suite.Rejection{At: began.Add(time.Duration(i)), Suite: key, Reason: reason})
		}
		r := w.keeper.Rejections()
		if len(r.Rejections) != 200 || r.Counts[suite.RejectSignature] != 200 || r.Counts[suite.RejectCiphertext] != 50 {
			t.Fatalf("%d rejections, counts %v, want 200, and counts of all 250", len(r.Rejections), r.Counts)
		}
		for i, rej := range r.Rejections {
			if want := began.Add(time.Duration(249 - i)); !rej.At.Equal(want) {
				t.Fatalf("rejection %d is of %s, want %s: the newest first", i, rej.At, want)
			}
			if rej.Suite != testSuite && rej.Suite != "" {
				t.Errorf("rejection names suite %s, which is not configured", rej.Suite)
			}
		}
	})
}

// refused is a push for no suite that we know, or for the tested one.
func (w *world) refused(of suite.SuiteKey, times int, every time.Duration) {
	w.Helper()
	for i := range times {
		if i > 0 {
			w.settle(every)
		}
		w.keeper.Reject(suite.Rejection{At: time.Now(), Suite: of, RemoteAddr: "192.0.2.7", Reason: suite.RejectSignature})
	}
}

func TestRefusedPushesOfNoSuiteAreAlarmedAsLongAsTheyComeAgain(t *testing.T) {
	for _, tt := range []struct {
		name  string
		times int
		every time.Duration
		lasts time.Duration // after the last
	}{
		{"a stray one", 1, 0, 5 * time.Minute},
		{"two", 2, 30 * time.Second, 5 * time.Minute},
		{"a stray one now and then", 8, 6 * time.Minute, 5 * time.Minute},
		{"as DingTalk pushes again", 3, 20 * time.Second, time.Hour},
		{"pushed on", 60, 4 * time.Minute, time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ticket()
				w.refused("", tt.times, tt.every)
				w.settle(tt.lasts)
				w.wantAlerts(suite.AlertPushesRejectedSignature)
				w.settle(time.Second)
				w.wantAlerts()
			})
		})
	}
}

func TestRefusedPushesOfNoSuiteAreOverOnceNoneIsMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		began := time.Now()
		w.refused("", 5, 10*time.Second)
		a := w.report().Alerts[0]
		if !a.Since.Equal(began) {
			t.Errorf("alert since %s, want %s: the first", a.Since, began)
		}
		if !strings.Contains(a.Cure.EN, "This alert ends by itself: 5 minutes after") || !strings.Contains(a.Cure.ZH, "此告警会自动消失") {
			t.Errorf("cure = %+v, want it to say when the alert ends", a.Cure)
		}
		w.settle(time.Second)
		w.ticket()
		w.settle(50 * time.Second)
		w.wantAlerts(suite.AlertPushesRejectedSignature) // another suite's may come again
		w.settle(9 * time.Second)
		w.wantAlerts()

		w.refused("", 5, 10*time.Second)
		w.settle(10 * time.Minute)
		w.wantAlerts(suite.AlertPushesRejectedSignature)
		if got, want := w.report().Alerts[0].Since, time.Now().Add(-10*time.Minute-40*time.Second); !got.Equal(want) {
			t.Errorf("alert since %s, want %s: what is over does not count", got, want)
		}
	})
}

// unknown is a push for a suite that is not configured.
func (w *world) unknown(key string) {
	w.keeper.Reject(suite.Rejection{At: time.Now(), RemoteAddr: "192.0.2.7", Reason: suite.RejectUnknown, Got: key})
}

const unknownSuite = "suited6db0pze8yao1b1y"

// TestPushesForASuiteThatIsNotConfiguredAreAlarmedAsLongAsTheyComeAgain has other
// suites' pushes come all the while, which say nothing about it.
func TestPushesForASuiteThatIsNotConfiguredAreAlarmedAsLongAsTheyComeAgain(t *testing.T) {
	for _, tt := range []struct {
		name  string
		times int
		every time.Duration
		lasts time.Duration // after the last
	}{
		{"a stray one", 1, 0, 5 * time.Minute},
		{"as DingTalk pushes again", 3, 20 * time.Second, time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ticket()
				var last time.Time
				for range tt.times {
					w.settle(tt.every)
					w.unknown(unknownSuite)
					last = time.Now()
					w.ticket()
				}
				w.settle(time.Until(last.Add(tt.lasts)))
				w.wantAlerts(suite.AlertSuiteUnknown)
				w.settle(time.Second)
				w.wantAlerts()
			})
		})
	}
}

func TestPushesForASuiteThatIsNotConfiguredNameItAndEndOnceItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		for i := range 1000 { // whoever tries keys
			w.unknown(fmt.Sprintf("suitetried%010d", i))
		}
		w.unknown(unknownSuite)
		w.wantAlerts(suite.AlertSuiteUnknown)
		a := w.report().Alerts[0]
		if a.Suite != "" || !strings.Contains(a.Message.EN, unknownSuite+" are refused") || !strings.Contains(a.Message.EN, "192.0.2.7") ||
			!strings.Contains(a.Cure.EN, "with "+unknownSuite+" as its key") || !strings.Contains(a.Cure.EN, "at once when the suite is configured") ||
			!strings.Contains(a.Cure.ZH, "此告警会自动消失") {
			t.Errorf("alert = %+v, want suite and address, how to configure it and when it ends", a)
		}
		if n := w.keeper.Rejections().Counts[suite.RejectUnknown]; n != 1001 {
			t.Errorf("%d refused pushes are counted, want 1001", n)
		}
		configured := []suite.Suite{{Key: testSuite, Secret: testSecret, AppID: testAppID}}
		w.must(w.keeper.SetSuites(w.ctx, append(configured, suite.Suite{Key: unknownSuite, Secret: "another"})))
		w.wantAlerts(suite.AlertTicketMissing) // that of the new suite
		w.must(w.keeper.SetSuites(w.ctx, configured))
		w.wantAlerts(suite.AlertSuiteUnknown)
	})
}

// TestWrongKeyInThePathIsCuredByTheFirstPushToTheRight has a suite's URL name
// another key, so that none of its pushes is taken.
func TestWrongKeyInThePathIsCuredByTheFirstPushToTheRight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.settle(time.Hour)
		for range 10 {
			w.unknown(unknownSuite)
			w.settle(30 * time.Second)
		}
		w.wantAlerts(suite.AlertSuiteUnknown)
		w.settle(time.Second)
		w.receive(`{"EventType":"check_update_suite_url","Random":"brdkKLMW"}`)
		w.wantAlerts()
	})
}

func TestKeysThatCanBeDingTalks(t *testing.T) {
	for key, want := range map[suite.SuiteKey]bool{
		"suited6db0pze8yao1b1y": true, "suite4xxxxxxxxxxxxxxx": true, testSuite: true,
		"": false, "suite": false, "suite123456789": false, "suite1234567890": true, "suite1234567890A": false, "suite1234567890/": false,
		"ding1234567890": false, suite.SuiteKey("suite" + strings.Repeat("1", 31)): false,
	} {
		if got := key.Plausible(); got != want {
			t.Errorf("%q is plausible: %v, want %v", key, got, want)
		}
	}
}

func TestOtherKeysEndWhatWasRefusedUnderTheFormer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.refused(testSuite, 5, time.Second)
		w.refused("", 5, time.Second)
		w.wantAlerts(suite.AlertPushesRejectedSignature, suite.AlertPushesRejectedSignature)
		w.settle(time.Second)
		w.keeper.KeysChanged([]suite.SuiteKey{"suiteother"})
		w.wantAlerts(suite.AlertPushesRejectedSignature)
		w.keeper.KeysChanged([]suite.SuiteKey{testSuite})
		w.wantAlerts()
		w.settle(time.Second)
		w.refused(testSuite, 1, 0)
		w.wantAlerts(suite.AlertPushesRejectedSignature)
	})
}
