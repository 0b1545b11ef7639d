package suite_test

import (
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"suitekeeper/store"
	"suitekeeper/store/storetest"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// TestStoryIsTheSameWhenUpdatesRunTwice plays the main story over an engine
// that runs each update once and over one that runs each twice: outcomes,
// metrics and log lines must not differ.
func TestStoryIsTheSameWhenUpdatesRunTwice(t *testing.T) {
	for name, wrap := range map[string]func(store.Engine) store.Engine{
		"once":  func(e store.Engine) store.Engine { return e },
		"twice": storetest.Twice,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				core, logs := observer.New(zap.InfoLevel)
				w := newWorld(t, func(w *world) { w.wrap, w.log = wrap, zap.New(core) })
				w.playStory()
				w.wantStoryTold(logs)
			})
		})
	}
}

// playStory authorises five corps: one with three codes, one whose code is
// burnt, one whose code does not say whose it is, one that withdraws, one that
// stops the app.
func (w *world) playStory() {
	w.Helper()
	w.ticket()
	w.authorize("ding00", 3)
	w.settle(time.Second)
	w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.Dropped, Done: true}))
	w.authorize("ding01", 1)
	w.settle(10 * time.Second)
	text := w.withheldCode("ding02")
	w.receive(strings.Replace(text, `"AuthCorpId":"ding02",`, "", 1))
	w.settle(time.Second)
	w.authorize("ding03", 1)
	w.authorize("ding04", 1)
	w.settle(time.Second)
	w.must(w.platform.ChangeAuth(testSuite, "ding00", dingtalktest.Scope{Departments: []int64{42}}))
	w.must(w.platform.Relieve(testSuite, "ding03"))
	w.must(w.platform.StopApp(testSuite, "ding04", 0))
	w.receive(`{"EventType":"suite_ticket"}`)
	w.settle(time.Minute)
	if r := w.receive(`{"EventType":"suite_ticket"}`); r.Duplicates != 1 || r.Events != 1 {
		w.Errorf("the repeat of an event: %+v, want one duplicate", r)
	}
}

func (w *world) wantStoryTold(logs *observer.ObservedLogs) {
	w.Helper()
	w.wantCounts(map[suite.Status]int{suite.StatusActive: 3, suite.StatusRelieved: 1, suite.StatusDisabled: 1})
	w.wantAlerts(suite.AlertEventsQuarantined)
	w.wantSameCodes(3)
	// A ticket, codes (three for ding00, two for ding01), and the changes of three corps.
	w.wantEvents(1 + 3 + 2 + 3 + 3 + 1)
	// How many of ding00's codes are tried depends on which of them comes first.
	refused := w.calls(dingtalktest.GetPermanentCode, "40078")
	for _, m := range []struct {
		name, label string
		want        map[string]int
	}{
		{"suitekeeper_events_total", "outcome", map[string]int{"applied": 12, "quarantined": 1}},
		{"suitekeeper_exchanges_total", "result", map[string]int{"ok": 5, "transient": 1, "code_spent": refused}},
		{"suitekeeper_activation_seconds", "suite", map[string]int{testSuite: 5}},
	} {
		if got := w.counted(m.name, m.label); !maps.Equal(got, m.want) {
			w.Errorf("%s by %s = %v, want %v", m.name, m.label, got, m.want)
		}
	}
	for line, want := range map[string]int{
		"permanent code stored": 5, "authorisation active": 5, "authorisation failed": 1,
		"asked DingTalk for a new tmp_auth_code": 1,
	} {
		if got := logs.FilterMessage(line).Len(); got != want {
			w.Errorf("logged %q %d times, want %d", line, got, want)
		}
	}
}
