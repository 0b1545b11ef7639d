package suite

import (
	"errors"
	"time"

	"suitekeeper/store"
)

// exchange tells what is left to do for a corp.
func (k *Keeper) exchange(r store.Getter, ref workRef) (Exchange, error) {
	work, err := works.Get(r, ref.key())
	if errors.Is(err, store.ErrNotFound) {
		return Exchange{State: ExchangeDone}, nil
	}
	if err != nil {
		return Exchange{}, err
	}
	x := Exchange{State: ExchangeDone, Attempts: work.Attempts}
	failure := work.Failure
	gate, closed := k.schedule.gateFailure(ref.Suite)
	switch due, running := k.schedule.look(ref); {
	case !work.pending():
		if failure != nil {
			x.State = ExchangeFailed
		}
	case running:
		x.State = ExchangeRunning
	case closed:
		x.State, failure = ExchangeHeld, &gate
		err = gate.sayMissing(r, ref.Suite)
	default:
		x.State = ExchangeWaiting
		x.NextAttemptAt = laterOf(work.NextAt, due.UTC())
	}
	if failure != nil {
		x.Failure = failure.explain(ref)
	}
	return x, err
}

// pending tells whether anything is left that needs no person.
func (w *workRecord) pending() bool {
	return len(w.Codes) > 0 || w.Activate || !w.Refresh.IsZero() || w.Missing || w.Reauth
}

// sayMissing names a ticket that is missing so, as the alert does: to the gate
// it is the same as one that DingTalk rejects.
func (f *Failure) sayMissing(r store.Getter, suite SuiteKey) error {
	if f.Alert != AlertTicketRejected {
		return nil
	}
	stored, err := tickets.Has(r, suiteID(suite))
	if err == nil && !stored {
		f.Alert = AlertTicketMissing
	}
	return err
}

// look tells when the work is due, zero when it is not scheduled, and whether
// a worker has it.
func (s *schedule) look(ref workRef) (due time.Time, running bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	it := s.items[ref]
	if it == nil {
		return time.Time{}, false
	}
	return it.due, it.running
}

// explain says what a failure means in the words of the catalogue.
func (f Failure) explain(ref workRef) *ExplainedFailure {
	a := f.alert(ref.Suite, ref.corp())
	return &ExplainedFailure{Alert: a.Code, PlatformCode: f.Code, At: f.At, Message: a.Message, Cure: a.Cure}
}
