package suite_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// lastingFaults are those whose end only a call can show.
var lastingFaults = []struct {
	name  string
	alert suite.AlertCode
	start func(*world)
	heal  func(*world)
}{
	{
		"60020", suite.AlertAddressNotWhitelisted,
		func(w *world) {
			w.must(w.platform.SetIPWhitelist(testSuite, netip.MustParsePrefix("198.51.100.0/24")))
		},
		func(w *world) { w.must(w.platform.SetIPWhitelist(testSuite)) },
	}, {
		"wrong secret", suite.AlertSuiteSecretWrong,
		func(w *world) { w.must(w.platform.SetSecret(testSuite, "another-secret")) },
		func(w *world) { w.must(w.platform.SetSecret(testSuite, testSecret)) },
	}, {
		"40085", suite.AlertTicketRejected,
		func(w *world) {
			w.must(w.platform.Fault(dingtalktest.GetSuiteToken,
				dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: 40085, Message: "suite_ticket不存在", Times: dingtalktest.Always}))
		},
		func(w *world) { w.platform.ClearFaults() },
	},
}

// TestLongFaultIsGonePromptlyForWhoeverLooks has faults last until DingTalk is
// asked seldom. Their cure must show in time both to somebody who has looked for a
// while and to somebody who looks only then.
func TestLongFaultIsGonePromptlyForWhoeverLooks(t *testing.T) {
	for _, f := range lastingFaults {
		for _, lasts := range []time.Duration{11 * time.Minute, 3 * time.Hour} {
			for _, watched := range []time.Duration{0, time.Minute} { // before the cure
				t.Run(f.name+" for "+lasts.String()+", watched for "+watched.String(), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := newWorld(t)
						w.ticket()
						f.start(w)
						w.authorize("ding00", 1)
						w.settle(lasts)
						for range watched / time.Second {
							w.wantAlerts(f.alert)
							w.settle(time.Second)
						}
						f.heal(w)
						for range tellTime / time.Second {
							w.report()
							w.settle(time.Second - time.Millisecond)
						}
						w.wantAlerts()
						w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
					})
				})
			}
		}
	}
}

// TestTicketCuresNothingElse has tickets come during faults that they do not cure:
// the alerts must not go and come again with each.
func TestTicketCuresNothingElse(t *testing.T) {
	for _, f := range lastingFaults {
		if f.alert == suite.AlertTicketRejected {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ticket()
				f.start(w)
				w.must(w.platform.Fault(dingtalktest.GetSuiteToken, dingtalktest.Fault{Delay: time.Second, Times: dingtalktest.Always}))
				w.authorize("ding00", 1)
				w.settle(2 * time.Second)
				for range 5 {
					w.must(w.platform.PushTicket(testSuite))
					for range 10 {
						w.settle(200 * time.Millisecond)
						w.wantAlerts(f.alert)
					}
				}
				w.platform.ClearFaults()
				f.heal(w)
				w.settle(tellTime)
				w.wantAlerts()
				w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
			})
		})
	}
}

// TestNobodyLooksAtALongFault counts the calls of an hour in which there is none
// to see that the fault is over, but a scrape every 15 seconds.
func TestNobodyLooksAtALongFault(t *testing.T) {
	for _, f := range lastingFaults {
		t.Run(f.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ticket()
				f.start(w)
				w.authorize("ding00", 1)
				w.settle(11 * time.Minute)
				scrapes := func(d time.Duration) (calls int) {
					before := len(w.platform.Calls())
					for range d / (15 * time.Second) {
						w.counted("suitekeeper_alerts", "code")
						w.settle(15 * time.Second)
					}
					return len(w.platform.Calls()) - before
				}
				if n := scrapes(time.Hour); n < 85 || n > 121 {
					t.Errorf("DingTalk was asked %d times in an hour, want every 30 to 40 s", n)
				}
				before := len(w.platform.Calls())
				for range 100 { // looks harder than any page does
					w.report()
					w.settle(100 * time.Millisecond)
				}
				if n := len(w.platform.Calls()) - before; n < 3 || n > 5 {
					t.Errorf("DingTalk was asked %d times in 10 s, want every 2.5 to 3.4 s while somebody looks", n)
				}
				w.settle(time.Minute)
				if n := scrapes(time.Hour); n < 85 || n > 121 {
					t.Errorf("DingTalk was asked %d times in the hour after, want every 30 to 40 s again", n)
				}
				if i := slices.IndexFunc(w.report().Alerts, func(a suite.Alert) bool { return a.Code == f.alert }); i < 0 {
					t.Errorf("alerts = %v, want %s", w.report().Alerts, f.alert)
				}
			})
		})
	}
}

// TestRetriesAreSoonForWhoeverLooks has calls of many corps fail in ways that may
// pass until their pauses are long.
func TestRetriesAreSoonForWhoeverLooks(t *testing.T) {
	for _, tt := range []struct {
		errcode int
		alert   suite.AlertCode
		corps   int
		restart bool
	}{
		{-1, suite.AlertPlatformUnreachable, 1, false},
		{-1, suite.AlertPlatformUnreachable, 20, true},
		{90002, suite.AlertThrottled, 20, false},
	} {
		t.Run(fmt.Sprintf("%+v", tt), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ticket()
				w.must(w.platform.Fault(dingtalktest.ActivateSuite,
					dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: tt.errcode, Times: dingtalktest.Always}))
				for i := range tt.corps {
					w.authorize(fmt.Sprintf("ding%02d", i), 1)
				}
				w.settle(6 * time.Minute)
				if tt.restart {
					w.restart()
				}
				w.wantAlerts(tt.alert)
				w.platform.ClearFaults()
				for range tellTime / time.Second {
					w.report()
					w.settle(time.Second - time.Millisecond)
				}
				w.wantAlerts()
				w.wantCounts(map[suite.Status]int{suite.StatusActive: tt.corps})
			})
		})
	}
}

// TestRetriesAreFewHoweverHardOneLooks counts the calls for corps whose failures do
// not pass, while somebody looks and while nobody does.
func TestRetriesAreFewHoweverHardOneLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.ActivateSuite,
			dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: -1, Times: dingtalktest.Always}))
		for i := range 20 {
			w.authorize(fmt.Sprintf("ding%02d", i), 1)
		}
		w.settle(6 * time.Minute)
		tries := func(d time.Duration, look bool) int {
			before := w.platform.Counts().Calls
			for range d / (100 * time.Millisecond) {
				if look {
					w.report()
				}
				w.settle(100 * time.Millisecond)
			}
			return w.platform.Counts().Calls - before
		}
		// Of 20 each is tried after 42 to 78 s, and of 8 after 2.5 to 3.4 s.
		if n := tries(5*time.Minute, false); n < 20*300/80 || n > 20*300/40 {
			t.Errorf("DingTalk was asked %d times in 5 minutes while nobody looked, want each corp every 42 to 78 s", n)
		}
		if n := tries(time.Minute, true); n < 8*60/4 || n > 30+8*60*10/25 {
			t.Errorf("DingTalk was asked %d times in a minute while somebody looked, want 8 corps every 2.5 to 3.4 s besides", n)
		}
	})
}
