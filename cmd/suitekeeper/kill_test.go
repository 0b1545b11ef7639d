package main_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKill9LosesNothing kills the real binary at moments of chance, one time in
// five while it starts, as events are pushed concurrently and corps authorise,
// with a DingTalk that answers slowly. Every event that was acknowledged must
// be in the store, and every permanent code that the receiver used. A code that
// a crash burnt has been asked for again, so in the end every corp is active.
func TestKill9LosesNothing(t *testing.T) {
	kills := torture(t, 30, 1000)
	v := newVictim(t, builtBinary(t), filepath.Join(t.TempDir(), "data"), 60*time.Millisecond)
	stopPushing := v.push()
	shown, recovered := newProgress(t, "kills", kills), 0
	for kill := range kills {
		if kill%10 == 0 {
			v.newTicket()
		}
		v.authorize(3)
		if kill%5 == 4 {
			v.launch()
			pause(60 * time.Millisecond)
		} else {
			v.start()
			pause(250 * time.Millisecond)
		}
		v.kill()
		v.wantNoComplaints()
		if strings.Contains(v.log.String(), "committed to the journal was taken over") {
			recovered++
		}
		if kill%50 == 49 { // now and then, to see when it was
			v.wantNothingLost()
		}
		shown.done(kill + 1)
	}
	stopPushing()
	v.newTicket()
	l := v.survive()
	v.wantNoLeftovers()
	t.Logf("%d kills: %s; %d starts found events in the journal", kills, l, recovered)
	if l.acknowledged < 10*kills || recovered == 0 {
		t.Errorf("only %d pushes were acknowledged, and %d starts had a journal to read: the test did not test much", l.acknowledged, recovered)
	}
}

// newTicket has a ticket pushed. Where DingTalk has given that up, since it tried a
// hundred times in vain while the binary was away, somebody presses re-push.
func (v *victim) newTicket() {
	v.Helper()
	must(v, v.dingTalk.PushTicket(v.suite.Key))
	if s, _ := v.dingTalk.Suite(v.suite.Key); s.GivenUp {
		must(v, v.dingTalk.RePush(v.suite.Key))
	}
}

// TestKill9DuringTheFirstStartHarmsNothing kills the binary while it makes its
// data folder.
func TestKill9DuringTheFirstStartHarmsNothing(t *testing.T) {
	made := 0
	for range torture(t, 10, 100) {
		v := newVictim(t, builtBinary(t), filepath.Join(t.TempDir(), "data"), 0)
		v.launch()
		pause(100 * time.Millisecond)
		v.kill()
		if _, err := os.Stat(filepath.Join(v.data, "suitekeeper.db")); err == nil {
			made++
		}
		v.start()
		v.stop()
		v.wantNoComplaints()
		v.wantNoLeftovers()
	}
	t.Logf("of the folders killed in the making %d had a data file", made)
}

// pause waits for nothing in particular, at most so long: the moment of the kill
// is what the tests are about.
func pause(limit time.Duration) { time.Sleep(rand.N(limit)) }

// wantNoLeftovers checks that the data folder holds what belongs there.
func (v *victim) wantNoLeftovers() {
	v.Helper()
	entries, err := os.ReadDir(v.data)
	must(v, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if want := "[admin.token suitekeeper.db suitekeeper.db.journal suitekeeper.db.sound suitekeeper.key suitekeeper.reserve]"; fmt.Sprint(names) != want {
		v.Errorf("the data folder holds %s, want %s", strings.Join(names, " "), want)
	}
}
