package suite

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"suitekeeper/store"
)

// How much a report reads of the work that is left of a suite: a million corps may
// wait for a ticket while somebody looks every second.
const (
	maxWorkRead   = 300 // pieces of work, one after another
	maxKnownAlike = 8   // failures that may pass by themselves, of one alert: it is said once
)

// failingWork knows where some of the work is that failed, so that a report need
// not go through all that is left. It hears of each failure that is stored, and
// forgets what is over. There may be more than it remembers, so as long as more may
// be said each report reads another stretch of what is left besides. It is safe for
// concurrent use.
type failingWork struct {
	mu     sync.Mutex
	heard  int // failures so far
	suites map[SuiteKey]*failingSuite
}

type failingSuite struct {
	known map[string]knownFailure // by work id
	next  []byte                  // where the next stretch begins; nil: with the first
}

// knownFailure says which failures are alike, and which of all it was.
type knownFailure struct {
	alike AlertCode // "" for the final ones
	heard int
}

func newFailingWork() *failingWork { return &failingWork{suites: map[SuiteKey]*failingSuite{}} }

// note hears of work that is stored.
func (f *failingWork) note(suite SuiteKey, work workRecord) {
	if !work.fails() {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.heard++
	f.of(suite).add(work, f.heard)
}

// now tells how many failures were heard of: what they say is in the store.
func (f *failingWork) now() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.heard
}

// drop forgets a suite.
func (f *failingWork) drop(suite SuiteKey) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.suites, suite)
}

func (f *failingWork) of(suite SuiteKey) *failingSuite {
	s := f.suites[suite]
	if s == nil {
		s = &failingSuite{known: map[string]knownFailure{}}
		f.suites[suite] = s
	}
	return s
}

// add remembers work that fails unless enough like it is known.
func (s *failingSuite) add(work workRecord, heard int) {
	next, most := knownFailure{heard: heard}, maxWorkAlerts
	if !work.Failure.Final {
		next.alike, most = work.Failure.Alert, maxKnownAlike
	}
	delete(s.known, work.ID)
	for _, k := range s.known {
		if k.alike == next.alike {
			most--
		}
	}
	if most > 0 {
		s.known[work.ID] = next
	}
}

// read returns a bounded number of pieces of work that failed, by their ids. Since
// is what now said before the store was read.
func (f *failingWork) read(r store.Reader, suite SuiteKey, since int) ([]workRecord, error) {
	f.mu.Lock()
	s := f.of(suite)
	known, from := maps.Clone(s.known), s.next
	f.mu.Unlock()
	found, final := map[string]workRecord{}, 0
	for id := range known {
		work, err := works.Get(r, workRef{Suite: suite, ID: id}.key())
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		if !work.fails() {
			continue
		}
		found[id] = work
		if work.Failure.Final {
			final++
		}
	}
	if final < maxWorkAlerts {
		var err error
		if from, err = readStretch(r, suite, from, found); err != nil {
			return nil, err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s = f.of(suite)
	s.next = from
	maps.DeleteFunc(s.known, func(id string, k knownFailure) bool {
		_, ok := found[id]
		return !ok && k.heard <= since
	})
	for id, work := range found {
		if _, ok := s.known[id]; !ok {
			s.add(work, since)
		}
	}
	maps.DeleteFunc(found, func(id string, _ workRecord) bool {
		_, ok := s.known[id]
		return !ok
	})
	return slices.SortedFunc(maps.Values(found), func(a, b workRecord) int { return strings.Compare(a.ID, b.ID) }), nil
}

// readStretch adds what failed of the next pieces of work, and returns where to go
// on; nil after the last.
func readStretch(r store.Reader, suite SuiteKey, from []byte, failed map[string]workRecord) (next []byte, err error) {
	prefix := suiteID(suite)
	if from == nil {
		from = prefix
	}
	read := 0
	for e, err := range works.Scan(r, from, prefix.PrefixEnd(), false) {
		if err != nil {
			return nil, err
		}
		if read++; read > maxWorkRead {
			return e.Key, nil
		}
		if e.Value.fails() {
			failed[e.Value.ID] = e.Value
		}
	}
	return nil, nil
}

// fails tells whether there is a failure that somebody may have to hear of: a final
// one, or one that keeps coming.
func (w *workRecord) fails() bool {
	return w.Failure != nil && (w.Failure.Final || w.Attempts >= alertAfterTries)
}
