package suite

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"suitekeeper/store"
)

// tallyLag is how far behind the newest event the stored count stays while
// pushes come. Ids lead with the arrival of their push, so that what is older
// has been committed, unless a commit takes longer than this. After the next
// start the count lacks what such a commit stored.
const tallyLag = 10 * time.Second

// tallyRecord is what is stored of the tally: exact for the events before Cut,
// so that a start has only the newest ones to read.
type tallyRecord struct {
	Events      int                         `json:"events"` // with ids below Cut
	Cut         EventID                     `json:"cut"`
	Last        map[SuiteKey]time.Time      `json:"last,omitempty"`
	Quarantined map[SuiteKey]quarantineNote `json:"quarantined,omitempty"`
}

var tallyID = store.Key{}.Text("events")

// tally counts the stored events. It is safe for concurrent use.
type tally struct {
	mu          sync.Mutex
	events      int
	last        map[SuiteKey]time.Time
	quarantined map[SuiteKey]quarantineNote
}

func newTally() *tally {
	return &tally{last: map[SuiteKey]time.Time{}, quarantined: map[SuiteKey]quarantineNote{}}
}

// load reads the stored tally and the events that are newer.
func (t *tally) load(ctx context.Context, e store.Engine) error {
	return e.View(ctx, func(r store.Reader) error {
		rec, err := tallies.Get(r, tallyID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		t.mu.Lock()
		t.events = rec.Events
		maps.Copy(t.last, rec.Last)
		for suite, q := range rec.Quarantined {
			q.Cured = true // perhaps: the record may be older than that
			t.quarantined[suite] = q
		}
		t.mu.Unlock()
		for e, err := range events.Scan(r, rec.Cut[:], nil, false) {
			if err != nil {
				return err
			}
			t.add([]eventRecord{e.Value})
		}
		return nil
	})
}

// add counts events that were committed.
func (t *tally) add(stored []eventRecord) {
	if len(stored) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events += len(stored)
	for _, e := range stored {
		if e.ReceivedAt.After(t.last[e.Suite]) {
			t.last[e.Suite] = e.ReceivedAt
		}
		if e.Outcome == OutcomeQuarantined && !e.refused() && !e.ReceivedAt.Before(t.quarantined[e.Suite].At) {
			t.quarantined[e.Suite] = noteOf(e)
		}
	}
}

// refused tells whether the event was kept but its push refused, of which
// operators hear as of a rejection, and not twice.
func (e *eventRecord) refused() bool {
	return e.Reason == notJSON || e.Reason == Phrase(ErrNotJSON.Error()) // as earlier versions stored it
}

// save moves the stored count up to cut, below which all is surely committed.
func (t *tally) save(ctx context.Context, e store.Engine, cut EventID) error {
	var rec tallyRecord
	var more int
	err := e.View(ctx, func(r store.Reader) (err error) {
		if rec, err = tallies.Get(r, tallyID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		more, err = events.Count(r, rec.Cut[:], cut[:])
		return err
	})
	if err != nil || more == 0 {
		return err
	}
	return e.Update(ctx, func(w store.Writer) error {
		rec, err := tallies.Get(w, tallyID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		rec.Events += more
		rec.Cut = cut
		t.mu.Lock()
		rec.Last, rec.Quarantined = maps.Clone(t.last), maps.Clone(t.quarantined)
		t.mu.Unlock()
		return tallies.Put(w, tallyID, rec)
	})
}

// pruned takes deleted events out of the count, in the update that deletes them.
func (t *tally) pruned(w store.Writer, n int) error {
	rec, err := tallies.Get(w, tallyID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	rec.Events = max(0, rec.Events-n)
	return tallies.Put(w, tallyID, rec)
}

// forget takes deleted events out of the count in memory.
func (t *tally) forget(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events -= n
}

func (t *tally) total() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.events
}

func (t *tally) lastEvent(suite SuiteKey) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last[suite]
}

func (t *tally) lastQuarantined(suite SuiteKey) (quarantineNote, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	q, ok := t.quarantined[suite]
	return q, ok
}
