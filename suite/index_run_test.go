package suite_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/store"
	"suitekeeper/suite"
)

// wantNoIndexEntries prunes everything and looks at what is left.
func (w *world) wantNoIndexEntries() {
	w.Helper()
	w.must(w.keeper.PruneEvents(w.ctx, time.Now().Add(time.Hour)))
	byCorp, byType, odd, stored, _, err := w.keeper.IndexSizes(w.ctx)
	w.must(err)
	if byCorp+byType+odd+stored != 0 {
		w.Errorf("after pruning everything there are %d, %d, %d entries of %d events, want none", byCorp, byType, odd, stored)
	}
}

// An event that is processed again may turn out to be of another type and
// corp; it is listed there from then on.
func TestIndexesFollowEventsThatAreProcessedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, indexed := range []time.Duration{0, 5 * time.Second} {
			w := newWorld(t)
			id, err := w.keeper.StoreOdd(w.ctx, testSuite, suite.SourceHTTP, time.Now(), `{"EventType":"user_add_org","CorpId":"ding1"}`)
			w.must(err)
			w.settle(indexed)
			for _, q := range []suite.EventQuery{{Type: "user_add_org"}, {Corp: "ding1"}, {Outcome: suite.OutcomeStored}} {
				if got := w.pages(q); len(got) != 0 {
					t.Errorf("before, Events(%+v) = %v, want none", q, got)
				}
			}
			_, err = w.keeper.ReplayEvent(w.ctx, suite.Actor{Name: "ops"}, id)
			w.must(err)
			for range 2 {
				for q, want := range map[suite.EventQuery]int{
					{Type: "user_add_org"}: 1, {Corp: "ding1"}: 1, {Suite: testSuite, Type: "user_add_org", Corp: "ding1"}: 1, {Outcome: suite.OutcomeQuarantined}: 0,
				} {
					if got := w.pages(q); len(got) != want {
						t.Errorf("indexed after %v, Events(%+v) = %v, want %d", indexed, q, got, want)
					}
				}
				w.settle(5 * time.Second)
			}
			w.wantNoIndexEntries()
		}
	})
}

// The indexer runs while pushes change what it reads, and in the end has all of it.
func TestIndexerKeepsUpWithChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var pushers sync.WaitGroup
		for p := range 4 {
			pushers.Go(func() {
				for i := range 25 {
					corp := fmt.Sprintf("ding%d", (p*31+i)%23)
					w.receive(fmt.Sprintf(`{"EventType":"user_add_org","CorpId":%q,"n":"%d-%d"}`, corp, p, i))
					if i%3 == 0 {
						w.receive(fmt.Sprintf(`{"EventType":"suite_relieve","AuthCorpId":%q,"n":"%d-%d"}`, corp, p, i))
					} else {
						w.receive(fmt.Sprintf(`{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[{"corp_id":%q,"biz_id":"%d-%d","biz_type":4,"biz_data":{"syncAction":"org_suite_auth","permanent_code":"x","auth_corp_info":{"corp_name":"云帆%d号"}}}]}`, corp, p, i, i))
					}
					time.Sleep(97 * time.Millisecond)
				}
			})
		}
		for range 20 {
			time.Sleep(200 * time.Millisecond)
			w.listStates()
		}
		pushers.Wait()
		for range 2 { // with changes in the journal, and with none
			if got, want := w.listStates(), w.report().Suites[0].Authorizations; got[suite.StatusActive] != want[suite.StatusActive] ||
				got[suite.StatusRelieved] != want[suite.StatusRelieved] {
				t.Errorf("the lists have %v, want %v", got, want)
			}
			w.settle(5 * time.Second)
		}
		byCorp, byType, _, stored, journal, err := w.keeper.IndexSizes(w.ctx)
		w.must(err)
		if byCorp != stored || byType != stored || journal != 0 {
			t.Errorf("of %d events %d are indexed by corp and %d by type, the journal has %d; want all and none", stored, byCorp, byType, journal)
		}
		w.wantNoIndexEntries()
	})
}

// lazyEngine counts what is read, and takes its time for the commits of pushes.
type lazyEngine struct {
	store.Engine
	views  atomic.Int64
	commit atomic.Int64 // nanoseconds
}

func (e *lazyEngine) View(ctx context.Context, fn func(store.Reader) error) error {
	e.views.Add(1)
	return e.Engine.View(ctx, fn)
}

func (e *lazyEngine) Update(ctx context.Context, fn func(store.Writer) error) error {
	return e.Engine.Update(ctx, func(w store.Writer) error {
		err := fn(w)
		time.Sleep(time.Duration(e.commit.Load()))
		return err
	})
}

// The indexer lets the store rest while nothing comes, and yet finds what was
// committed long after its id was given out.
func TestIndexerRestsWhileNothingComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lazy := &lazyEngine{}
		w := newWorld(t, func(w *world) {
			w.wrap = func(e store.Engine) store.Engine {
				lazy.Engine = e
				return lazy
			}
		})
		lazy.commit.Store(int64(5 * time.Second))
		w.receive(`{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[{"corp_id":"ding1","biz_id":"1","biz_type":4,"biz_data":{"syncAction":"org_suite_auth","permanent_code":"x"}}]}`)
		lazy.commit.Store(0)
		w.settle(2 * time.Minute)
		byCorp, byType, _, stored, journal, err := w.keeper.IndexSizes(w.ctx)
		w.must(err)
		if stored == 0 || byCorp != stored || byType != stored || journal != 0 {
			t.Errorf("of %d events %d are indexed by corp and %d by type, the journal has %d; want all and none", stored, byCorp, byType, journal)
		}
		before := lazy.views.Load()
		w.settle(10 * time.Minute)
		if n := lazy.views.Load() - before; n > 200 {
			t.Errorf("the store was read %d times in ten minutes in which nothing came, want at most 20 a minute", n)
		}
	})
}

// listStates lists authorisations by state, and returns how many each list has.
func (w *world) listStates() map[suite.Status]int {
	w.Helper()
	n := map[suite.Status]int{}
	for _, state := range []suite.Status{suite.StatusActive, suite.StatusRelieved} {
		list, err := w.keeper.Authorizations(w.ctx, suite.AuthorizationQuery{Suite: testSuite, Status: state, Limit: suite.MaxLimit})
		w.must(err)
		for _, a := range list.Authorizations {
			if a.Status != state {
				w.Errorf("the list of what is %s has %s, which is %s", state, a.Corp, a.Status)
			}
		}
		n[state] = len(list.Authorizations)
	}
	return n
}

// earlierStore takes out of a store what an earlier version did not have.
func (l *library) earlierStore() {
	l.Helper()
	var keys [][]byte
	l.must(l.engine.View(l.ctx, func(r store.Reader) error {
		for _, name := range []string{"auth-change", "auth-block", "auth-sketch", "event-corp", "event-type", "event-odd", "index", "schema"} {
			prefix := store.Key{}.Text(name)
			for pair, err := range r.Scan(prefix, prefix.PrefixEnd(), false) {
				if err != nil {
					return err
				}
				keys = append(keys, slices.Clone(pair.Key))
			}
		}
		return nil
	}))
	l.must(l.engine.Update(l.ctx, func(w store.Writer) error {
		for _, key := range keys {
			if err := w.Delete(key); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestStoresOfAnEarlierVersionAreListedToo(t *testing.T) {
	l := newLibrary(t, t)
	for i := range 30 {
		l.grant(l.suites[i%2], suite.CorpID(fmt.Sprintf("ding%d", i)), fmt.Sprintf("云帆%d号", i))
		l.event(l.suites[i%2], "user_add_org", "ding1", i%5 == 0)
	}
	l.relieve("suiteA", "ding4")
	l.index()
	l.earlierStore()
	for range 2 { // the second time as if the first had not come to its end
		l.must(store.Migrate(t.Context(), l.engine, suite.Migrations(), nil))
		l.must(l.engine.Update(l.ctx, func(w store.Writer) error {
			return w.Delete(append(store.Key{}.Text("schema"), "version"...))
		}))
	}
	l.restart()
	for range 2 {
		l.compareAuths(suite.AuthorizationQuery{Suite: "suiteA", Status: suite.StatusRelieved})
		l.compareAuths(suite.AuthorizationQuery{Suite: "suiteB", Search: "云帆1", Limit: 2})
		l.compareEvents(suite.EventQuery{Corp: "ding1", Limit: 7})
		l.compareEvents(suite.EventQuery{Outcome: suite.OutcomeQuarantined})
		l.index()
	}
}

func TestStoredSuitesAreFoundWithoutConfiguration(t *testing.T) {
	l := newLibrary(t, t)
	want := func(want ...suite.SuiteKey) {
		t.Helper()
		if got, err := suite.StoredSuites(l.ctx, l.engine); err != nil || !slices.Equal(got, want) {
			t.Errorf("StoredSuites = %q, %v, want %q", got, err, want)
		}
	}
	want()
	l.event("suiteB", "check_url", "", false)
	want("suiteB")
	l.grant("suiteA", "ding1", "")
	want("suiteA", "suiteB")

	ctx, cancel := context.WithCancel(l.ctx)
	cancel()
	if _, err := suite.StoredSuites(ctx, l.engine); err == nil {
		t.Error("StoredSuites with a context that has ended = nil, want its error")
	}
}
