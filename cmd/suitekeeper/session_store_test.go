package main_test

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/scs/v2"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/store"
	"suitekeeper/store/boltstore"
)

var _ scs.CtxStore = keeper.SessionStore{}

// withSessions runs a test over a store of its own, where time is virtual.
func withSessions(t *testing.T, test func(t *testing.T, s keeper.SessionStore, e store.Engine)) {
	synctest.Test(t, func(t *testing.T) {
		db, err := boltstore.Open(t.Context(), boltstore.Options{Path: filepath.Join(t.TempDir(), "sessions.db")})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		test(t, keeper.NewSessionStore(db), db)
	})
}

func wantSession(t *testing.T, s keeper.SessionStore, token, want string, found bool) {
	t.Helper()
	data, ok, err := s.Find(token)
	if err != nil || ok != found || (found && string(data) != want) {
		t.Errorf("Find(%q) = %q, %v, %v, want %q, %v", token, data, ok, err, want, found)
	}
}

func TestSessionIsFoundUntilItExpires(t *testing.T) {
	withSessions(t, func(t *testing.T, s keeper.SessionStore, _ store.Engine) {
		wantSession(t, s, "a", "", false)
		if err := s.Commit("a", []byte("one"), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		wantSession(t, s, "a", "one", true)
		if err := s.Commit("a", []byte("two"), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		wantSession(t, s, "a", "two", true)
		time.Sleep(time.Hour)
		wantSession(t, s, "a", "", false)
	})
}

func TestEndedSessionDoesNotComeBack(t *testing.T) {
	withSessions(t, func(t *testing.T, s keeper.SessionStore, _ store.Engine) {
		if err := s.Commit("a", []byte("one"), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time there is nothing to end
			if err := s.Delete("a"); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Commit("a", []byte("late"), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		wantSession(t, s, "a", "", false)
		if err := s.Delete("never there"); err != nil {
			t.Errorf("Delete of a session that never was = %v, want no error", err)
		}
	})
}

func TestSweepRemovesWhatIsOver(t *testing.T) {
	withSessions(t, func(t *testing.T, s keeper.SessionStore, e store.Engine) {
		for token, lasts := range map[string]time.Duration{"short": time.Minute, "ended": time.Minute, "long": time.Hour} {
			if err := s.Commit(token, []byte(token), time.Now().Add(lasts)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Delete("ended"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		var left []string
		err := e.View(t.Context(), func(r store.Reader) error {
			left = nil
			for p, err := range r.Scan(nil, nil, false) {
				if err != nil {
					return err
				}
				left = append(left, string(p.Key))
			}
			return nil
		})
		if err != nil || len(left) != 1 {
			t.Errorf("after the sweep the store has the keys %q (%v), want only the long session", left, err)
		}
		wantSession(t, s, "long", "long", true)
	})
}
