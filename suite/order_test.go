package suite_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// grantEvent is a SyncHTTP authorisation by ding01 with a code and a department.
func grantEvent(code string, department int64, at time.Time) string {
	return fmt.Sprintf(`{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[{"biz_type":4,"biz_id":"1","corp_id":"ding01","id":1,"gmt_modified":%d,"biz_data":`+
		`{"syncAction":"org_suite_auth","permanent_code":%q,"auth_corp_info":{"corpid":"ding01","corp_name":"c"},`+
		`"auth_info":{"agent":[{"agentid":1,"appid":2,"agent_name":"a"}]},"auth_scope":{"auth_org_scopes":{"authed_dept":[%d]}}}}]}`,
		at.UnixMilli(), code, department)
}

// appEvent is what ding01 does with one of its apps.
func appEvent(typ string, agent suite.Agent, at time.Time) string {
	return fmt.Sprintf(`{"EventType":%q,"SuiteKey":%q,"AuthCorpId":"ding01","AgentId":%d,"AppId":%d,"TimeStamp":%d}`,
		typ, testSuite, agent.AgentID, agent.AppID, at.UnixMilli())
}

func (w *world) wantGranted(code string, department int64) {
	w.Helper()
	got, err := w.keeper.StoredCode(w.ctx, testSuite, "ding01")
	w.must(err)
	scope := w.authorization("ding01").Scope
	if got != code || scope == nil || !slices.Equal(scope.Departments, []int64{department}) {
		w.Errorf("stored are the code %q and the scope %+v, want %q and department %d", got, scope, code, department)
	}
}

func TestOlderGrantNeverReplacesNewer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		now := time.Now()
		w.wantOutcome(grantEvent("newer", 2, now), suite.OutcomeApplied)
		w.wantOutcome(grantEvent("older", 1, now.Add(-time.Second)), suite.OutcomeStale)
		w.wantGranted("newer", 2)
		w.wantOutcome(grantEvent("newest", 3, now.Add(time.Second)), suite.OutcomeApplied)
		w.wantGranted("newest", 3)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
	})
}

// TestLateStopOfAnAppIsStale has a stop arrive after the restoring that followed it.
func TestLateStopOfAnAppIsStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.authorize("ding01", 1)
		w.settle(time.Second)
		app, now := w.authorization("ding01").Agents[0], time.Now()
		w.wantOutcome(appEvent("org_micro_app_stop", app, now), suite.OutcomeApplied)
		w.wantCounts(map[suite.Status]int{suite.StatusDisabled: 1})
		w.wantOutcome(appEvent("org_micro_app_restore", app, now.Add(2*time.Second)), suite.OutcomeApplied)
		w.wantOutcome(appEvent("org_micro_app_stop", app, now.Add(time.Second)), suite.OutcomeStale)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantOutcome(appEvent("org_micro_app_stop", app, now.Add(3*time.Second)), suite.OutcomeApplied)
		w.wantCounts(map[suite.Status]int{suite.StatusDisabled: 1})
	})
}

// TestRemovedAppDisables has an active corp remove the app: the authorisation
// stays, with its permanent code, and when the corp authorises anew it is active.
func TestRemovedAppDisables(t *testing.T) {
	for _, mode := range []dingtalktest.Mode{dingtalktest.HTTP, dingtalktest.SyncHTTP} {
		t.Run(string(mode), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(w *world) { w.mode = mode })
				w.ticket()
				w.authorize("ding00", 1)
				w.settle(time.Second)
				w.must(w.platform.RemoveApp(testSuite, "ding00", 0))
				w.settle(time.Minute)
				w.wantCounts(map[suite.Status]int{suite.StatusDisabled: 1})
				w.wantExchange("ding00", suite.ExchangeDone, "")
				w.wantSameCodes(1)
				w.wantAlerts()
				w.must(w.platform.Relieve(testSuite, "ding00"))
				w.authorize("ding00", 1)
				w.settle(time.Minute)
				w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
			})
		})
	}
}

// TestScopeOfASyncHTTPCorpIsKeptUpToDate changes it in both ways: by a row that
// has the new scope, and by one that only says that it changed.
func TestScopeOfASyncHTTPCorpIsKeptUpToDate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.mode = dingtalktest.SyncHTTP })
		w.ticket()
		w.authorize("ding01", 1)
		w.settle(time.Second)
		code, err := w.keeper.StoredCode(w.ctx, testSuite, "ding01")
		w.must(err)
		w.must(w.platform.ChangeAuth(testSuite, "ding01", dingtalktest.Scope{Departments: []int64{42}}))
		w.settle(time.Second)
		w.wantGranted(code, 42)
		if n := len(w.platform.Calls()); n != 0 {
			t.Errorf("made %d calls for a scope that the row has, want none", n)
		}
		w.must(w.platform.SetCallbackURL(testSuite, "http://isv.test/nowhere"))
		w.must(w.platform.ChangeAuth(testSuite, "ding01", dingtalktest.Scope{Departments: []int64{43}}))
		w.receive(fmt.Sprintf(`{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[{"biz_type":7,"biz_id":"2","corp_id":"ding01","id":2,"gmt_modified":%d,`+
			`"biz_data":{"syncAction":"org_micro_app_scope_update","agentId":1,"syncSeq":"1ABA5C52"}}]}`, time.Now().UnixMilli()))
		w.settle(time.Second)
		w.wantGranted(code, 43)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
	})
}

// TestTenMinutesOfAWrongClockAreTolerated gives tickets a time that is ahead of
// our clock, and stores some while our clock is ahead of the truth: up to ten
// minutes such a time orders tickets, from then on it counts for nothing.
func TestTenMinutesOfAWrongClockAreTolerated(t *testing.T) {
	for ahead, next := range map[time.Duration]suite.Outcome{
		9 * time.Minute: suite.OutcomeStale, 11 * time.Minute: suite.OutcomeApplied,
	} {
		for name, text := range map[string]func(time.Time) string{
			"theirs": func(now time.Time) string { return ticketEvent("early", now.Add(ahead)) },
			"ours":   func(time.Time) string { return `{"EventType":"suite_ticket","SuiteTicket":"stamped by our clock"}` },
		} {
			t.Run(fmt.Sprintf("%s by %v", name, ahead), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					push := suite.Push{Suite: testSuite, Text: []byte(text(time.Now()))}
					if name == "ours" {
						push.ReceivedAt = time.Now().Add(ahead)
					}
					_, err := w.keeper.Receive(w.ctx, push)
					w.must(err)
					time.Sleep(time.Second)
					w.wantOutcome(ticketEvent("good", time.Now()), next)
				})
			})
		}
	}
}

// TestSameTextForTwoSuitesIsTwoEvents pushes one text to both: each has its own
// fingerprints, and its own ticket.
func TestSameTextForTwoSuitesIsTwoEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		both := []suite.SuiteKey{testSuite, "suiteother"}
		w.configure(suite.Suite{Key: both[0], Secret: testSecret}, suite.Suite{Key: both[1], Secret: "other"})
		at := time.Now()
		text := fmt.Sprintf(`{"EventType":"suite_ticket","SuiteTicket":"t","TimeStamp":%d}`, at.UnixMilli())
		for repeats := range 2 {
			for _, key := range both {
				r, err := w.keeper.Receive(w.ctx, suite.Push{Suite: key, Text: []byte(text)})
				if err != nil || r.Duplicates != repeats || r.Events != 1 {
					t.Errorf("push %d to %s: %+v, %v, want %d duplicates", repeats+1, key, r, err, repeats)
				}
			}
		}
		for _, s := range w.report().Suites {
			if !s.Ticket.IssuedAt.Equal(at.Truncate(time.Millisecond)) {
				t.Errorf("the ticket of %s is %+v, want the one of %v", s.Key, s.Ticket, at)
			}
		}
		w.wantEvents(2)
	})
}
