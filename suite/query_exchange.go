package suite

import "time"

// exchangeOf tells what is left to do of a corp's work, which is zero when
// there is none.
func (k *Keeper) exchangeOf(ref workRef, work workRecord) Exchange {
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
	default:
		x.State = ExchangeWaiting
		x.NextAttemptAt = laterOf(work.NextAt, due.UTC())
	}
	if failure != nil {
		x.Failure = failure.explain(ref)
	}
	return x
}

// pending tells whether anything is left to do by itself.
func (w *workRecord) pending() bool {
	return len(w.Codes) > 0 || w.Activate || !w.Refresh.IsZero() || w.Missing || w.Reauth
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
