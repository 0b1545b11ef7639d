package suite

import (
	"slices"
	"time"

	"suitekeeper/store"
)

// quarantineNote tells of a suite's newest quarantined event whose push was
// acknowledged.
type quarantineNote struct {
	Event  EventID   `json:"event"`
	Type   string    `json:"type"`
	Reason Phrase    `json:"reason"`
	At     time.Time `json:"at"`
	Cured  bool      `json:"-"` // it may have left the quarantine, while others are there still
}

// detail says what was quarantined, and why. An event may be too odd to have a
// type.
func (q quarantineNote) detail() Phrase {
	if q.Type == "" {
		return Say(SayEventNoType, q.Event.String(), string(q.Reason))
	}
	return Say(SayEventOfType, q.Event.String(), q.Type, string(q.Reason))
}

// quarantineAlert tells of the newest event in quarantine, for a while.
func (k *Keeper) quarantineAlert(r store.Reader, suite SuiteKey, now time.Time) (Alert, bool, error) {
	q, ok := k.tally.lastQuarantined(suite)
	if ok && q.Cured {
		left, err := quarantinedSince(r, suite, now.Add(-quarantineAlarmed))
		if err != nil {
			return Alert{}, false, err
		}
		k.tally.replaceCured(suite, q, left)
		q, ok = left, left != quarantineNote{}
	}
	if !ok || now.Sub(q.At) >= quarantineAlarmed {
		return Alert{}, false, nil
	}
	return newAlert(AlertEventsQuarantined, suite, "", q.At, Values{Detail: q.detail().Text()}), true, nil
}

// quarantinedSince looks for the newest event in quarantine; zero for none.
func quarantinedSince(r store.Reader, suite SuiteKey, since time.Time) (quarantineNote, error) {
	s, err := newEventSearch(EventQuery{Suite: suite, Outcome: OutcomeQuarantined, Since: since})
	if err != nil {
		return quarantineNote{}, err
	}
	cost := 0
	for e, err := range s.candidates(r) {
		if err != nil || cost > maxLooked {
			return quarantineNote{}, err
		}
		cost += e.cost()
		if e.record != nil && s.wants(*e.record) && !e.record.refused() {
			return noteOf(*e.record), nil
		}
	}
	return quarantineNote{}, nil
}

func noteOf(e eventRecord) quarantineNote {
	return quarantineNote{Event: e.ID, Type: e.Type, Reason: e.Reason, At: e.ReceivedAt}
}

// cured notes that events have left the quarantine. Which is the newest now is
// looked for when somebody asks.
func (t *tally) cured(suite SuiteKey, ids []EventID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if q := t.quarantined[suite]; slices.Contains(ids, q.Event) {
		q.Cured = true
		t.quarantined[suite] = q
	}
}

// replaceCured puts what is left in quarantine in the place of what was cured,
// unless something newer is there.
func (t *tally) replaceCured(suite SuiteKey, cured, left quarantineNote) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.quarantined[suite] != cured:
	case left == quarantineNote{}:
		delete(t.quarantined, suite)
	default:
		t.quarantined[suite] = left
	}
}
