package suite_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"suitekeeper/store"
	"suitekeeper/store/storetest"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk"
)

// library is a keeper that does not run, over a store of its own: tests say
// when its indexes are brought up to date, and how far.
type library struct {
	rapid.TB
	*suite.Keeper
	ctx    context.Context
	engine store.Engine
	n      int // pushes so far
	suites []suite.SuiteKey
	names  map[suite.CorpID]string // that this test gave
}

func newLibrary(t *testing.T, rt rapid.TB) *library {
	t.Helper()
	l := &library{TB: rt, ctx: t.Context(), engine: storetest.Twice(newMemory()), suites: []suite.SuiteKey{"suiteA", "suiteB"}, names: map[suite.CorpID]string{}}
	l.restart()
	return l
}

// restart takes the store up as after a crash.
func (l *library) restart() {
	l.Helper()
	client, err := dingtalk.New(dingtalk.Options{})
	l.must(err)
	l.Keeper, err = suite.New(suite.Options{Store: l.engine, Platform: client, Suites: []suite.Suite{{Key: l.suites[0]}, {Key: l.suites[1]}}})
	l.must(err)
	l.must(l.Prepare(l.ctx))
}

func (l *library) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

func (l *library) receive(key suite.SuiteKey, text string) {
	l.Helper()
	_, err := l.Receive(l.ctx, suite.Push{Suite: key, Text: []byte(text)})
	l.must(err)
}

// grant has a corp authorise in SyncHTTP mode.
func (l *library) grant(key suite.SuiteKey, corp suite.CorpID, name string) {
	l.Helper()
	l.n++
	data := fmt.Sprintf(`{"syncAction":"org_suite_auth","permanent_code":"code-%d","auth_corp_info":{"corpid":%q,"corp_name":%q}}`, l.n, corp, name)
	l.receive(key, fmt.Sprintf(`{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[{"id":%d,"corp_id":%q,"biz_id":"1","biz_type":4,"biz_data":%q}]}`, l.n, corp, data))
}

func (l *library) relieve(key suite.SuiteKey, corp suite.CorpID) {
	l.Helper()
	l.n++
	l.receive(key, fmt.Sprintf(`{"EventType":"suite_relieve","AuthCorpId":%q,"n":%d}`, corp, l.n))
}

// event has an event come that changes nothing, or one that is odd.
func (l *library) event(key suite.SuiteKey, kind string, corp suite.CorpID, odd bool) {
	l.Helper()
	l.n++
	again := ""
	if odd {
		again = `,"x":1,"x":2`
	}
	l.receive(key, fmt.Sprintf(`{"EventType":%q,"CorpId":%q,"n":%d%s}`, kind, corp, l.n, again))
}

// events follows a list to its end; between is called after each page.
func (l *library) events(q suite.EventQuery, between func()) (all []suite.Event) {
	l.Helper()
	for {
		list, err := l.Events(l.ctx, q)
		l.must(err)
		all = append(all, list.Events...)
		if list.Next == "" {
			return all
		}
		q.Cursor = list.Next
		between()
	}
}

func (l *library) auths(q suite.AuthorizationQuery, between func()) (all []suite.Authorization) {
	l.Helper()
	for {
		list, err := l.Authorizations(l.ctx, q)
		l.must(err)
		all = append(all, list.Authorizations...)
		if list.Next == "" {
			return all
		}
		q.Cursor = list.Next
		between()
	}
}

func nothing() {}

var (
	drawKind  = rapid.SampledFrom([]string{"user_add_org", "org_update", "check_url", "成员"})
	drawCorp  = rapid.SampledFrom([]suite.CorpID{"ding1", "ding2", "dingA", "dinga", "Dingo", "钉1", "d"})
	drawName  = rapid.SampledFrom([]string{"杭州云帆科技有限公司", "云帆", "Acme Trading Co., Ltd", "ACME", "ａｃｍｅ 贸易", "", "科技 Park"})
	drawLook  = rapid.SampledFrom([]string{"", "云帆", "科技", "acme", "ACME t", "ding", "DINGa", "钉", "x", "有限公司", "d", "ａ", "  "})
	drawState = rapid.SampledFrom([]suite.Status{"", suite.StatusPending, suite.StatusActive, suite.StatusRelieved, suite.StatusFailed})
)

// TestListsMatchAModel does random things, indexes some of what came, and
// compares filtered lists with a filter over everything.
func TestListsMatchAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := newLibrary(t, rt)
		key := rapid.SampledFrom(l.suites)
		rt.Repeat(map[string]func(*rapid.T){
			"event": func(rt *rapid.T) {
				for range rapid.IntRange(1, 5).Draw(rt, "n") {
					l.event(key.Draw(rt, "suite"), drawKind.Draw(rt, "kind"), drawCorp.Draw(rt, "corp"), rapid.IntRange(0, 5).Draw(rt, "odd") == 0)
				}
			},
			"grant": func(rt *rapid.T) {
				l.grant(key.Draw(rt, "suite"), drawCorp.Draw(rt, "corp"), drawName.Draw(rt, "name"))
			},
			"relieve": func(rt *rapid.T) { l.relieve(key.Draw(rt, "suite"), drawCorp.Draw(rt, "corp")) },
			"index": func(rt *rapid.T) {
				_, err := l.IndexEvents(l.ctx, rapid.IntRange(1, 5).Draw(rt, "events"))
				l.must(err)
				_, err = l.IndexChanges(l.ctx, rapid.IntRange(1, 3).Draw(rt, "changes"), rapid.Bool().Draw(rt, "end"))
				l.must(err)
			},
			"restart": func(*rapid.T) { l.restart() },
			"compareEvents": func(rt *rapid.T) {
				l.compareEvents(suite.EventQuery{
					Suite: rapid.SampledFrom([]suite.SuiteKey{"", "suiteA", "suiteB"}).Draw(rt, "suite"),
					Type:  rapid.OneOf(rapid.Just(""), drawKind).Draw(rt, "type"), Corp: rapid.OneOf(rapid.Just(suite.CorpID("")), drawCorp).Draw(rt, "corp"),
					Outcome:   rapid.SampledFrom([]suite.Outcome{"", suite.OutcomeQuarantined, suite.OutcomeStored}).Draw(rt, "outcome"),
					Ascending: rapid.Bool().Draw(rt, "ascending"), Limit: rapid.IntRange(1, 4).Draw(rt, "limit"),
				})
			},
			"compareAuthorizations": func(rt *rapid.T) {
				l.compareAuths(suite.AuthorizationQuery{Suite: key.Draw(rt, "suite"), Status: drawState.Draw(rt, "state"),
					Search: drawLook.Draw(rt, "search"), Limit: rapid.IntRange(1, 3).Draw(rt, "limit")})
			},
		})
	})
}

func (l *library) compareEvents(q suite.EventQuery) {
	l.Helper()
	var want []suite.EventID
	for _, e := range l.events(suite.EventQuery{Ascending: q.Ascending, Limit: suite.MaxLimit}, nothing) {
		if (q.Suite == "" || e.Suite == q.Suite) && (q.Type == "" || e.Type == q.Type) &&
			(q.Corp == "" || e.Corp == q.Corp) && (q.Outcome == "" || e.Outcome == q.Outcome) {
			want = append(want, e.ID)
		}
	}
	var got []suite.EventID
	for _, e := range l.events(q, nothing) {
		got = append(got, e.ID)
	}
	if !slices.Equal(got, want) {
		l.Fatalf("Events(%+v) = %v, want %v", q, got, want)
	}
}

func (l *library) compareAuths(q suite.AuthorizationQuery) {
	l.Helper()
	fold := func(s string) string {
		return strings.ToLower(strings.TrimSpace(strings.NewReplacer("ａ", "a", "ｃ", "c", "ｍ", "m", "ｅ", "e").Replace(s)))
	}
	search := fold(q.Search)
	var want []suite.CorpID
	for _, a := range l.auths(suite.AuthorizationQuery{Suite: q.Suite, Limit: suite.MaxLimit}, nothing) {
		if (q.Status == "" || a.Status == q.Status) && (strings.HasPrefix(fold(string(a.Corp)), search) || strings.Contains(fold(a.CorpName), search)) {
			want = append(want, a.Corp)
		}
	}
	var got []suite.CorpID
	for _, a := range l.auths(q, nothing) {
		got = append(got, a.Corp)
	}
	if !slices.Equal(got, want) {
		l.Fatalf("Authorizations(%+v) = %q, want %q", q, got, want)
	}
}

// What was there at the beginning is listed once, whatever comes or is indexed
// meanwhile.
func TestPagesNeitherRepeatNorMissWhileEventsArrive(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := newLibrary(t, rt)
		arrive := func() {
			l.event(l.suites[l.n%2], drawKind.Draw(rt, "kind"), drawCorp.Draw(rt, "corp"), false)
			l.grant("suiteA", drawCorp.Draw(rt, "corp"), "云帆 "+string(drawCorp.Draw(rt, "corp")))
			_, err := l.IndexEvents(l.ctx, rapid.IntRange(1, 20).Draw(rt, "index"))
			l.must(err)
			_, err = l.IndexChanges(l.ctx, rapid.IntRange(1, 4).Draw(rt, "index"), rapid.Bool().Draw(rt, "end"))
			l.must(err)
		}
		for range 6 {
			arrive()
		}
		q := suite.EventQuery{Corp: drawCorp.Draw(rt, "corp"), Ascending: rapid.Bool().Draw(rt, "ascending"), Limit: 1}
		before := map[suite.EventID]bool{}
		for _, e := range l.events(q, nothing) {
			before[e.ID] = true
		}
		steps := 0
		few := func() {
			if steps++; steps < 8 { // an ascending list that grows has no end
				arrive()
			}
		}
		for _, e := range l.events(q, few) {
			if seen, ok := before[e.ID]; ok && !seen {
				rt.Fatalf("event %s is listed twice", e.ID)
			}
			before[e.ID] = false
		}
		for id, missed := range before {
			if missed {
				rt.Fatalf("event %s is missing in %+v", id, q)
			}
		}
		corps := map[suite.CorpID]int{}
		a := suite.AuthorizationQuery{Suite: "suiteA", Search: "云帆", Limit: 1}
		for _, a := range l.auths(a, nothing) {
			corps[a.Corp] = 0
		}
		for _, a := range l.auths(a, arrive) {
			corps[a.Corp]++
		}
		for corp, n := range corps {
			if n != 1 {
				rt.Fatalf("corp %q is listed %d times in %v, want once", corp, n, slices.Collect(maps.Keys(corps)))
			}
		}
	})
}

func (l *library) index() {
	l.Helper()
	for {
		n, err := l.IndexEvents(l.ctx, 100)
		l.must(err)
		m, err := l.IndexChanges(l.ctx, 100, true)
		l.must(err)
		if n+m == 0 {
			return
		}
	}
}

func TestPruningLeavesNoIndexEntry(t *testing.T) {
	l := newLibrary(t, t)
	for i := range 700 {
		l.event("suiteA", "user_add_org", suite.CorpID(fmt.Sprintf("ding%d", i%7)), i%50 == 0)
		if i == 400 {
			l.index()
		}
	}
	byCorp, byType, odd, _, _, err := l.IndexSizes(t.Context())
	l.must(err)
	if byCorp == 0 || byType != 401 || odd == 0 {
		t.Errorf("the indexes have %d entries by corp, %d by type and %d odd, want those of 401 events", byCorp, byType, odd)
	}
	l.must(l.PruneEvents(t.Context(), time.Now().Add(time.Hour)))
	l.index()
	byCorp, byType, odd, stored, _, err := l.IndexSizes(t.Context())
	l.must(err)
	if byCorp+byType+odd+stored != 0 {
		t.Errorf("after pruning everything there are %d, %d, %d entries of %d events, want none", byCorp, byType, odd, stored)
	}
	if list := l.events(suite.EventQuery{Corp: "ding1"}, nothing); len(list) != 0 {
		t.Errorf("Events = %v, want none", list)
	}
}

// A state is listed rightly at once, also while the indexer has not come to
// its change, and blocks stay small and sorted however corps come, and are found
// however few of their sketches are in memory.
func TestBlocksSplitAndStaySorted(t *testing.T) {
	for _, remembered := range []int{1, 2, 1000} {
		t.Run(fmt.Sprint(remembered), func(t *testing.T) { testBlocks(t, remembered) })
	}
}

func testBlocks(t *testing.T, remembered int) {
	l := newLibrary(t, t)
	l.RememberSketches(remembered)
	const corps = 400
	for i := range corps {
		id := []string{"ding%03d", "DING%03d", "Ding%03d"}[i%3]
		l.grant("suiteA", suite.CorpID(fmt.Sprintf(id, i*37%corps)), fmt.Sprintf("云帆%d号", i))
		if i%90 == 0 {
			l.index()
			l.compareAuths(suite.AuthorizationQuery{Suite: "suiteA", Search: "云帆9", Limit: 3})
		}
	}
	l.relieve("suiteA", "DING037")
	for range 2 {
		l.compareAuths(suite.AuthorizationQuery{Suite: "suiteA", Status: suite.StatusRelieved})
		l.compareAuths(suite.AuthorizationQuery{Suite: "suiteA", Status: suite.StatusActive, Search: "云帆3", Limit: 7})
		l.index()
	}
	sizes, sorted, err := l.BlockSizes(t.Context(), "suiteA")
	l.must(err)
	total := 0
	for _, n := range sizes {
		total += n
		if n > 128 {
			t.Errorf("a block holds %d authorisations, want at most 128", n)
		}
	}
	if total != corps || !sorted || len(sizes) < 4 {
		t.Errorf("blocks hold %v, sorted %t, want %d authorisations, sorted", sizes, sorted, corps)
	}
	if got := l.RememberedSketches("suiteA"); got != min(remembered, len(sizes)) {
		t.Errorf("%d sketches are in memory, want %d of %d", got, remembered, len(sizes))
	}
	for _, search := range []string{"DING0", "ding39", "Ding", "云帆12", "号", "没有"} {
		l.compareAuths(suite.AuthorizationQuery{Suite: "suiteA", Search: search})
	}
	if _, _, _, _, journal, err := l.IndexSizes(t.Context()); journal != 0 || err != nil {
		t.Errorf("the journal has %d entries, %v, want none", journal, err)
	}
}
