package suite_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"suitekeeper/store"
	"suitekeeper/store/storetest"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// history is what operators see happened to a corp.
func (w *world) history(corp suite.CorpID) []suite.HistoryEntry {
	w.Helper()
	d, err := w.keeper.Authorization(w.ctx, testSuite, corp)
	w.must(err)
	return d.History
}

// told writes a history short, the calls with how they went and how often.
func told(history []suite.HistoryEntry) (lines []string) {
	for _, e := range history {
		line := e.What
		if c := e.Call; c != nil {
			line += strings.TrimRight(fmt.Sprintf(" %s %s", c.Outcome(), c.Code), " ")
			if c.Repeats > 0 {
				line += " again"
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func (w *world) wantHistory(corp suite.CorpID, want ...string) {
	w.Helper()
	if diff := cmp.Diff(want, told(w.history(corp))); diff != "" {
		w.Errorf("the history of %s differs (- want, + got):\n%s", corp, diff)
	}
}

func TestHistoryTellsEveryCall(t *testing.T) {
	for name, wrap := range map[string]func(store.Engine) store.Engine{
		"updates run once":  func(e store.Engine) store.Engine { return e },
		"updates run twice": storetest.Twice,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(w *world) { w.wrap = wrap })
				w.ticket()
				for e, took := range map[dingtalktest.Endpoint]time.Duration{
					dingtalktest.GetPermanentCode: 300 * time.Millisecond, dingtalktest.GetAuthInfo: 20 * time.Millisecond,
				} {
					w.must(w.platform.Fault(e, dingtalktest.Fault{Delay: took}))
				}
				before := time.Now()
				w.authorize("ding01", 1)
				w.settle(time.Second)
				w.wantHistory("ding01", "authorized", "get_permanent_code ok", "exchanged", "activate_suite ok",
					"auth/scopes ok", "get_auth_info ok", "activated")
				e := w.history("ding01")[1]
				if e.Call.Took != 300*time.Millisecond || !e.At.Equal(before) || e.Event != nil {
					t.Errorf("the exchange is told as %+v with %+v, want 300 ms from %v", e, *e.Call, before)
				}
			})
		})
	}
}

func TestRetriesAreToldAsOneCallEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.AuthScopes, dingtalktest.Fault{
			Spoil: dingtalktest.Refused, Errcode: -1, Times: dingtalktest.Always, Delay: 10 * time.Millisecond,
		}))
		before := time.Now()
		w.authorize("ding01", 1)
		w.settle(3 * time.Hour)
		w.wantHistory("ding01", "authorized", "get_permanent_code ok", "exchanged", "activate_suite ok",
			"get_auth_info ok", "auth/scopes refused -1", "activated", "get_auth_info ok again", "auth/scopes refused -1 again")
		last := w.history("ding01")[8]
		if c := last.Call; c.Repeats < 150 || c.Repeats > 250 || c.Message == "" || time.Since(c.LastAt) > 2*time.Minute || last.At.After(before.Add(time.Minute)) {
			t.Errorf("the last call is %+v of %v, want its tries of three hours, one a minute, since %v", *last.Call, last.At, before)
		}
	})
}

func TestLostAnswerIsToldWithWhatFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.Dropped, Done: true}))
		w.authorize("ding01", 1)
		w.settle(5 * time.Second)
		got := told(w.history("ding01"))
		want := []string{"authorized", "get_permanent_code unanswered", "get_permanent_code refused 40078", "failed"}
		// The push of the new code may come before the answer to reauth_corp.
		if !slices.Equal(got[:min(len(got), len(want))], want) || !slices.Contains(got, "reauth_corp ok") || !slices.Contains(got, "activate_suite ok") {
			t.Errorf("the history is %v, want %v first, and reauth_corp and the activation", got, want)
		}
	})
}

// TestHeldWorkTellsItsCalls has a call refused behind which all work waits:
// nothing is written down then, but the call is told.
func TestHeldWorkTellsItsCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.must(w.platform.SetIPWhitelist(testSuite, netip.MustParsePrefix("198.51.100.0/24")))
		w.authorize("ding01", 1)
		w.settle(time.Minute)
		w.wantHistory("ding01", "authorized", "get_suite_token refused 60020")
		w.must(w.platform.Fault(dingtalktest.AuthScopes, dingtalktest.Fault{Delay: 10 * time.Millisecond}))
		w.must(w.platform.SetIPWhitelist(testSuite))
		w.settle(time.Minute)
		w.wantHistory("ding01", "authorized", "get_suite_token refused 60020", "get_permanent_code ok", "exchanged",
			"activate_suite ok", "get_auth_info ok", "auth/scopes ok", "activated")
	})
}

func TestWithoutATicketNoCallIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.authorize("ding01", 1)
		w.settle(time.Minute)
		w.wantHistory("ding01", "authorized")
	})
}

func TestCorpTokenIsToldWhereItFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.must(w.platform.Fault(dingtalktest.CorpAccessToken, dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: -1}))
		w.authorize("ding01", 1)
		w.settle(time.Minute)
		if got := told(w.history("ding01")); !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "corpAccessToken refused") }) {
			t.Errorf("the history is %v, want the refused corpAccessToken in it", got)
		}
	})
}

func TestCallsOfACodeWithoutCorpAreToldOfItsOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		text := w.withheldCode("ding01")
		w.receive(strings.Replace(text, `"AuthCorpId":"ding01",`, "", 1))
		w.settle(time.Second)
		if got := told(w.history("ding01")); len(got) < 2 || got[1] != "get_permanent_code ok" {
			t.Errorf("the history is %v, want the exchange in it", got)
		}
	})
}

func TestCallsDoNotPushOutWhatTheyLedTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.authorize("ding01", 1)
		w.settle(time.Second)
		for range 100 { // each is an event and two calls
			w.must(w.platform.ChangeAuth(testSuite, "ding01", dingtalktest.Scope{Departments: []int64{42}}))
			w.settle(time.Second)
		}
		history := w.history("ding01")
		calls := 0
		for _, e := range history {
			if e.Call != nil {
				calls++
			}
		}
		if len(history) != 100 || calls < 40 || calls > 51 {
			t.Errorf("the history has %d entries, %d of them calls, want 100, about half of them calls", len(history), calls)
		}
	})
}

func TestHistoryOfEarlierVersionsIsRead(t *testing.T) {
	const old = `[{"at":"2026-11-01T08:00:00Z","what":"reauth_corp","detail":"asked DingTalk for a new tmp_auth_code"},` +
		`{"at":"2026-11-01T08:00:01Z","what":"activated","from":"pending","to":"active"}]`
	var history []suite.HistoryEntry
	if err := json.Unmarshal([]byte(old), &history); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(history)
	if err != nil || string(again) != old {
		t.Errorf("a history written by an earlier version becomes %s, %v, want %s", again, err, old)
	}
}

func TestCallsAreExplainedByTheirCode(t *testing.T) {
	for code, want := range map[string]struct{ meaning, cure string }{
		"":      {},
		"60020": {"whitelist", "security settings"},
		"49999": {"", "Look code 49999 up"},
	} {
		meaning, cure := (&suite.Call{Code: code, Message: "no"}).Explain()
		if !strings.Contains(meaning.EN, want.meaning) || (want.meaning == "") != (meaning.ZH == "") ||
			!strings.Contains(cure.EN, want.cure) || (want.cure == "") != (cure.ZH == "") {
			t.Errorf("Explain of %q = %+v, %+v, want %+v", code, meaning, cure, want)
		}
	}
}
