package suite_test

import (
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

func TestFailureOfWorkIsLoggedWithItsAlertAndCure(t *testing.T) {
	for _, tt := range []struct {
		endpoint dingtalktest.Endpoint
		errcode  int
		text     string
		alert    suite.AlertCode
	}{
		{dingtalktest.GetSuiteToken, 60020, "no call of this suite can succeed; its work waits", suite.AlertAddressNotWhitelisted},
		{dingtalktest.GetPermanentCode, 40091, "authorisation failed", suite.AlertReauthorizeNeeded},
		{dingtalktest.ActivateSuite, -1, "a call keeps failing; trying again with growing pauses", suite.AlertPlatformUnreachable},
	} {
		t.Run(string(tt.alert), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				core, logs := observer.New(zap.WarnLevel)
				w := newWorld(t, func(w *world) { w.log = zap.New(core) })
				w.ticket()
				w.must(w.platform.Fault(tt.endpoint, dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: tt.errcode, Times: dingtalktest.Always}))
				w.authorize("ding01", 1)
				w.settle(time.Minute)
				lines := logs.FilterMessage(tt.text).All()
				if len(lines) != 1 {
					t.Fatalf("log has %d lines %q, want 1: %v", len(lines), tt.text, logs.All())
				}
				got := lines[0].ContextMap()
				for _, a := range w.report().Alerts {
					if a.Code == tt.alert && got["alert"] == string(a.Code) && got["cure"] == a.Cure.EN {
						return
					}
				}
				t.Errorf("line = %v, want alert %s with its cure, as in %+v", got, tt.alert, w.report().Alerts)
			})
		})
	}
}
