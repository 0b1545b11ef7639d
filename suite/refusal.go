package suite

import (
	"sync"
	"time"
)

// Pushes that are answered 503 come again by themselves, so that a few are no
// reason to call anybody.
const (
	refusalsAlarming = 3               // of one cause
	refusalsAlarmed  = 5 * time.Minute // after the last
)

// refusals counts the pushes that were answered 503 though nothing was wrong with
// them. It is safe for concurrent use.
type refusals struct {
	mu     sync.Mutex
	recent map[refusalKey]refusal
}

// refusalKey is a cause and whom it struck: a suite, or "" for none that we know.
type refusalKey struct {
	suite SuiteKey
	cause AlertCode
}

// refusal tells of refused pushes between which there were no long pauses.
type refusal struct {
	count       int
	since, last time.Time
}

func newRefusals() *refusals { return &refusals{recent: map[refusalKey]refusal{}} }

// Overloaded notes that so many pushes for a suite, or for none that is known,
// were refused since more came at once than can be taken.
func (k *Keeper) Overloaded(suite SuiteKey, pushes int) {
	if _, ok := k.suite(suite); !ok {
		suite = ""
	}
	k.refusals.add(refusalKey{suite, AlertOverloaded}, pushes, time.Now().UTC())
}

func (r *refusals) add(key refusalKey, pushes int, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.recent[key]
	if now.Sub(f.last) > refusalsAlarmed {
		f = refusal{since: now}
	}
	f.count, f.last = f.count+pushes, now
	r.recent[key] = f
}

// alerts says what refuses the pushes for a suite.
func (r *refusals) alerts(suite SuiteKey, now time.Time) []Alert {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []Alert
	for _, cause := range []AlertCode{AlertOverloaded, AlertStoreSlow} {
		if f := r.recent[refusalKey{suite, cause}]; f.count >= refusalsAlarming && now.Sub(f.last) <= refusalsAlarmed {
			list = append(list, newAlert(cause, suite, "", f.since, Values{Count: f.count}))
		}
	}
	return list
}
