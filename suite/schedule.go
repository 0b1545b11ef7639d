package suite

import (
	"container/heap"
	"sync"
	"time"

	"suitekeeper/store"
)

// workRef names a piece of work: a corp's, an anonymous code's, or the probe
// of a suite whose calls all fail.
type workRef struct {
	Suite SuiteKey
	ID    string
}

// Ids of work that is no corp's begin with a control character, which no corp
// id holds.
const (
	anonymousMark = "\x01"
	probeID       = "\x02probe"
)

func anonymousWork(code EventID) string { return anonymousMark + code.String() }

func (r workRef) anonymous() bool { return len(r.ID) > 0 && r.ID[0] == anonymousMark[0] }

func (r workRef) corp() CorpID { return CorpID(r.ID) }

func (r workRef) key() store.Key { return suiteID(r.Suite).Text(r.ID) }

// schedule knows when which work is due. The work itself is in the store; this
// is rebuilt from there at every start. It is safe for concurrent use.
//
// One goroutine at a time works on a ref, so there is one exchange at a time
// for a suite and corp. That needs no claims in the store: the store's file is
// locked, so there is one process.
type schedule struct {
	mu     sync.Mutex
	queue  dueQueue
	items  map[workRef]*item
	gates  map[SuiteKey]*gate
	tried  map[SuiteKey]*gate // that a probe opened last
	failed map[SuiteKey]*retries
	heard  map[SuiteKey]int // tickets and secrets that came since the start
	looked time.Time        // when somebody last did
	woken  chan struct{}    // holds a value when next may have a new answer
}

// item is a piece of work that waits, is being worked on, or stands behind a gate.
type item struct {
	ref     workRef
	due     time.Time
	index   int  // in the queue; -1 when not in it
	running bool // a worker has it
	again   bool // was woken while running

	failed bool // its last try, in a way that may pass
	early  bool // is tried before the store says
}

func newSchedule() *schedule {
	return &schedule{items: map[workRef]*item{}, gates: map[SuiteKey]*gate{}, tried: map[SuiteKey]*gate{}, failed: map[SuiteKey]*retries{}, heard: map[SuiteKey]int{}, woken: make(chan struct{}, 1)}
}

// wake makes the work due now.
func (s *schedule) wake(ref workRef) { s.at(ref, time.Now()) }

// at makes the work due at that time, or earlier if it was due earlier.
func (s *schedule) at(ref workRef, due time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(ref, due)
	s.signal()
}

// atAll is at for several pieces of work.
func (s *schedule) atAll(left map[workRef]due) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ref, due := range left {
		s.put(ref, due.at)
		if due.failed {
			s.retryOf(ref)
		}
	}
	s.signal()
}

// drop forgets the work of a suite, but for what a worker has.
func (s *schedule) drop(suite SuiteKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.gates, suite)
	delete(s.tried, suite)
	delete(s.failed, suite)
	for ref, it := range s.items {
		if ref.Suite != suite || it.running {
			continue
		}
		if it.index >= 0 {
			heap.Remove(&s.queue, it.index)
		}
		delete(s.items, ref)
	}
}

func (s *schedule) put(ref workRef, due time.Time) {
	it := s.items[ref]
	switch {
	case it == nil:
		it = &item{ref: ref, due: due, index: -1}
		s.items[ref] = it
		heap.Push(&s.queue, it)
	case it.running:
		it.again = true
	case it.index < 0: // behind a gate: it goes on when the gate opens
		it.due = due
	case due.Before(it.due):
		it.due = due
		heap.Fix(&s.queue, it.index)
	}
}

func (s *schedule) signal() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

// next hands out work that is due. When there is none it says how long to wait
// for the next; negative means until woken.
func (s *schedule) next(now time.Time) (ref workRef, ok bool, wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue) > 0 {
		it := s.queue[0]
		if it.due.After(now) {
			return workRef{}, false, it.due.Sub(now)
		}
		heap.Pop(&s.queue)
		s.failed[it.ref.Suite].remove(it)
		if g := s.gates[it.ref.Suite]; g != nil && it.ref.ID != probeID {
			g.parked[it.ref] = struct{}{}
			continue
		}
		it.running, it.again = true, false
		return it.ref, true, 0
	}
	return workRef{}, false, -1
}

// done gives work back, to be due again at that time; zero means that nothing
// is left to do.
func (s *schedule) done(ref workRef, next due) {
	s.mu.Lock()
	defer s.mu.Unlock()
	it := s.items[ref]
	delete(s.items, ref)
	now := time.Now()
	due := next.at
	if it.again {
		due = now
	}
	if g := s.gates[ref.Suite]; g != nil && ref.ID == probeID {
		g.asked = now
		if due.IsZero() { // it was closed just when the probe found it open
			due = now.Add(s.pause(g, now))
		}
	}
	if !due.IsZero() {
		s.put(ref, due)
	}
	switch {
	case next.failed && !it.again:
		s.retryOf(ref)
		s.retrySooner(ref.Suite, now)
	case !next.failed && it.failed:
		s.failed[ref.Suite].hasten(s, afterSuccess, func() time.Time { return now })
	}
	s.signal()
}

// dueQueue is a heap of items by the time they are due.
type dueQueue []*item

func (q dueQueue) Len() int           { return len(q) }
func (q dueQueue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q dueQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push implements heap.Interface.
func (q *dueQueue) Push(x any) {
	it := x.(*item)
	it.index = len(*q)
	*q = append(*q, it)
}

// Pop implements heap.Interface.
func (q *dueQueue) Pop() any {
	last := len(*q) - 1
	it := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	it.index = -1
	return it
}
