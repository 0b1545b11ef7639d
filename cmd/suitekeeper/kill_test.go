package main_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"suitekeeper/handler/admin"
)

// TestKill9LosesNothing kills the real binary at moments of chance, one time in
// five while it starts, as events are pushed concurrently and corps authorise,
// with a DingTalk that answers slowly. Every event that was acknowledged must
// be in the store, and every permanent code that the receiver used. A code that
// a crash burnt has been asked for again, so in the end every corp is active;
// until then operators are told of it. There are two receivers with stores of
// their own side by side: one waits most of the time, as for a new code.
func TestKill9LosesNothing(t *testing.T) {
	kills, binary := torture(t, 50, 500), builtBinary(t)
	for i := range 2 {
		t.Run(fmt.Sprint(i+1), func(t *testing.T) {
			t.Parallel()
			newVictim(t, binary, filepath.Join(t.TempDir(), "data"), 40*time.Millisecond).killOften(kills)
		})
	}
}

func (v *victim) killOften(kills int) {
	v.Helper()
	stopPushing := v.pushEvery(80*time.Millisecond, 8) // concurrently, but not so many that they are what takes the time
	shown, recovered, burnt := newProgress(v, "kills", kills), 0, 0
	for kill := range often(kills, func() bool { return recovered > 0 && burnt > 0 }) {
		if kill%10 == 0 {
			v.newTicket()
		}
		v.authorize(3)
		if kill%5 == 4 {
			v.launch()
			pause(60 * time.Millisecond)
		} else {
			v.start()
			if kill%5 == 3 {
				burnt += v.wantUnfinishedTold()
			}
			pause(250 * time.Millisecond)
		}
		v.kill()
		v.wantNoComplaints()
		if strings.Contains(v.log.String(), "committed to the journal was taken over") {
			recovered++
		}
		if kill%25 == 24 { // now and then, to see when it was
			v.wantNothingLost()
		}
		kills = max(kills, kill+1)
		shown.done(kill + 1)
	}
	stopPushing()
	v.newTicket()
	l := v.survive()
	v.wantNoLeftovers()
	v.Logf("%d kills: %s; %d starts found events in the journal; %d times a corp was seen failed, with its cure", kills, l, recovered, burnt)
	if l.acknowledged < 10*kills || recovered == 0 || burnt == 0 {
		v.Errorf("only %d pushes were acknowledged, %d starts had a journal to read, and %d times a corp was seen failed: the test did not test much",
			l.acknowledged, recovered, burnt)
	}
}

// wantUnfinishedTold wants the API to tell of each corp that is not active what
// is being done about it, or what went wrong, with the cure. It counts those that
// failed since a crash burnt their code: those are asked for another.
func (v *victim) wantUnfinishedTold() (burnt int) {
	v.Helper()
	list, cursor := "/api/v1/suites/"+v.suite.Key+"/authorizations?limit=500", ""
	for {
		var page admin.Authorizations
		must(v, json.Unmarshal(v.ask(http.MethodGet, list+cursor), &page))
		for _, a := range page.Authorizations {
			failed, e := a.Status == "failed", a.Exchange.Error
			explained := e != nil && e.Message != "" && e.Cure != "" && e.MessageZH != "" && e.CureZH != ""
			underWay := a.Exchange.State != "done" && a.Exchange.State != "failed"
			switch {
			case a.Status == "active":
			case failed && explained && underWay: // held, if the ticket was replaced while nobody was there
				if e.Code == "code_burnt" {
					burnt++
				}
			case a.Status == "pending" && underWay:
			default:
				v.Errorf("%s is told as %+v with the error %+v, want it active, work under way, or a burnt code with its cure", a.CorpID, a, e)
			}
		}
		if page.NextCursor == "" {
			return burnt
		}
		cursor = "&cursor=" + url.QueryEscape(page.NextCursor)
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
