package suite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"suitekeeper/store"
)

// maxLooked bounds what one answer looks at. An event counts as ten, an entry
// of an index as one, as they are read in about that proportion of time.
const (
	maxLooked   = 40_000
	costOfEvent = 10
	costOfEntry = 1
)

// untilSlack is how far the time in an event's id may be ahead of its
// reception: the id is made when the update runs, and follows the id before it.
const untilSlack = time.Second

// Events lists stored events. It is safe for concurrent use and works on a
// Keeper that is not running. A query that cannot be is ErrBadQuery. A suite that
// is not configured is ErrUnknownSuite, unless there are events of it: its key
// may be mistyped, or it was removed.
func (k *Keeper) Events(ctx context.Context, q EventQuery) (EventList, error) {
	s, err := newEventSearch(q)
	if err != nil {
		return EventList{}, fmt.Errorf("list events: %w", err)
	}
	var list EventList
	err = k.store.View(ctx, func(r store.Reader) (err error) {
		list, err = s.run(r)
		return err
	})
	if err == nil && len(list.Events) == 0 && list.Next == "" && s.begins() {
		err = k.known(q.Suite)
	}
	if err != nil {
		return EventList{}, fmt.Errorf("list events: %w", err)
	}
	return list, nil
}

// known is the error for a suite that is not configured; none is no suite.
func (k *Keeper) known(key SuiteKey) error {
	if _, ok := k.suite(key); !ok && key != "" {
		return k.unknownSuite(key)
	}
	return nil
}

// eventSearch is a checked query.
type eventSearch struct {
	EventQuery
	list     byte   // of the cursor
	from, to []byte // ids: from <= id < to; nil to: to the end
}

// begins tells that the list does not go on where another one ended.
func (s eventSearch) begins() bool { return s.Cursor == "" && s.After == (EventID{}) }

func newEventSearch(q EventQuery) (eventSearch, error) {
	s := eventSearch{EventQuery: q, list: cursorNewest}
	if q.Ascending {
		s.list = cursorOldest
	}
	if q.After != (EventID{}) && !q.Ascending {
		return s, BadQuery(Say(SayAscendingOnly))
	}
	var err error
	if s.Limit, err = limitOf(q.Limit); err != nil {
		return s, err
	}
	if err := oneOf("outcome", q.Outcome, OutcomeApplied, OutcomeStale, OutcomeStored, OutcomeQuarantined); err != nil {
		return s, err
	}
	place, err := openCursor(s.list, q.Cursor)
	if err != nil {
		return s, err
	}
	if place != nil && len(place) != len(EventID{}) {
		return s, errForeignCursor
	}
	s.bound(place)
	return s, nil
}

// bound sets the range of ids to search.
func (s *eventSearch) bound(place []byte) {
	if !s.Since.IsZero() {
		first := firstIDAt(s.Since)
		s.from = first[:]
	}
	if !s.Until.IsZero() {
		end := firstIDAt(s.Until.Add(untilSlack))
		s.to = end[:]
	}
	if s.After != (EventID{}) {
		s.from = maxKey(s.from, successor(s.After[:]))
	}
	switch {
	case place == nil:
	case s.Ascending:
		s.from = maxKey(s.from, successor(place))
	case s.to == nil || bytes.Compare(place, s.to) < 0:
		s.to = place
	}
}

// successor is the first key behind another.
func successor(key []byte) []byte { return append(bytes.Clone(key), 0) }

func maxKey(a, b []byte) []byte {
	if bytes.Compare(a, b) > 0 {
		return a
	}
	return b
}

func (s eventSearch) run(r store.Reader) (EventList, error) {
	var list EventList
	var last EventID
	looked := 0
	for e, err := range s.candidates(r) {
		if err != nil {
			return EventList{}, err
		}
		if looked >= maxLooked || len(list.Events) == s.Limit {
			list.Next, list.Looked = newCursor(s.list, last[:]), last.time().UTC()
			break
		}
		last = e.id
		looked += e.cost()
		if e.record != nil && s.wants(*e.record) {
			list.Events = append(list.Events, eventOf(*e.record))
		}
	}
	return list, nil
}

// wants tells whether the query asks for the event.
func (s eventSearch) wants(e eventRecord) bool {
	return (s.Suite == "" || e.Suite == s.Suite) &&
		(s.Type == "" || e.Type == s.Type) &&
		(s.Corp == "" || e.Corp == s.Corp) &&
		(s.Outcome == "" || e.Outcome == s.Outcome) &&
		(s.Since.IsZero() || !e.ReceivedAt.Before(s.Since)) &&
		(s.Until.IsZero() || e.ReceivedAt.Before(s.Until))
}

func eventOf(e eventRecord) Event {
	return Event{ID: e.ID, Suite: e.Suite, Type: e.Type, Corp: e.Corp, Source: e.Source, IssuedAt: e.IssuedAt,
		ReceivedAt: e.ReceivedAt, Duplicates: e.Duplicates, Outcome: e.Outcome, Reason: e.Reason}
}

// Event returns a stored event with its payload, in which secrets are masked.
// ErrNotFound says that it is not stored, or not any more.
func (k *Keeper) Event(ctx context.Context, id EventID) (EventDetail, error) {
	e, err := k.storedEvent(ctx, id)
	if err != nil {
		return EventDetail{}, err
	}
	e.Payload = maskPayload(e.Payload, e.Outcome == OutcomeQuarantined)
	e.Revealed = false
	return e, nil
}

// storedEvent returns an event with its payload as it came, secrets and all.
func (k *Keeper) storedEvent(ctx context.Context, id EventID) (EventDetail, error) {
	var e eventRecord
	err := k.store.View(ctx, func(r store.Reader) (err error) {
		e, err = events.Get(r, id[:])
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return EventDetail{}, NoEvent(id.String())
	}
	if err != nil {
		return EventDetail{}, fmt.Errorf("read event %s: %w", id, err)
	}
	return EventDetail{Event: eventOf(e), Payload: e.Payload, Revealed: true}, nil
}
