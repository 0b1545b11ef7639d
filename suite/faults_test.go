package suite_test

import (
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// tellTime is within which an alert must come after its fault shows, and go
// after the cure.
const tellTime = 5 * time.Second

const otherAESKey = "aWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"

// stagedFaults are the faults that operators meet most.
var stagedFaults = []struct {
	name   string
	change func(*world)
	stage  func(*world)
	alerts []suite.AlertCode // the first is the fault's
	cure   string            // part of it
	heal   func(*world)
}{
	{
		name: "no ticket", alerts: []suite.AlertCode{suite.AlertTicketMissing}, cure: "press re-push",
		stage: func(*world) {},
		heal:  func(w *world) { w.must(w.platform.PushTicket(testSuite)) },
	}, {
		name:   "ticket given up after 100 wrong answers",
		alerts: []suite.AlertCode{suite.AlertTicketGivenUp, suite.AlertAnswerNotAccepted}, cure: "First cure what made the answers wrong",
		stage: func(w *world) {
			w.ticket()
			w.must(w.platform.GiveUpTicket(testSuite))
			for !w.suite().GivenUp {
				w.settle(time.Second)
			}
		},
		heal: func(w *world) { w.must(w.platform.RePush(testSuite)) },
	}, {
		name: "ticket stale", alerts: []suite.AlertCode{suite.AlertTicketStale}, cure: "press re-push",
		stage: func(w *world) {
			w.ticket()
			w.must(w.platform.StopTickets(testSuite))
			w.settle(time.Until(w.report().Suites[0].Ticket.IssuedAt.Add(6 * time.Hour)))
		},
		heal: func(w *world) { w.must(w.platform.RePush(testSuite)) },
	}, {
		name: "40078 after an answer was lost", change: func(w *world) { w.appID = 0 },
		alerts: []suite.AlertCode{suite.AlertCodeBurnt}, cure: "set app_id",
		stage: func(w *world) {
			w.ticket()
			w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.Dropped, Done: true}))
			w.authorize("ding00", 1)
		},
		heal: func(w *world) {
			w.must(w.platform.Relieve(testSuite, "ding00"))
			w.settle(time.Second)
			w.authorize("ding00", 1)
		},
	}, {
		name: "40085", alerts: []suite.AlertCode{suite.AlertTicketRejected}, cure: "press re-push",
		stage: func(w *world) {
			w.ticket()
			w.must(w.platform.RefuseTicket(testSuite))
			w.authorize("ding00", 1)
		},
		heal: func(w *world) { w.must(w.platform.RePush(testSuite)) },
	}, {
		name: "60020", alerts: []suite.AlertCode{suite.AlertAddressNotWhitelisted}, cure: "to the server's outgoing IPs",
		stage: func(w *world) {
			w.ticket()
			w.must(w.platform.SetIPWhitelist(testSuite, netip.MustParsePrefix("198.51.100.0/24")))
			w.authorize("ding00", 1)
		},
		heal: func(w *world) { w.must(w.platform.SetIPWhitelist(testSuite)) },
	}, {
		name: "wrong suite secret", alerts: []suite.AlertCode{suite.AlertSuiteSecretWrong}, cure: "Copy the Client Secret",
		stage: func(w *world) {
			w.ticket()
			w.must(w.platform.SetSecret(testSuite, "another-secret"))
			w.authorize("ding00", 1)
		},
		heal: func(w *world) { w.must(w.platform.SetSecret(testSuite, testSecret)) },
	}, {
		name: "wrong AES key", alerts: []suite.AlertCode{suite.AlertPushesRejectedAESKey}, cure: "Copy the 43 characters",
		stage: func(w *world) {
			w.ticket()
			w.must(w.platform.SetAESKey(testSuite, otherAESKey))
			w.must(w.platform.PushTicket(testSuite))
		},
		heal: func(w *world) {
			w.must(w.platform.SetAESKey(testSuite, testAESKey))
			w.must(w.platform.RePush(testSuite))
		},
	}, {
		name: "wrong suite key", alerts: []suite.AlertCode{suite.AlertPushesRejectedSuiteKey}, cure: "Set key of the suite to suite4xxxxxxxxxxxxxxx until it is created",
		stage: func(w *world) {
			w.ticket()
			w.must(w.platform.SealForCreation(testSuite, true))
			w.must(w.platform.PushTicket(testSuite))
		},
		heal: func(w *world) {
			w.must(w.platform.SealForCreation(testSuite, false))
			w.must(w.platform.RePush(testSuite))
		},
	}, {
		name: "URL answer judged wrong", alerts: []suite.AlertCode{suite.AlertAnswerNotAccepted}, cure: "compare url_check_reply",
		stage: func(w *world) {
			w.ticket()
			w.must(w.platform.SpoilAnswers(testSuite, true))
			for range 3 {
				_, err := w.platform.CheckURL(w.ctx, testSuite, dingtalktest.CheckUpdateSuiteURL)
				w.must(err)
				w.settle(20 * time.Second)
			}
		},
		heal: func(w *world) {
			w.must(w.platform.SpoilAnswers(testSuite, false))
			w.must(w.platform.PushTicket(testSuite))
		},
	}, {
		name: "clock 1 hour off", alerts: []suite.AlertCode{suite.AlertClockSkew}, cure: "NTP",
		stage: func(w *world) {
			w.ticket()
			w.must(w.platform.SetClock(testSuite, time.Hour))
			w.must(w.platform.PushTicket(testSuite))
		},
		heal: func(w *world) {
			w.must(w.platform.SetClock(testSuite, 0))
			w.must(w.platform.PushTicket(testSuite))
		},
	}, {
		name: "disk almost full", alerts: []suite.AlertCode{suite.AlertDiskAlmostFull}, cure: "Make room",
		change: func(w *world) {
			var free atomic.Uint64
			free.Store(150 << 20)
			w.space = func() (uint64, uint64, error) { return free.Load(), 40 << 30, nil }
			w.freeSpace = free.Store
		},
		stage: func(w *world) { w.ticket() },
		heal:  func(w *world) { w.freeSpace(2 << 30) },
	}, {
		name: "disk full", alerts: []suite.AlertCode{suite.AlertDiskFull}, cure: "Make room",
		change: func(w *world) {
			var free atomic.Uint64
			free.Store(4 << 20)
			full := suite.FullReport{Since: time.Now(), Cause: "no space left on device"}
			w.space = func() (uint64, uint64, error) { return free.Load(), 40 << 30, nil }
			w.full = func() suite.FullReport { return full }
			w.freeSpace = func(n uint64) {
				free.Store(n)
				full = suite.FullReport{}
			}
		},
		stage: func(w *world) { w.ticket() },
		heal:  func(w *world) { w.freeSpace(2 << 30) },
	},
}

func TestEachFaultHasItsAlertAndCureInTime(t *testing.T) {
	for _, tt := range stagedFaults {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var change []func(*world)
				if tt.change != nil {
					change = append(change, tt.change)
				}
				w := newWorld(t, change...)
				tt.stage(w)
				w.settle(tellTime)
				w.wantAlerts(tt.alerts...)
				i := slices.IndexFunc(w.report().Alerts, func(a suite.Alert) bool { return a.Code == tt.alerts[0] })
				if i < 0 || !strings.Contains(w.report().Alerts[i].Cure.EN, tt.cure) {
					t.Fatalf("alerts = %+v, want %s with cure %q", w.report().Alerts, tt.alerts[0], tt.cure)
				}
				tt.heal(w)
				w.settle(tellTime)
				w.wantAlerts()
			})
		})
	}
}

// suite is how DingTalk sees the suite.
func (w *world) suite() dingtalktest.SuiteState {
	w.Helper()
	s, ok := w.platform.Suite(testSuite)
	if !ok {
		w.Fatal("the stand-in has no suite")
	}
	return s
}
