package suite_test

import (
	"errors"
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

func TestTextThatIsNoJSONIsOneAlert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.refuse("hello")
		w.wantAlerts(suite.AlertPushesRejectedNotJSON)
		w.receive(`{"EventType":"suite_ticket","SuiteTicket":7}`)
		w.refuse("hello again")
		w.wantAlerts(suite.AlertPushesRejectedNotJSON, suite.AlertEventsQuarantined)
		w.restart()
		w.wantAlerts(suite.AlertEventsQuarantined)
	})
}

// refuse hands the keeper a text that is no JSON and says that the push was
// refused, as the handler does.
func (w *world) refuse(text string) {
	w.Helper()
	time.Sleep(time.Second) // after what was accepted
	_, err := w.keeper.Receive(w.ctx, suite.Push{Suite: testSuite, Text: []byte(text)})
	if !errors.Is(err, suite.ErrNotJSON) {
		w.Errorf("Receive(%q) = %v, want ErrNotJSON", text, err)
	}
	w.keeper.Reject(suite.Rejection{At: time.Now(), Suite: testSuite, Reason: suite.RejectNotJSON})
}

func TestQuarantineIsToldReadably(t *testing.T) {
	for text, want := range map[string]string{
		`{"NoType":1}`: ", without a type: EventType is missing.",
		`{"EventType":"suite_ticket","SuiteTicket":7}`: " of type suite_ticket: SuiteTicket is no string.",
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.ticket()
			w.receive(text)
			w.wantAlerts(suite.AlertEventsQuarantined)
			for _, a := range w.report().Alerts {
				if !strings.HasSuffix(a.Message.EN, want) {
					t.Errorf("message for %s = %q, want it to end in %q", text, a.Message.EN, want)
				}
			}
		})
	}
}
