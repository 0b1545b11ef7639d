package suite_test

import (
	"bytes"
	"errors"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/store"
	"suitekeeper/store/storetest"
	"suitekeeper/suite"
)

// actions are all that is audited, with what of it would show.
func (w *world) actions(event suite.EventID) map[suite.AuditAction]func() (shown bool, err error) {
	return map[suite.AuditAction]func() (bool, error){
		suite.AuditRevealCode: func() (bool, error) {
			code, err := w.keeper.RevealPermanentCode(w.ctx, ops, testSuite, "ding01")
			return code != "", err
		},
		suite.AuditRevealPayload: func() (bool, error) {
			e, err := w.keeper.RevealEvent(w.ctx, ops, event)
			return len(e.Payload) > 0, err
		},
		suite.AuditRetry: func() (bool, error) {
			action, err := w.keeper.Retry(w.ctx, ops, testSuite, "ding01")
			return action != "", err
		},
		suite.AuditReplayEvent: func() (bool, error) {
			r, err := w.keeper.ReplayEvent(w.ctx, ops, event)
			return r.ID != suite.EventID{}, err
		},
		suite.AuditReplay: func() (bool, error) {
			r, err := w.keeper.StartReplay(w.ctx, ops, suite.ReplayQuery{Suite: testSuite})
			return r.ID != suite.EventID{}, err
		},
		suite.AuditSignIn:  func() (bool, error) { return false, w.keeper.RecordSignIn(w.ctx, ops) },
		suite.AuditSignOut: func() (bool, error) { return false, w.keeper.RecordSignOut(w.ctx, ops) },
	}
}

func TestWhatCannotBeAuditedIsNeitherShownNorDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var engine *auditRefuser
		w := newWorld(t, func(w *world) {
			w.wrap = func(e store.Engine) store.Engine {
				engine = &auditRefuser{Engine: e}
				return engine
			}
		})
		w.ticket()
		w.authorize("ding01", 1)
		w.settle(10 * time.Second) // until the indexes are complete, too
		before, calls := w.dump(), len(w.platform.Calls())
		engine.refuse.Store(true)
		for action, do := range w.actions(w.event("tmp_auth_code").ID) {
			if shown, err := do(); !errors.Is(err, errRefused) || shown {
				t.Errorf("%s without audit log = %v, shown %v, want the error and nothing shown", action, err, shown)
			}
		}
		w.settle(10 * time.Second)
		if !maps.Equal(w.dump(), before) || len(w.platform.Calls()) != calls {
			t.Error("something was done without its audit entry")
		}
		if runs := w.keeper.Replays(); len(runs) > 0 {
			t.Errorf("Replays = %+v, want none", runs)
		}
		engine.refuse.Store(false)
		for action, do := range w.actions(w.event("tmp_auth_code").ID) {
			if _, err := do(); err != nil {
				t.Errorf("%s = %v, want nil once the audit log is written again", action, err)
			}
		}
	})
}

func TestAuditTellsWhoDidWhatInTheOrderOfTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.wrap = storetest.Twice })
		w.ticket()
		w.authorize("ding01", 1)
		w.settle(time.Second)
		event := w.event("tmp_auth_code").ID
		want := []suite.AuditAction{suite.AuditSignIn, suite.AuditRevealCode, suite.AuditRevealPayload, suite.AuditRetry,
			suite.AuditReplayEvent, suite.AuditReplay, suite.AuditSignOut}
		began := time.Now()
		for _, action := range want {
			if _, err := w.actions(event)[action](); err != nil {
				t.Fatalf("%s = %v", action, err)
			}
		}
		w.settle(time.Second)
		w.restart() // the log goes on behind what is stored
		w.must(w.keeper.RecordSignIn(w.ctx, ops))
		got := w.auditLog()
		for i, action := range append(want, suite.AuditSignIn) {
			if i >= len(got) || got[i].Action != action {
				t.Fatalf("entry %d of %+v, want %s", i, got, action)
			}
			e := got[i]
			if e.Actor != ops.Name || e.Role != ops.Role || e.RemoteAddr != ops.RemoteAddr || e.At.Before(began) {
				t.Errorf("entry %+v, want actor %+v", e, ops)
			}
			if i > 0 && bytes.Compare(e.ID[:], got[i-1].ID[:]) <= 0 {
				t.Errorf("id %s follows %s, want ids that grow", e.ID, got[i-1].ID)
			}
		}
		if e := got[1]; e.Suite != testSuite || e.Corp != "ding01" || e.Event != nil {
			t.Errorf("entry of a revealed code = %+v", e)
		}
		if e := got[2]; e.Event == nil || *e.Event != event || e.Detail != "tmp_auth_code" {
			t.Errorf("entry of a revealed payload = %+v, want event %s", e, event)
		}
		if e := got[3]; e.Detail != suite.Phrase(suite.RetryActivate) {
			t.Errorf("entry of a retry = %+v, want what it does", e)
		}
		if e := got[5]; e.Detail.String() != "suite "+testSuite || e.Replay == nil || e.Replay.Suite != testSuite {
			t.Errorf("entry of a replay = %+v, want its query", e)
		}
	})
}

func TestAuditIsReadInPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		const entries = 7
		for range entries {
			w.must(w.keeper.RecordSignIn(w.ctx, ops))
		}
		all := w.auditLog()
		var got []suite.AuditEntry
		q := suite.AuditQuery{Limit: 3}
		for pages := 1; ; pages++ {
			list, err := w.keeper.Audit(w.ctx, q)
			w.must(err)
			got = append(got, list.Entries...)
			if q.Cursor = list.Next; q.Cursor == "" {
				if pages != 3 {
					t.Errorf("%d pages of 3 entries, want 3", pages)
				}
				break
			}
			w.must(w.keeper.RecordSignIn(w.ctx, ops)) // what comes later disturbs no page
		}
		for i := range all {
			if len(got) != entries || got[i].ID != all[entries-1-i].ID {
				t.Fatalf("pages = %+v, want %+v backwards", got, all)
			}
		}
		for _, bad := range []suite.AuditQuery{{Limit: -1}, {Limit: suite.MaxLimit + 1}, {Cursor: "x"}, {Cursor: w.event404()}} {
			if _, err := w.keeper.Audit(w.ctx, bad); !errors.Is(err, suite.ErrBadQuery) {
				t.Errorf("Audit(%+v) = %v, want ErrBadQuery", bad, err)
			}
		}
	})
}

// event404 is a cursor of another list.
func (w *world) event404() string {
	w.Helper()
	w.receive(pushed(1))
	w.receive(pushed(2))
	list, err := w.keeper.Events(w.ctx, suite.EventQuery{Limit: 1})
	w.must(err)
	return list.Next
}
