package suite_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

func TestRefusalIsExplainedWhereItsCodeIsKnown(t *testing.T) {
	for _, tt := range []struct {
		code   int
		en, zh string // parts of the cure
	}{
		{40082, "is not valid. suitekeeper gets a new token", "无效。suitekeeper 会自动获取新的凭证"},
		{12345, "Look code 12345 up", "查询错误码 12345"},
	} {
		t.Run(fmt.Sprint(tt.code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ticket()
				w.must(w.platform.Fault(dingtalktest.ActivateSuite,
					dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: tt.code, Times: dingtalktest.Always}))
				w.authorize("ding01", 1)
				w.settle(time.Minute)
				w.wantAlerts(suite.AlertPlatformRefused)
				for _, a := range w.report().Alerts {
					if !strings.Contains(a.Cure.EN, tt.en) || !strings.Contains(a.Cure.ZH, tt.zh) {
						t.Errorf("cure of a refusal with %d = %+v, want %q and %q in it", tt.code, a.Cure, tt.en, tt.zh)
					}
				}
			})
		})
	}
}
