package suite_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"suitekeeper/suite"
)

var ops = suite.Actor{Name: "ops", Role: "operator", RemoteAddr: "192.0.2.7"}

func TestRevealedCodeIsDingTalks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.authorize("ding01", 1)
		w.settle(5e9)
		code, err := w.keeper.RevealPermanentCode(w.ctx, ops, testSuite, "ding01")
		w.must(err)
		if c, _ := w.platform.Corp(testSuite, "ding01"); code.Reveal() != c.PermanentCode || code == "" {
			t.Errorf("RevealPermanentCode = %q, want %q", code.Reveal(), c.PermanentCode)
		}
		_, err = w.keeper.RevealPermanentCode(w.ctx, ops, testSuite, "ding02")
		if !errors.Is(err, suite.ErrNotFound) {
			t.Errorf("RevealPermanentCode of an unknown corp = %v, want ErrNotFound", err)
		}
		list, err := w.keeper.Audit(w.ctx, suite.AuditQuery{})
		w.must(err)
		if len(list.Entries) != 1 || list.Entries[0].Actor != "ops" || list.Entries[0].Action != suite.AuditRevealCode {
			t.Errorf("Audit = %+v, want the one reveal that succeeded", list.Entries)
		}
		action, err := w.keeper.Retry(w.ctx, ops, testSuite, "ding01")
		w.must(err)
		if action != suite.RetryActivate {
			t.Errorf("Retry = %s, want %s", action, suite.RetryActivate)
		}
		r, err := w.keeper.StartReplay(w.ctx, ops, suite.ReplayQuery{})
		w.must(err)
		w.settle(5e9)
		r, err = w.keeper.Replay(r.ID)
		w.must(err)
		if r.EndedAt.IsZero() || r.Error != "" || r.Done != 2 || r.Changed != 0 {
			t.Errorf("Replay = %+v, want 2 events looked at and none changed", r)
		}
	})
}
