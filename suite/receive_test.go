package suite_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

func ticketEvent(value string, at time.Time) string {
	return fmt.Sprintf(`{"EventType":"suite_ticket","SuiteKey":%q,"SuiteTicket":%q,"TimeStamp":%d}`, testSuite, value, at.UnixMilli())
}

func corpEvent(typ, corp string, at time.Time) string {
	return fmt.Sprintf(`{"EventType":%q,"SuiteKey":%q,"AuthCorpId":%q,"TimeStamp":"%d"}`, typ, testSuite, corp, at.UnixMilli())
}

func codeEvent(code, corp string, at time.Time) string {
	return fmt.Sprintf(`{"EventType":"tmp_auth_code","SuiteKey":%q,"AuthCode":%q,"AuthCorpId":%q,"TimeStamp":%d}`,
		testSuite, code, corp, at.UnixMilli())
}

func (w *world) wantOutcome(text string, want suite.Outcome) {
	w.Helper()
	if r := w.receive(text); r.Outcome != want {
		w.Errorf("Receive(%s) = %s, want %s", text, r.Outcome, want)
	}
}

func TestOlderTicketNeverReplacesNewer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		now := time.Now()
		w.wantOutcome(ticketEvent("newer", now), suite.OutcomeApplied)
		w.wantOutcome(ticketEvent("older", now.Add(-time.Second)), suite.OutcomeStale)
		w.wantOutcome(ticketEvent("newest", now.Add(time.Second)), suite.OutcomeApplied)
		if got := w.report().Suites[0].Ticket.IssuedAt; !got.Equal(now.Add(time.Second).Truncate(time.Millisecond)) {
			t.Errorf("the stored ticket is of %v, want the newest, of %v", got, now.Add(time.Second))
		}
	})
}

// TestStrangeTimesDoNotStayNewest pushes tickets whose own time is absent,
// unreadable or far ahead: they count as of their arrival, so the next good
// ticket replaces them.
func TestStrangeTimesDoNotStayNewest(t *testing.T) {
	for _, stamp := range []string{`,"TimeStamp":99999999999999`, `,"TimeStamp":"soon"`, `,"TimeStamp":-1`, `,"TimeStamp":123456`, ``, `,"TimeStamp":null`} {
		t.Run(stamp, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.wantOutcome(`{"EventType":"suite_ticket","SuiteTicket":"strange"`+stamp+`}`, suite.OutcomeApplied)
				time.Sleep(time.Second)
				w.wantOutcome(ticketEvent("good", time.Now()), suite.OutcomeApplied)
			})
		})
	}
}

// TestWrongClockStopsNothing stores a ticket while our clock is a day ahead:
// when the clock is right again, newer tickets are taken.
func TestWrongClockStopsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		_, err := w.keeper.Receive(w.ctx, suite.Push{Suite: testSuite, ReceivedAt: time.Now().Add(24 * time.Hour),
			Text: []byte(`{"EventType":"suite_ticket","SuiteTicket":"stamped by our wrong clock"}`)})
		w.must(err)
		w.wantOutcome(ticketEvent("good", time.Now()), suite.OutcomeApplied)
	})
}

func TestReplayedRelieveChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.authorize("ding01", 1)
		w.settle(time.Second)
		w.must(w.platform.Relieve(testSuite, "ding01"))
		w.settle(time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusRelieved: 1})
		pushes := w.platform.Pushes()
		relieve := string(pushes[len(pushes)-1].Message)
		w.authorize("ding01", 1)
		w.settle(time.Second)
		if r := w.receive(relieve); r.Duplicates != 1 {
			t.Errorf("the replayed relieve: %+v, want a duplicate", r)
		}
		old := corpEvent("suite_relieve", "ding01", time.Now().Add(-time.Minute)) // known to no fingerprint
		w.wantOutcome(old, suite.OutcomeStale)
		w.settle(time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
	})
}

func TestOldAuthorizationDoesNotUndoNewerRelieve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		now := time.Now()
		w.wantOutcome(corpEvent("suite_relieve", "ding01", now), suite.OutcomeApplied)
		w.wantOutcome(codeEvent("old", "ding01", now.Add(-time.Second)), suite.OutcomeStale)
		w.wantOutcome(corpEvent("change_auth", "ding01", now.Add(-time.Second)), suite.OutcomeStale)
		w.settle(time.Minute)
		w.wantCounts(map[suite.Status]int{suite.StatusRelieved: 1})
		if n := len(w.platform.Calls()); n != 0 {
			t.Errorf("made %d calls for a code that was withdrawn, want none", n)
		}
	})
}

func TestRelieveDuringExchangeWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Delay: 2 * time.Second}))
		w.authorize("ding01", 1)
		w.settle(time.Second)
		w.receive(corpEvent("suite_relieve", "ding01", time.Now()))
		w.settle(time.Minute)
		w.wantCounts(map[suite.Status]int{suite.StatusRelieved: 1})
		if n := w.calls(dingtalktest.ActivateSuite, "0"); n != 0 {
			t.Errorf("activated %d times after the corp withdrew, want never", n)
		}
	})
}

func TestStoppedAppsDisable(t *testing.T) {
	for _, mode := range []dingtalktest.Mode{dingtalktest.HTTP, dingtalktest.SyncHTTP} {
		t.Run(string(mode), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(w *world) { w.mode = mode })
				w.ticket()
				w.authorize("ding01", 1)
				w.settle(time.Second)
				w.must(w.platform.StopApp(testSuite, "ding01", 0))
				w.settle(time.Second)
				w.wantCounts(map[suite.Status]int{suite.StatusDisabled: 1})
				w.must(w.platform.RestoreApp(testSuite, "ding01", 0))
				w.settle(time.Second)
				w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
				w.must(w.platform.Relieve(testSuite, "ding01"))
				w.settle(time.Second)
				w.wantCounts(map[suite.Status]int{suite.StatusRelieved: 1})
				w.authorize("ding01", 1)
				w.settle(time.Second)
				w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
				w.wantAlerts()
			})
		})
	}
}

// TestStopBeforeActivationCounts lets a corp stop the app while its exchange
// is under way.
func TestStopBeforeActivationCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Delay: 2 * time.Second}))
		w.authorize("ding01", 1)
		w.settle(time.Second)
		w.must(w.platform.StopApp(testSuite, "ding01", 0))
		w.settle(5 * time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusDisabled: 1})
	})
}

func TestSyncHTTPNeedsNoExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.mode = dingtalktest.SyncHTTP })
		w.ticket()
		for i := range 5 {
			w.authorize(fmt.Sprintf("ding%02d", i), 1)
		}
		w.settle(time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 5})
		w.wantAlerts()
		if calls := w.platform.Calls(); len(calls) != 0 {
			t.Errorf("made calls %v, want none", calls)
		}
	})
}

func TestOddPushesAreQuarantinedAndAcknowledged(t *testing.T) {
	for _, text := range []string{
		`{"EventType":"suite_ticket","EventType":"suite_relieve","SuiteTicket":"x"}`,
		`{"EventType":"suite_ticket","SuiteKey":"suiteother","SuiteTicket":"x"}`,
		`{"EventType":"suite_ticket"}`,
		`{"EventType":"tmp_auth_code","AuthCorpId":"ding01"}`,
		`{"EventType":"suite_relieve","TimeStamp":1}`,
		`{"NoType":1}`,
		`{"EventType":7}`,
		`{"EventType":"SYNC_HTTP_PUSH_HIGH"}`,
		`{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[{"biz_type":4,"biz_data":"{broken"}]}`,
	} {
		t.Run(text, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				r := w.receive(text)
				if r.Outcome != suite.OutcomeQuarantined || r.Reply != "success" {
					t.Errorf("Receive = %+v, want quarantined and success", r)
				}
				w.wantCounts(nil)
				w.wantAlerts(suite.AlertTicketMissing, suite.AlertEventsQuarantined)
				if w.receive(text).Duplicates != 1 {
					t.Error("its repeat is no duplicate")
				}
			})
		})
	}
}

func TestTextThatIsNoJSONIsKeptButRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for _, text := range []string{"hello", "", "[1]", `"x"`, `{"EventType":"x"} trailing`} {
			_, err := w.keeper.Receive(w.ctx, suite.Push{Suite: testSuite, Text: []byte(text)})
			if !errors.Is(err, suite.ErrNotJSON) {
				t.Errorf("Receive(%q) = %v, want ErrNotJSON", text, err)
			}
		}
		if n := w.report().Events; n != 5 {
			t.Errorf("%d events are kept, want 5", n)
		}
	})
}

func TestBrokenRowLeavesItsNeighboursAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		r := w.receive(`{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[
			{"biz_type":2,"biz_id":"1","corp_id":"dingisv","id":1,"gmt_modified":` + fmt.Sprint(time.Now().UnixMilli()) + `,"biz_data":"{\"syncAction\":\"suite_ticket\",\"suiteTicket\":\"t1\"}"},
			7,
			{"biz_type":4,"biz_id":"2","corp_id":"ding01","id":2,"biz_data":"{\"syncAction\":\"org_suite_auth\",\"permanent_code\":\"p\",\"auth_corp_info\":{\"corpid\":\"ding01\",\"corp_name\":\"c\"},\"auth_info\":{\"agent\":[{\"agentid\":1,\"appid\":2,\"agent_name\":\"a\"}]}}"}]}`)
		if r.Events != 3 || r.Outcome != suite.OutcomeQuarantined {
			t.Errorf("Receive = %+v, want 3 events, one quarantined", r)
		}
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantAlerts(suite.AlertEventsQuarantined)
	})
}

func TestUnknownEventsAreStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.wantOutcome(`{"EventType":"something_new_2030","x":{"y":[1,2]}}`, suite.OutcomeStored)
	})
}

func TestURLChecksAreAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for _, typ := range []string{"check_create_suite_url", "check_update_suite_url"} {
			push, err := w.platform.CheckURL(w.ctx, testSuite, typ)
			w.must(err)
			wantOK := typ == "check_update_suite_url" // while it is made, the suite has another key
			if push.OK != wantOK {
				t.Errorf("CheckURL(%s): %+v, want OK %t", typ, push, wantOK)
			}
		}
		w.wantOutcome(`{"EventType":"check_url"}`, suite.OutcomeStored)
	})
}

func TestCodeThatNeverCameIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.receive(corpEvent("change_auth", "ding77", time.Now()))
		w.wantCounts(map[suite.Status]int{suite.StatusPending: 1})
		w.settle(time.Minute)
		w.wantCounts(map[suite.Status]int{suite.StatusFailed: 1})
		if !slices.ContainsFunc(w.platform.Calls(), func(c dingtalktest.Call) bool { return c.Endpoint == dingtalktest.ReauthCorp }) {
			t.Error("did not ask for a new code")
		}
	})
}

func TestRefusedPushesAreToldUntilOneIsAccepted(t *testing.T) {
	for reason, alert := range map[suite.RejectReason]suite.AlertCode{
		suite.RejectSignature:  suite.AlertPushesRejectedSignature,
		suite.RejectCiphertext: suite.AlertPushesRejectedAESKey,
		suite.RejectSuiteKey:   suite.AlertPushesRejectedSuiteKey,
		suite.RejectNotJSON:    suite.AlertPushesRejectedNotJSON,
		suite.RejectSource:     suite.AlertPushesRejectedSource,
	} {
		t.Run(string(reason), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ticket()
				time.Sleep(time.Second)
				w.keeper.Reject(suite.Rejection{At: time.Now(), Suite: testSuite, RemoteAddr: "192.0.2.1", Reason: reason})
				w.wantAlerts(alert)
				time.Sleep(time.Second)
				w.receive(`{"EventType":"check_url"}`)
				w.wantAlerts()
			})
		})
	}
}

func TestUnknownSuiteIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		_, err := w.keeper.Receive(w.ctx, suite.Push{Suite: "suiteother", Text: []byte(`{}`)})
		if !errors.Is(err, suite.ErrUnknownSuite) {
			t.Errorf("Receive for an unknown suite = %v, want ErrUnknownSuite", err)
		}
	})
}
