package suite

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"suitekeeper/store"
)

// replaySearch finds some of the events that a replay is about, the oldest
// first.
type replaySearch struct {
	eventSearch
	sound bool // leaves out those in quarantine, which another search finds
}

// search finds the events that the query is about, failed or not.
func (q ReplayQuery) search() replaySearch {
	s := replaySearch{eventSearch: eventSearch{list: cursorOldest, EventQuery: EventQuery{
		Suite: q.Suite, Type: q.Type, Corp: q.Corp, Since: q.Since, Ascending: true,
	}}}
	s.bound(nil)
	return s
}

// searches calls fn with the searches that together find what the query is
// about. What failed is found by the work that is left of it, of which there is
// little, and not by going through all events.
func (k *Keeper) searches(ctx context.Context, q ReplayQuery, fn func(replaySearch) error) error {
	s := q.search()
	if !q.Failed {
		return fn(s)
	}
	s.Outcome = OutcomeQuarantined
	if err := fn(s); err != nil {
		return err
	}
	for _, suite := range k.roster().order {
		if q.Suite != "" && q.Suite != suite {
			continue
		}
		if err := k.failedSearches(ctx, q, suite, fn); err != nil {
			return err
		}
	}
	return nil
}

// failedBatch is how much work is read in one view.
const failedBatch = 500

// failedSearches calls fn with a search for each piece of work that failed.
func (k *Keeper) failedSearches(ctx context.Context, q ReplayQuery, suite SuiteKey, fn func(replaySearch) error) error {
	from := []byte(suiteID(suite))
	for from != nil {
		var refs []workRef
		err := k.store.View(ctx, func(r store.Reader) (err error) {
			refs, from, err = failedWork(r, suite, from)
			return err
		})
		if err != nil {
			return err
		}
		for _, ref := range refs {
			s, ok := q.causes(ref)
			if !ok {
				continue
			}
			if err := fn(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// failedWork returns the next pieces of work that failed, and where to go on;
// nil at the end.
func failedWork(r store.Reader, suite SuiteKey, from []byte) (refs []workRef, next []byte, err error) {
	read := 0
	for e, err := range works.Scan(r, from, suiteID(suite).PrefixEnd(), false) {
		if err != nil {
			return nil, nil, err
		}
		if read++; read > failedBatch {
			return refs, e.Key, nil
		}
		ref := workRef{Suite: suite, ID: e.Value.ID}
		failed := e.Value.Failure != nil && e.Value.Failure.Final
		if !failed && !ref.anonymous() {
			auth, err := auths.Get(r, ref.key())
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, nil, err
			}
			failed = auth.Status == StatusFailed
		}
		if failed {
			refs = append(refs, ref)
		}
	}
	return refs, nil, nil
}

// causes finds the events that a piece of work may come from, if the query can
// be about them.
func (q ReplayQuery) causes(ref workRef) (replaySearch, bool) {
	if ref.anonymous() {
		var id EventID
		if q.Corp != "" || id.UnmarshalText([]byte(strings.TrimPrefix(ref.ID, anonymousMark))) != nil {
			return replaySearch{}, false
		}
		s := replaySearch{sound: true}
		s.Ascending, s.from, s.to = true, id[:], successor(id[:])
		return s, true
	}
	if q.Corp != "" && q.Corp != ref.corp() {
		return replaySearch{}, false
	}
	q.Suite, q.Corp = ref.Suite, ref.corp()
	s := q.search()
	s.sound = true
	return s, true
}

// looked is how far a look for events came.
type looked struct {
	next   []byte // where the next look begins
	more   bool   // there is something to look at
	cost   int    // of this look
	broken error  // of the event before next, which cannot be read
}

// lookFor calls each for the events that a search finds, up to a cost or to one
// that cannot be read. Events of suites that are not configured are left alone.
func (k *Keeper) lookFor(r store.Reader, q ReplayQuery, s replaySearch, limit int, each func(eventRecord)) (looked, error) {
	cost, last := 0, s.from
	for e, err := range s.candidates(r) {
		next := successor(e.id[:])
		if err != nil {
			if bytes.Compare(next, last) <= 0 { // it is not that event which is broken
				return looked{}, err
			}
			return looked{next: next, more: true, cost: cost + costOfEvent, broken: err}, nil
		}
		if cost >= limit {
			return looked{next: e.id[:], more: true, cost: cost}, nil
		}
		cost += e.cost()
		last = next
		if e.record != nil && k.wants(q, s, *e.record) {
			each(*e.record)
		}
	}
	return looked{cost: cost}, nil
}

func (k *Keeper) wants(q ReplayQuery, s replaySearch, e eventRecord) bool {
	_, configured := k.suite(e.Suite)
	elsewhere := s.sound && e.Outcome == OutcomeQuarantined
	return configured && !elsewhere && q.matches(e) && s.wants(e)
}
