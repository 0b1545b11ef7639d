package suite

import (
	"bytes"
	"context"
	"errors"

	"suitekeeper/store"
)

// The indexes of events. Their keys come in no order of time, which is what
// costs in a tree on disk, so no push pays for them: a worker writes them in
// batches (indexer), and lists read what it has not come to from the events.
var (
	eventsByCorp = store.NewCollection[eventMark]("event-corp", markCodec{}) // suite, corp, event id
	eventsByType = store.NewCollection[eventMark]("event-type", markCodec{}) // suite, type, event id
	eventsOdd    = store.NewCollection[eventMark]("event-odd", markCodec{})  // suite, event id: those in quarantine
	indexes      = store.NewCollection("index", store.JSON[indexRecord]())   // one record
)

// indexRecord tells how far the indexes of events go: every event up to this
// one is in them. An entry of a later one may be there, and does not count.
type indexRecord struct {
	Events EventID `json:"events"`
}

var indexID = store.Key{}.Text("events")

// indexed reads how far the indexes go.
func indexed(r store.Getter) (EventID, error) {
	rec, err := indexes.Get(r, indexID)
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return rec.Events, err
}

// eventMark is what an index tells of an event beside its key, so that lists
// need not look at the event to pass over it.
type eventMark struct {
	Outcome Outcome
	Type    string // in the index by corp
}

type markCodec struct{}

func (markCodec) Encode(m eventMark) ([]byte, error) {
	return append(append([]byte(m.Outcome), 0), m.Type...), nil
}

func (markCodec) Decode(data []byte) (eventMark, error) {
	outcome, name, found := bytes.Cut(data, []byte{0})
	if !found {
		return eventMark{}, errors.New("index entry is cut short")
	}
	return eventMark{Outcome: Outcome(outcome), Type: string(name)}, nil
}

// indexEntry is one entry of one index.
type indexEntry struct {
	in   store.Collection[eventMark]
	key  []byte
	mark eventMark
}

// indexEntries are those of an event.
func (e eventRecord) indexEntries() []indexEntry {
	suite := suiteID(e.Suite)
	list := []indexEntry{{eventsByType, join(suite.Text(e.Type), e.ID[:]), eventMark{Outcome: e.Outcome}}}
	if e.Corp != "" {
		list = append(list, indexEntry{eventsByCorp, join(suite.Text(string(e.Corp)), e.ID[:]), eventMark{e.Outcome, e.Type}})
	}
	if e.Outcome == OutcomeQuarantined {
		list = append(list, indexEntry{eventsOdd, join(suite, e.ID[:]), eventMark{Outcome: e.Outcome}})
	}
	return list
}

// index puts an event into the indexes.
func (e eventRecord) index(w store.Writer) error {
	for _, entry := range e.indexEntries() {
		if err := entry.in.Put(w, entry.key, entry.mark); err != nil {
			return err
		}
	}
	return nil
}

// unindex takes an event out of the indexes, if it is there. Whoever calls it
// holds Keeper.indexing, or the indexer may put back what was taken out.
func (e eventRecord) unindex(w store.Writer) error {
	for _, entry := range e.indexEntries() {
		if err := entry.in.Delete(w, entry.key); err != nil {
			return err
		}
	}
	return nil
}

// rewrite puts an event anew that is stored as before, and has the indexes
// follow. Whoever calls it holds Keeper.indexing.
func (a *applier) rewrite(before, after eventRecord) error {
	return errors.Join(before.unindex(a.w), after.index(a.w), events.Put(a.w, after.ID[:], after))
}

// indexEvents puts the next events into the indexes, up to the last one given
// and at most limit. It returns how many there were.
func (k *Keeper) indexEvents(ctx context.Context, last EventID, limit int) (int, error) {
	if err := k.indexing.Acquire(ctx, 1); err != nil {
		return 0, err
	}
	defer k.indexing.Release(1)
	var batch []eventRecord
	err := k.store.View(ctx, func(r store.Reader) error {
		batch = nil
		done, err := indexed(r)
		if err != nil {
			return err
		}
		for e, err := range events.Scan(r, successor(done[:]), successor(last[:]), false) {
			if err != nil {
				return err
			}
			e.Value.Payload = nil
			if batch = append(batch, e.Value); len(batch) == limit {
				break
			}
		}
		return nil
	})
	if err != nil || len(batch) == 0 {
		return 0, err
	}
	err = k.store.Update(ctx, func(w store.Writer) error {
		for _, e := range batch {
			if err := e.index(w); err != nil {
				return err
			}
		}
		return indexes.Put(w, indexID, indexRecord{Events: batch[len(batch)-1].ID})
	})
	return len(batch), err
}
