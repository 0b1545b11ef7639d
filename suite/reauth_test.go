package suite_test

import (
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// TestBurntCodeIsNoAlertWhileItIsCured burns a code: what is told of it, and
// when, depends on what comes of asking for a new one.
func TestBurntCodeIsNoAlertWhileItIsCured(t *testing.T) {
	type check struct {
		after  time.Duration
		alerts []suite.AlertCode
	}
	burnt := []suite.AlertCode{suite.AlertCodeBurnt}
	refused := func(errcode int) dingtalktest.Fault {
		return dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: errcode, Times: dingtalktest.Always}
	}
	for name, tt := range map[string]struct {
		prepare func(w *world)
		checks  []check
	}{
		"the new code comes": {
			func(w *world) {
				w.must(w.platform.Fault(dingtalktest.ReauthCorp, dingtalktest.Fault{Delay: 3 * time.Second}))
			},
			[]check{{2 * time.Second, nil}, {10 * time.Second, nil}},
		},
		"no new code comes": {
			func(w *world) { w.must(w.platform.SetCallbackURL(testSuite, "http://isv.test/nowhere")) },
			[]check{{30 * time.Second, nil}, {35 * time.Second, burnt}},
		},
		"asking fails": {
			func(w *world) { w.must(w.platform.Fault(dingtalktest.ReauthCorp, refused(-1))) },
			[]check{{5 * time.Second, burnt}},
		},
		"asking is refused": {
			func(w *world) { w.must(w.platform.Fault(dingtalktest.ReauthCorp, refused(40079))) },
			[]check{{time.Second, []suite.AlertCode{suite.AlertNotAuthorized}}},
		},
		"the new code is refused as well": {
			func(w *world) {
				w.must(w.platform.Fault(dingtalktest.GetPermanentCode, refused(40078)))
				w.must(w.platform.Fault(dingtalktest.ReauthCorp, dingtalktest.Fault{Delay: 100 * time.Millisecond}))
			},
			[]check{{time.Second, burnt}},
		},
		"no app id": {
			func(w *world) {
				w.appID = 0
				w.restart()
			},
			[]check{{time.Second, burnt}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ticket()
				w.must(w.platform.Fault(dingtalktest.GetPermanentCode,
					dingtalktest.Fault{Spoil: dingtalktest.Dropped, Done: true, Delay: 100 * time.Millisecond}))
				w.authorize("ding01", 1)
				synctest.Wait() // until the code has come
				tt.prepare(w)
				for _, c := range tt.checks {
					w.settle(c.after)
					w.wantAlerts(c.alerts...)
				}
			})
		})
	}
}

func TestNewCodeIsNotAskedForWithoutAnAppID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.Dropped, Done: true}))
		w.must(w.platform.Fault(dingtalktest.ReauthCorp, dingtalktest.Fault{Spoil: dingtalktest.Refused, Times: dingtalktest.Always}))
		w.authorize("ding01", 1)
		w.settle(time.Minute)
		w.appID = 0 // taken out of the configuration
		w.restart()
		calls := len(w.platform.Calls())
		w.settle(time.Hour)
		w.wantAlerts(suite.AlertCodeBurnt)
		if n := len(w.platform.Calls()) - calls; n != 0 {
			t.Errorf("made %d calls, want none", n)
		}
	})
}
