package suite_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/store"
	"suitekeeper/store/storetest"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// replayAll processes the events again that a query is about, and waits for it.
func (w *world) replayAll(q suite.ReplayQuery) suite.Replay {
	w.Helper()
	r, err := w.keeper.StartReplay(w.ctx, ops, q)
	w.must(err)
	for r.EndedAt.IsZero() {
		w.settle(100 * time.Millisecond)
		r, err = w.keeper.Replay(r.ID)
		w.must(err)
	}
	if r.Error != "" {
		w.Errorf("replay ended early: %s", r.Error)
	}
	return r
}

func (w *world) replayEvent(id suite.EventID) suite.Replay {
	w.Helper()
	r, err := w.keeper.ReplayEvent(w.ctx, ops, id)
	w.must(err)
	w.settle(time.Second)
	return r
}

// storeOdd stores an event that an earlier version could not read.
func (w *world) storeOdd(source suite.Source, at time.Time, payload string) suite.EventID {
	w.Helper()
	id, err := w.keeper.StoreOdd(w.ctx, testSuite, source, at, payload)
	w.must(err)
	return id
}

func (w *world) wantEventOutcome(id suite.EventID, want suite.Outcome) suite.Event {
	w.Helper()
	e, err := w.keeper.Event(w.ctx, id)
	w.must(err)
	if e.Outcome != want {
		w.Errorf("event %s of type %q is %s (%s), want %s", id, e.Type, e.Outcome, e.Reason, want)
	}
	return e.Event
}

func TestReplayOfWhatWasAppliedChangesNothing(t *testing.T) {
	for _, mode := range []dingtalktest.Mode{dingtalktest.HTTP, dingtalktest.SyncHTTP} {
		t.Run(string(mode), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(w *world) { w.mode, w.wrap = mode, storetest.Twice })
				w.ticket()
				for _, corp := range []string{"ding00", "ding01", "ding02"} {
					w.authorize(corp, 1)
				}
				w.settle(time.Second)
				w.must(w.platform.ChangeAuth(testSuite, "ding00", dingtalktest.Scope{Departments: []int64{42}}))
				w.must(w.platform.StopApp(testSuite, "ding00", 0))
				w.settle(time.Second)
				w.must(w.platform.RestoreApp(testSuite, "ding00", 0))
				w.must(w.platform.Relieve(testSuite, "ding01"))
				w.must(w.platform.Relieve(testSuite, "ding02"))
				w.settle(time.Second)
				w.authorize("ding01", 1)
				w.ticket()
				w.receive(`{"EventType":"suite_ticket"}`)
				w.settle(2 * time.Minute) // the tally is saved
				before, calls := w.dump(), len(w.platform.Calls())

				r := w.replayAll(suite.ReplayQuery{})
				if want := w.report().Events; r.Total != want || r.Done != want || r.Changed != 0 || r.Retried != 0 || r.Failed != 0 {
					t.Errorf("replay = %+v, want all of %d events looked at and none changed", r, want)
				}
				list, err := w.keeper.Events(w.ctx, suite.EventQuery{Limit: suite.MaxLimit})
				w.must(err)
				for _, e := range list.Events {
					if r := w.replayEvent(e.ID); r.Done != 1 || r.Changed != 0 {
						t.Errorf("replay of %s %s = %+v, want no change", e.Type, e.ID, r)
					}
				}
				if after := w.dump(); !maps.Equal(before, after) {
					t.Errorf("the replay changed %s", strings.Join(differences(before, after), ", "))
				}
				if n := len(w.platform.Calls()) - calls; n != 0 {
					t.Errorf("the replay made %d calls, want none", n)
				}
			})
		})
	}
}

// differences lists the keys whose values differ.
func differences(a, b map[string]string) (keys []string) {
	for k := range a {
		if a[k] != b[k] {
			keys = append(keys, fmt.Sprintf("%q", k))
		}
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			keys = append(keys, fmt.Sprintf("%q (new)", k))
		}
	}
	return keys
}

func TestReplayAppliesWhatCanBeReadNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.wrap = storetest.Twice })
		w.ticket()
		code := w.withheldCode("ding00")
		id := w.storeOdd(suite.SourceHTTP, time.Now(), code)
		w.settle(time.Second)
		w.wantAlerts(suite.AlertEventsQuarantined)
		if r := w.replayEvent(id); r.Changed != 1 || r.Event != id || r.EndedAt.IsZero() {
			t.Errorf("replay = %+v, want one event changed", r)
		}
		if e := w.wantEventOutcome(id, suite.OutcomeApplied); e.Type != "tmp_auth_code" || e.Corp != "ding00" || e.Reason != "" {
			t.Errorf("event = %+v, want what it says now", e)
		}
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		w.wantSameCodes(1)
		w.wantAlerts()
		if r := w.replayEvent(id); r.Changed != 0 {
			t.Errorf("second replay = %+v, want no change", r)
		}
		if n := w.calls(dingtalktest.GetPermanentCode, "0"); n != 1 {
			t.Errorf("%d exchanges, want 1", n)
		}
	})
}

func TestQuarantineIsToldUntilTheLastEventHasLeftIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		var ids []suite.EventID
		for n := range 3 {
			ids = append(ids, w.storeOdd(suite.SourceHTTP, time.Now(), pushed(n)))
			w.settle(time.Minute)
		}
		for _, i := range []int{2, 0, 1} {
			w.wantAlerts(suite.AlertEventsQuarantined)
			if a := w.report().Alerts; i == 0 && !strings.Contains(a[0].Message.EN, ids[1].String()) {
				t.Errorf("alerts = %+v, want the newest that is left, %s", a, ids[1])
			}
			w.replayEvent(ids[i])
		}
		w.wantAlerts()
		w.settle(2 * time.Minute) // the tally is saved
		w.restart()
		w.ticket()
		w.wantAlerts()
	})
}

func TestReplayTakesPushesOfRowsApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.wrap = storetest.Twice })
		at := time.Now()
		row := func(n int, action, data string) string {
			return fmt.Sprintf(`{"gmt_modified":%d,"corp_id":"ding00","biz_type":4,"biz_data":{"syncAction":%q%s}}`, at.UnixMilli()+int64(n), action, data)
		}
		const grant = `,"permanent_code":"code-of-ding00","auth_corp_info":{"corpid":"ding00","corp_name":"Acme"}`
		one := w.storeOdd(suite.SourceSyncHTTP, at, row(0, "org_suite_auth", grant))
		w.replayEvent(one)
		w.wantEventOutcome(one, suite.OutcomeApplied)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})

		whole := w.storeOdd(suite.SourceSyncHTTP, at, `{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[`+
			row(1, "org_suite_relieve", "")+","+row(2, "org_suite_auth", grant)+`]}`)
		before := w.report().Events
		w.replayEvent(whole)
		w.wantEventOutcome(whole, suite.OutcomeStored)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
		if n := w.report().Events - before; n != 2 {
			t.Errorf("%d events were stored, want the 2 rows", n)
		}
		w.wantEventOutcome(w.event("org_suite_relieve").ID, suite.OutcomeApplied)
		w.replayEvent(whole)
		if n := w.report().Events - before; n != 2 {
			t.Errorf("%d events after the second replay, want the 2 rows", n)
		}
	})
}

func TestReplayedEventThatIsOlderChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		old := time.Now().Add(-time.Hour)
		ticket := func(stamp string) string {
			return `{"EventType":"suite_ticket","SuiteTicket":"old",` + stamp + `"SuiteKey":"` + testSuite + `"}`
		}
		stamped := w.storeOdd(suite.SourceHTTP, time.Now(), ticket(fmt.Sprintf(`"TimeStamp":%d,`, old.UnixMilli())))
		unstamped := w.storeOdd(suite.SourceHTTP, old, ticket("")) // ordered by when it came
		w.ticket()
		relieve := w.storeOdd(suite.SourceHTTP, old, `{"EventType":"suite_relieve","AuthCorpId":"ding00"}`)
		w.authorize("ding00", 1)
		w.settle(time.Second)
		moment := fmt.Sprintf(`"TimeStamp":%d,`, time.Now().UnixMilli())
		earlier := w.storeOdd(suite.SourceHTTP, time.Now(), ticket(moment))
		w.receive(strings.Replace(ticket(moment), "old", "new", 1))
		now := w.report().Suites[0].Ticket
		w.replayAll(suite.ReplayQuery{Failed: true})
		for _, id := range []suite.EventID{stamped, unstamped, relieve, earlier} {
			w.wantEventOutcome(id, suite.OutcomeStale)
		}
		if got := w.report().Suites[0].Ticket; got.IssuedAt != now.IssuedAt || got.ReceivedAt != now.ReceivedAt {
			t.Errorf("ticket = %+v, want that of before: %+v", got, now)
		}
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
	})
}

func TestReplayKeepsForeignEventsInQuarantine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.receive(`{"EventType":"suite_ticket","SuiteKey":"suiteother","SuiteTicket":"foreign"}`)
		w.receive(`{"EventType":"SYNC_HTTP_PUSH_HIGH","SuiteKey":"suiteother","bizData":[` +
			`{"corp_id":"ding00","biz_type":2,"biz_data":{"syncAction":"suite_ticket","suiteTicket":"foreign"}}]}`)
		before := w.dump()
		if r := w.replayAll(suite.ReplayQuery{}); r.Done != 2 || r.Changed != 0 {
			t.Errorf("replay = %+v, want 2 events looked at and none changed", r)
		}
		if after := w.dump(); !maps.Equal(before, after) {
			t.Errorf("the replay changed %v", differences(before, after))
		}
	})
}

func TestReplayOfFailedEventsRetriesEachCorpOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.refuseCalls(dingtalktest.GetPermanentCode, 40091)
		w.authorize("ding00", 3)
		w.authorize("ding01", 1)
		w.settle(time.Minute)
		w.platform.ClearFaults()
		w.authorize("ding02", 1)
		w.settle(time.Minute)
		w.wantCounts(map[suite.Status]int{suite.StatusFailed: 2, suite.StatusActive: 1})

		failed := suite.ReplayQuery{Suite: testSuite, Failed: true}
		p, err := w.keeper.PreviewReplay(w.ctx, failed)
		w.must(err)
		if p.Events != 4 || p.Corps != 2 || p.Types["tmp_auth_code"] != 4 || len(p.Types) != 1 || p.Oldest.IsZero() || p.Capped {
			t.Errorf("preview = %+v, want the 4 codes of 2 corps", p)
		}
		w.must(w.platform.Fault(dingtalktest.ReauthCorp, dingtalktest.Fault{Times: 2, Delay: 5 * time.Second}))
		if r := w.replayAll(failed); r.Retried != 2 || r.Changed != 2 {
			t.Errorf("replay = %+v, want 2 corps retried", r)
		}
		w.settle(10 * time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 3})
		w.wantAlerts()
		if n := w.calls(dingtalktest.ReauthCorp, "0"); n != 2 {
			t.Errorf("reauth_corp was called %d times, want once for each failed corp", n)
		}
		if p, err = w.keeper.PreviewReplay(w.ctx, failed); err != nil || p.Events != 0 {
			t.Errorf("preview = %+v, %v, want nothing once all is cured", p, err)
		}
	})
}

func TestReplayIsForWhatItsQuerySays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.authorize("ding00", 1)
		w.settle(time.Hour)
		since := time.Now()
		w.authorize("ding01", 2)
		w.settle(time.Second)
		w.must(w.platform.ChangeAuth(testSuite, "ding00", dingtalktest.WholeCorp()))
		w.settle(time.Second)
		for _, tt := range []struct {
			query suite.ReplayQuery
			want  int
		}{
			{suite.ReplayQuery{}, 5},
			{suite.ReplayQuery{Type: "tmp_auth_code"}, 3},
			{suite.ReplayQuery{Corp: "ding00"}, 2},
			{suite.ReplayQuery{Since: since}, 3},
			{suite.ReplayQuery{Since: since, Type: "change_auth", Corp: "ding00", Suite: testSuite}, 1},
			{suite.ReplayQuery{Failed: true}, 0},
		} {
			p, err := w.keeper.PreviewReplay(w.ctx, tt.query)
			w.must(err)
			if r := w.replayAll(tt.query); p.Events != tt.want || r.Total != tt.want || r.Done != tt.want || r.Query != tt.query {
				t.Errorf("%s: preview %+v, replay %+v, want %d events", tt.query, p, r, tt.want)
			}
		}
		other := suite.ReplayQuery{Suite: "suiteother"}
		_, err := w.keeper.StartReplay(w.ctx, ops, other)
		if _, preview := w.keeper.PreviewReplay(w.ctx, other); !errors.Is(err, suite.ErrUnknownSuite) || !errors.Is(preview, suite.ErrUnknownSuite) {
			t.Errorf("replay of another suite = %v, preview %v, want ErrUnknownSuite", err, preview)
		}
		if _, err := w.keeper.ReplayEvent(w.ctx, ops, suite.EventID{1}); !errors.Is(err, suite.ErrNotFound) {
			t.Errorf("ReplayEvent of an unknown event = %v, want ErrNotFound", err)
		}
		if _, err := w.keeper.Replay(suite.EventID{1}); !errors.Is(err, suite.ErrNotFound) {
			t.Errorf("Replay of an unknown id = %v, want ErrNotFound", err)
		}
	})
}

func TestReplayPassesOverAnEventThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.receive(pushed(1))
		bad := w.event("org_update").ID
		w.receive(pushed(2))
		w.must(w.disk.Update(w.ctx, func(w store.Writer) error { return w.Put(suite.EventKey(bad), []byte("rot")) }))
		id := w.storeOdd(suite.SourceHTTP, time.Now(), `{"EventType":"suite_ticket","SuiteTicket":"t"}`)
		if r := w.replayAll(suite.ReplayQuery{}); r.Failed != 1 || r.Done != 2 || r.Changed != 1 {
			t.Errorf("replay = %+v, want one event failed and two looked at", r)
		}
		w.wantEventOutcome(id, suite.OutcomeApplied)
		if p, err := w.keeper.PreviewReplay(w.ctx, suite.ReplayQuery{}); err != nil || p.Events != 2 {
			t.Errorf("preview = %+v, %v, want the two that can be read", p, err)
		}
	})
}

func TestFailedEventsAreFoundAmongManyOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.appID = 0 })
		w.ticket()
		rows := make([]string, 6000)
		for i := range rows {
			rows[i] = fmt.Sprintf(`{"corp_id":"ding%04d","biz_type":13,"biz_data":{"syncAction":"user_modify_org"},"id":%d}`, i%100, i)
		}
		w.receive(`{"EventType":"SYNC_HTTP_PUSH_MEDIUM","bizData":[` + strings.Join(rows, ",") + `]}`)
		lose := dingtalktest.Fault{Spoil: dingtalktest.Dropped, Done: true}
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, lose))
		w.authorize("ding00", 1)
		w.settle(time.Second)
		anonymous := strings.Replace(w.withheldCode("ding01"), `"AuthCorpId":"ding01",`, "", 1)
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, lose))
		w.receive(anonymous)
		w.settle(time.Minute)
		for _, tt := range []struct {
			query  suite.ReplayQuery
			events int
			corps  int
			capped bool
		}{
			{suite.ReplayQuery{}, 1000, 100, true},
			{suite.ReplayQuery{Failed: true}, 2, 1, false},
			{suite.ReplayQuery{Failed: true, Corp: "ding00"}, 1, 1, false},
			{suite.ReplayQuery{Failed: true, Type: "suite_ticket"}, 0, 0, false},
			{suite.ReplayQuery{Corp: "ding00"}, 1, 1, false},
			{suite.ReplayQuery{Type: "tmp_auth_code"}, 2, 1, false},
		} {
			p, err := w.keeper.PreviewReplay(w.ctx, tt.query)
			w.must(err)
			if p.Corps != tt.corps || p.Capped != tt.capped || p.Events < tt.events || (!p.Capped && p.Events != tt.events) {
				t.Errorf("%s: preview = %+v, want %+v", tt.query, p, tt)
			}
		}
		if r := w.replayAll(suite.ReplayQuery{Failed: true}); r.Done != 2 || r.Retried != 0 {
			t.Errorf("replay = %+v, want the two codes looked at, which are spent", r)
		}
		if n := w.calls(dingtalktest.GetPermanentCode, "40078"); n != 2 {
			t.Errorf("%d exchanges of spent codes, want one of each, before the replay", n)
		}
	})
}
