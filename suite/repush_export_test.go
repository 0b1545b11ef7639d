package suite

import (
	"context"
	"time"

	"suitekeeper/store"
)

// StoreOdd stores an event as an earlier version would have, which could not
// read it, and returns its id.
func (k *Keeper) StoreOdd(ctx context.Context, key SuiteKey, source Source, at time.Time, payload string) (EventID, error) {
	e := eventRecord{Suite: key, Source: source, ReceivedAt: at.UTC(), Outcome: OutcomeQuarantined,
		Reason: "an earlier version could not read it", Payload: []byte(payload)}
	a, err := k.update(ctx, key, at, func(a *applier) error {
		e.ID = a.ids.next(at)
		a.stored = append(a.stored, e)
		return events.Put(a.w, e.ID[:], e)
	})
	if err != nil {
		return EventID{}, err
	}
	k.applied(a)
	return e.ID, nil
}

// EventKey is the key under which an event is stored.
func EventKey(id EventID) []byte { return append(store.Key{}.Text("event"), id[:]...) }
