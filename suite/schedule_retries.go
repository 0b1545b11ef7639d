package suite

import (
	"container/heap"
	"time"
)

// How many pieces of work of one suite, whose tries failed in a way that may pass,
// are tried before their pauses are over: while somebody looks, who wants to see
// within 5 s that it has passed, and after each that succeeds, since others may then.
const (
	whileWatched = 8 // at a time
	afterSuccess = 2
)

// retries are a suite's pieces of work that wait after a try that failed.
type retries struct {
	waiting map[*item]struct{}
	early   int // of those, how many are tried sooner
}

// retryOf notes that the last try of waiting work failed.
func (s *schedule) retryOf(ref workRef) {
	it := s.items[ref]
	if it == nil || it.index < 0 {
		return
	}
	r := s.failed[ref.Suite]
	if r == nil {
		r = &retries{waiting: map[*item]struct{}{}}
		s.failed[ref.Suite] = r
	}
	it.failed = true
	r.waiting[it] = struct{}{}
}

// retrySooner has some work tried soon, while somebody looks.
func (s *schedule) retrySooner(suite SuiteKey, now time.Time) {
	r := s.failed[suite]
	if now.Sub(s.looked) <= watchedFor && r != nil {
		r.hasten(s, whileWatched-r.early, func() time.Time { return now.Add(spread(probeSoon)) })
		s.signal()
	}
}

// hasten has up to n pieces of work tried at another time, if that is sooner.
func (r *retries) hasten(s *schedule, n int, due func() time.Time) {
	if r == nil {
		return
	}
	for it := range r.waiting {
		if n <= 0 {
			return
		}
		if it.early {
			continue
		}
		if at := due(); at.Before(it.due) {
			it.due, it.early = at, true
			heap.Fix(&s.queue, it.index)
			r.early++
			n--
		}
	}
}

// remove takes out what waits no longer.
func (r *retries) remove(it *item) {
	if r == nil {
		return
	}
	if _, ok := r.waiting[it]; ok && it.early {
		r.early--
	}
	delete(r.waiting, it)
}

// early tells whether a worker has the work before the store says that it is due.
func (s *schedule) early(ref workRef) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	it := s.items[ref]
	return it != nil && it.early
}
