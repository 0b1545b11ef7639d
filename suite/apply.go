package suite

import (
	"bytes"
	"context"
	"errors"
	"time"

	"suitekeeper/store"
)

// clockTolerance is how far ahead of our clock an event's own time may be
// before the time of arrival counts instead, so that no strange stamp stays
// "newest for ever" and a wrong clock here stops nothing.
const clockTolerance = 10 * time.Minute

// applier makes the changes of one update of the store: those of the events of
// one push, or of a step of work. It is made anew for each run of the update.
type applier struct {
	w          store.Writer
	suite      SuiteKey
	receivedAt time.Time
	arrivedAt  time.Time // of the events; before receivedAt when stored ones are processed again
	ids        *idSource // of new events
	changeIDs  *idSource // of entries in the journal of authorisations
	failing    *failingWork

	outcome    Outcome // of the push as a whole
	duplicates int
	stored     []eventRecord // without payloads
	work       []workRef     // what the workers should look at
	newTicket  bool
	cured      []EventID // of events that left the quarantine
	effects    []func()  // what follows the commit
}

// update makes changes in one update of the store. It returns the applier that
// made them, which is to be used when they are committed and not otherwise.
func (k *Keeper) update(ctx context.Context, suite SuiteKey, at time.Time, change func(a *applier) error) (*applier, error) {
	var a *applier
	err := k.store.Update(ctx, func(w store.Writer) error {
		a = &applier{w: w, suite: suite, receivedAt: at.UTC(), arrivedAt: at.UTC(), ids: &k.ids, changeIDs: &k.changeIDs, failing: k.failing}
		return change(a)
	})
	if err != nil {
		return nil, err
	}
	for _, effect := range a.effects {
		effect()
	}
	return a, nil
}

// afterwards has fn run when the update is committed. The update itself may
// run again, so that nothing in it may count or log.
func (a *applier) afterwards(fn func()) { a.effects = append(a.effects, fn) }

func (a *applier) apply(list []incoming) error {
	for _, in := range list {
		if err := a.one(in); err != nil {
			return err
		}
	}
	return nil
}

// one records an event, unless it is known, and applies it.
func (a *applier) one(in incoming) error {
	key := printID(a.suite, in)
	known, err := prints.Has(a.w, key)
	if err != nil {
		return err
	}
	if known {
		return a.duplicate(key)
	}
	id := a.ids.next(a.receivedAt)
	e := eventRecord{ID: id, Suite: a.suite, Type: in.Type, Corp: in.Corp, Source: in.Source,
		IssuedAt: in.Stamp, ReceivedAt: a.receivedAt, Payload: in.Raw}
	if e.Outcome, e.Reason, err = a.change(in, id); err != nil {
		return err
	}
	if err := events.Put(a.w, id[:], e); err != nil {
		return err
	}
	if err := prints.Put(a.w, key, printRecord{Event: id, SeenAt: a.receivedAt}); err != nil {
		return err
	}
	e.Payload = nil
	a.stored = append(a.stored, e)
	a.outcome = weightier(a.outcome, e.Outcome)
	return nil
}

// duplicate counts a repeat on the event itself. The event may have gone
// already: fingerprints are kept longer than events.
func (a *applier) duplicate(print []byte) error {
	a.duplicates++
	known, err := prints.Get(a.w, print)
	if err != nil {
		return err
	}
	id := known.Event
	e, err := events.Get(a.w, id[:])
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	a.outcome = weightier(a.outcome, e.Outcome)
	a.wakeFor(e, known.Event)
	e.Duplicates++
	return events.Put(a.w, id[:], e)
}

// wakeFor has the workers look at what a known event caused. The push that
// brought it may have been given up while its commit was under way, and then
// nobody was woken; the repeat is what comes next.
func (a *applier) wakeFor(e eventRecord, id EventID) {
	switch {
	case e.Outcome != OutcomeApplied:
	case e.Corp != "":
		a.work = append(a.work, workRef{Suite: a.suite, ID: string(e.Corp)})
	default: // a ticket, or a code that does not say whose it is
		a.newTicket = true
		a.work = append(a.work, workRef{Suite: a.suite, ID: anonymousWork(id)})
	}
}

// weightier is what a push is said to have done when its rows did different things.
func weightier(a, b Outcome) Outcome {
	for _, o := range []Outcome{OutcomeQuarantined, OutcomeApplied, OutcomeStale} {
		if a == o || b == o {
			return o
		}
	}
	return b
}

// change makes of the state what the event says.
func (a *applier) change(in incoming, id EventID) (Outcome, Phrase, error) {
	if in.Odd != "" {
		return OutcomeQuarantined, in.Odd, nil
	}
	at := a.order(in.Stamp)
	switch in.Kind {
	case kindTicket:
		return a.ticket(in, id, at)
	case kindAuthCode:
		return a.authCode(in, id, at)
	case kindAuthGranted:
		return a.granted(in, id, at)
	case kindAuthChanged:
		return a.authChanged(in, id, at)
	case kindRelieved:
		return a.relieved(in, id, at)
	case kindAppStopped, kindAppRestored, kindAppRemoved:
		return a.app(in, id, at)
	default:
		return OutcomeStored, "", nil
	}
}

// order is the time that orders an event among others.
func (a *applier) order(stamp time.Time) time.Time {
	if stamp.IsZero() || stamp.After(a.arrivedAt.Add(clockTolerance)) {
		return a.arrivedAt
	}
	return stamp
}

// older tells whether an event is older than what is stored. A stored time
// that lies ahead of our clock was written while the clock was wrong, and does
// not count.
func (a *applier) older(at, stored time.Time) bool {
	return at.Before(stored) && !stored.After(a.receivedAt.Add(clockTolerance))
}

func (a *applier) ticket(in incoming, id EventID, at time.Time) (Outcome, Phrase, error) {
	key := suiteID(a.suite)
	old, err := tickets.Get(a.w, key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", "", err
	}
	earlier := at.Equal(old.IssuedAt) && bytes.Compare(id[:], old.Event[:]) < 0
	if err == nil && (earlier || a.older(at, old.IssuedAt)) {
		return OutcomeStale, staleBecause(SayTicketStored, old.IssuedAt), nil
	}
	a.newTicket = true
	return OutcomeApplied, "", tickets.Put(a.w, key, ticketRecord{
		Value: in.Ticket.Reveal(), IssuedAt: at, ReceivedAt: a.arrivedAt, Event: id,
	})
}
