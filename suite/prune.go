package suite

import (
	"context"
	"time"

	"go.uber.org/zap"

	"suitekeeper/store"
)

// How often old events are looked for, and how many are deleted in one update:
// few, so that no push waits long behind it.
const (
	tidyEvery  = time.Minute
	pruneBatch = 500
)

// prune deletes events and fingerprints that have been kept long enough, and
// saves the tally, until ctx ends.
func (k *Keeper) prune(ctx context.Context) error {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := k.tidy(ctx, time.Now()); err != nil && ctx.Err() == nil {
			k.log.Error("old events could not be deleted; trying again later", zap.Error(err))
		}
	}
}

func (k *Keeper) tidy(ctx context.Context, now time.Time) error {
	// Work whose push was given up during its commit, and not repeated.
	if err := k.loadWork(ctx); err != nil {
		return err
	}
	if err := k.tally.save(ctx, k.store, now); err != nil {
		return err
	}
	if err := k.pruneEvents(ctx, firstIDAt(now.Add(-k.keepEvents))); err != nil {
		return err
	}
	for _, key := range k.order {
		if err := k.prunePrints(ctx, key, now.Add(-k.keepFingerprints)); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) pruneEvents(ctx context.Context, until EventID) error {
	for {
		var old [][]byte
		err := k.store.View(ctx, func(r store.Reader) error {
			old = nil
			for e, err := range events.Scan(r, nil, until[:], false) {
				if err != nil {
					return err
				}
				if old = append(old, e.Key); len(old) == pruneBatch {
					break
				}
			}
			return nil
		})
		if err != nil || len(old) == 0 {
			return err
		}
		err = k.store.Update(ctx, func(w store.Writer) error {
			for _, key := range old {
				if err := events.Delete(w, key); err != nil {
					return err
				}
			}
			return k.tally.pruned(w, len(old))
		})
		if err != nil {
			return err
		}
		k.tally.forget(len(old))
	}
}

// prunePrints deletes the fingerprints that were seen before then. They are
// ordered by the events' own time; those without one stand first and those
// with a time ahead of ours last, so what was seen tells.
func (k *Keeper) prunePrints(ctx context.Context, suite SuiteKey, seenBefore time.Time) error {
	prefix := suiteID(suite)
	from, to := []byte(prefix), []byte(prefix.Time(seenBefore))
	for {
		var old [][]byte
		done := true
		err := k.store.View(ctx, func(r store.Reader) error {
			old, done = nil, true
			for e, err := range prints.Scan(r, from, to, false) {
				if err != nil {
					return err
				}
				if e.Value.SeenAt.Before(seenBefore) {
					old = append(old, e.Key)
				}
				if len(old) == pruneBatch {
					from, done = e.Key, false
					break
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		err = k.store.Update(ctx, func(w store.Writer) error {
			for _, key := range old {
				if err := prints.Delete(w, key); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || done {
			return err
		}
	}
}
