package suite

import (
	"bytes"
	"errors"
	"iter"
	"slices"
	"sync"

	"suitekeeper/store"
)

// sketchMemory keeps the sketches of each suite decrypted, because a search
// looks at all of them. It reads them when the first search asks, and then
// follows the indexer. It is safe for concurrent use.
type sketchMemory struct {
	most    int        // sketches of a suite
	reading sync.Mutex // held by a search that reads sketches, so that only one does

	mu    sync.Mutex
	lists map[SuiteKey]*sketchList
}

// mostRemembered is how many sketches of a suite are kept, of a kilobyte each:
// those of three million authorisations.
const mostRemembered = 1 << 15

func newSketchMemory() *sketchMemory {
	return &sketchMemory{most: mostRemembered, lists: map[SuiteKey]*sketchList{}}
}

// from yields the sketches of a suite from a key on, as a snapshot has them.
func (m *sketchMemory) from(r store.Reader, suite SuiteKey, begin []byte) iter.Seq2[placedSketch, error] {
	return func(yield func(placedSketch, error) bool) {
		l, err := m.list(r, suite)
		if err != nil {
			yield(placedSketch{}, err)
			return
		}
		i, _ := slices.BinarySearchFunc(l.sorted, begin, placedSketch.compareKey)
		for _, p := range l.sorted[i:] {
			if !yield(p, nil) {
				return
			}
		}
		if l.end == nil {
			return
		}
		for s, err := range authSketches.Scan(r, maxKey(begin, l.end), suiteID(suite).PrefixEnd(), false) {
			if !yield(placedSketch{s.Key, s.Value}, err) || err != nil {
				return
			}
		}
	}
}

// list returns the list of the edition that the snapshot has.
func (m *sketchMemory) list(r store.Reader, suite SuiteKey) (*sketchList, error) {
	edition, err := sketchEdition(r, suite)
	if err != nil {
		return nil, err
	}
	if l := m.known(suite, edition); l != nil {
		return l, nil
	}
	m.reading.Lock()
	defer m.reading.Unlock()
	if l := m.known(suite, edition); l != nil {
		return l, nil
	}
	l, err := readSketches(r, suite, edition, m.most)
	if err == nil {
		m.remember(suite, l)
	}
	return l, err
}

func (m *sketchMemory) known(suite SuiteKey, edition uint64) *sketchList {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l := m.lists[suite]; l != nil && l.edition == edition {
		return l
	}
	return nil
}

// remember keeps a list unless there is a newer one.
func (m *sketchMemory) remember(suite SuiteKey, l *sketchList) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if old := m.lists[suite]; old == nil || old.edition < l.edition {
		m.lists[suite] = l
	}
}

// follow is told of the update that put those blocks and made that edition.
func (m *sketchMemory) follow(suite SuiteKey, edition uint64, writes []blockWrite) {
	if l := m.known(suite, edition-1); l != nil {
		m.remember(suite, l.followedBy(writes, m.most))
	}
}

// sketchEditions counts for each suite the updates that changed its sketches.
var sketchEditions = store.NewCollection("auth-sketch-edition", store.JSON[uint64]()) // suite

func sketchEdition(r store.Getter, suite SuiteKey) (uint64, error) {
	n, err := sketchEditions.Get(r, suiteID(suite))
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return n, err
}

// placedSketch is a sketch with the key of its block.
type placedSketch struct {
	key    []byte
	sketch authSketch
}

func (p placedSketch) compareKey(key []byte) int      { return bytes.Compare(p.key, key) }
func (p placedSketch) compare(other placedSketch) int { return p.compareKey(other.key) }

// sketchList is the sketches of a suite in one edition. It does not change.
type sketchList struct {
	edition uint64
	sorted  []placedSketch
	end     []byte // key of the first that is not in the list; nil: there is none
}

func readSketches(r store.Reader, suite SuiteKey, edition uint64, most int) (*sketchList, error) {
	l := &sketchList{edition: edition}
	prefix := suiteID(suite)
	for s, err := range authSketches.Scan(r, prefix, prefix.PrefixEnd(), false) {
		if err != nil {
			return nil, err
		}
		if len(l.sorted) == most {
			l.end = s.Key
			break
		}
		l.sorted = append(l.sorted, placedSketch{s.Key, s.Value})
	}
	return l, nil
}

// followedBy returns the list of the next edition, for which those blocks were
// put.
func (l *sketchList) followedBy(writes []blockWrite, most int) *sketchList {
	next := &sketchList{edition: l.edition + 1, end: l.end}
	for _, w := range writes {
		if l.end == nil || bytes.Compare(w.key, l.end) < 0 {
			next.sorted = append(next.sorted, placedSketch{w.key, sketchOf(w.block)})
		}
	}
	next.sorted = append(next.sorted, l.sorted...)
	slices.SortStableFunc(next.sorted, placedSketch.compare) // a new one is before the old one of the same key
	next.sorted = slices.CompactFunc(next.sorted, func(a, b placedSketch) bool { return a.compare(b) == 0 })
	if len(next.sorted) > most {
		next.end = next.sorted[most].key
		next.sorted = slices.Clone(next.sorted[:most])
	}
	return next
}
