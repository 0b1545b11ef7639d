package suite_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

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

// TestAlertsNameTheirCorp has a corp fail that was authorised before, in ways that
// write its failure down at different places, and one of which only the id is known.
func TestAlertsNameTheirCorp(t *testing.T) {
	refused := func(errcode int) dingtalktest.Fault {
		return dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: errcode, Times: dingtalktest.Always}
	}
	for name, tt := range map[string]struct {
		at      dingtalktest.Endpoint
		errcode int
		reauth  int // what asking for a new code is refused with; 0: it is not
		alert   suite.AlertCode
	}{
		"activation":         {dingtalktest.ActivateSuite, 40084, 0, suite.AlertPermanentCodeWrong},
		"what it authorised": {dingtalktest.GetAuthInfo, 40079, 0, suite.AlertNotAuthorized},
		"a new code":         {dingtalktest.ActivateSuite, 40084, 40079, suite.AlertNotAuthorized},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				core, logs := observer.New(zap.WarnLevel)
				w := newWorld(t, func(w *world) { w.log = zap.New(core) })
				w.ticket()
				w.must(w.platform.Fault(tt.at, refused(tt.errcode)))
				if tt.reauth != 0 {
					w.must(w.platform.Fault(dingtalktest.ReauthCorp, refused(tt.reauth)))
				}
				w.authorize("ding01", 1)
				w.settle(10 * time.Second)
				w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: 40091}))
				w.authorize("ding02", 1)
				w.settle(time.Minute)
				w.restart()
				w.wantAlerts(tt.alert, suite.AlertReauthorizeNeeded)
				for _, a := range w.report().Alerts {
					name, said := "corp ding01", "corp ding01 (ding01)"
					if a.Corp == "ding02" {
						name, said = "", "ding02"
					}
					if a.CorpName != name || !strings.Contains(a.Message.EN, "corp "+said+" ") || !strings.Contains(a.Message.ZH, "企业 "+said+" ") {
						t.Errorf("alert %s of %s names %q: %+v, want the name %q", a.Code, a.Corp, a.CorpName, a.Message, name)
					}
				}
				for _, line := range logs.FilterField(zap.String("alert", string(tt.alert))).All() {
					if got := line.ContextMap()["corp_name"]; got != "corp ding01" {
						t.Errorf("the log says %q of a corp with the name %v, want its name", line.Message, got)
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
