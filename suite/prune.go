package suite

import (
	"context"
	"errors"
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

// prune deletes events and fingerprints that have been kept long enough, looks
// after what was committed unseen, and saves the tally, until ctx ends.
func (k *Keeper) prune(ctx context.Context) error {
	sweeper := newSweeper(k.store)
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := k.tidy(store.Urgent(ctx), sweeper, time.Now()); err != nil && ctx.Err() == nil {
			k.log.Error("the store could not be tidied; trying again later", zap.Error(err))
		}
	}
}

func (k *Keeper) tidy(ctx context.Context, sweeper *sweeper, now time.Time) error {
	if err := k.followLate(ctx, now); err != nil {
		return err
	}
	// Work that nobody was woken for, of pushes that were too many to follow.
	if err := k.loadWork(ctx); err != nil {
		return err
	}
	if err := k.tally.save(ctx, k.store, firstIDAt(now.Add(-tallyLag))); err != nil {
		return err
	}
	if err := k.pruneEvents(ctx, firstIDAt(now.Add(-k.keepEvents))); err != nil {
		return err
	}
	for _, key := range k.roster().order {
		if err := sweeper.sweep(ctx, key, now, now.Add(-k.keepFingerprints)); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) pruneEvents(ctx context.Context, until EventID) error {
	for {
		n, err := k.pruneSome(ctx, until)
		if err != nil || n == 0 {
			return err
		}
		k.tally.forget(n)
	}
}

// pruneSome deletes the oldest events with their entries in the indexes, as
// many as one update takes.
func (k *Keeper) pruneSome(ctx context.Context, until EventID) (int, error) {
	if err := k.indexing.Acquire(ctx, 1); err != nil {
		return 0, err
	}
	defer k.indexing.Release(1)
	var old []eventRecord
	err := k.store.View(ctx, func(r store.Reader) error {
		old = nil
		for e, err := range events.Scan(r, nil, until[:], false) {
			if err != nil {
				return err
			}
			e.Value.Payload = nil
			if old = append(old, e.Value); len(old) == pruneBatch {
				break
			}
		}
		return nil
	})
	if err != nil || len(old) == 0 {
		return 0, err
	}
	return len(old), k.store.Update(ctx, func(w store.Writer) error {
		for _, e := range old {
			if err := errors.Join(events.Delete(w, e.ID[:]), e.unindex(w)); err != nil {
				return err
			}
		}
		return k.tally.pruned(w, len(old))
	})
}
