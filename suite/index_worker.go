package suite

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.uber.org/zap"

	"suitekeeper/store"
)

// indexEvery is how often the indexer looks for what is new. An event is
// indexed when it was there at the look before: what an engine that commits in
// parallel makes visible later than it gave out the id is there by then.
const indexEvery = time.Second

// Whoever pushes may have to wait for the indexer's update, so updates are
// made as large as the disk writes in about indexTime, within these bounds.
const (
	indexTime  = 40 * time.Millisecond
	leastBatch = 256 // fewer cost about as much
	mostBatch  = 4096
)

// While pushes come in, the indexer rests so many times as long as it worked.
const indexRest = 3

// indexer brings the indexes up to date. It is for one goroutine.
type indexer struct {
	*Keeper
	newest  EventID // at the last look
	settled EventID // at the look before: all up to this one is committed
	events  batchSize
	changes batchSize
}

// index keeps the indexes up to date until ctx ends.
func (k *Keeper) index(ctx context.Context) error {
	x := indexer{Keeper: k, newest: k.ids.newest(), events: leastBatch, changes: leastBatch}
	tick := time.NewTicker(indexEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		x.settled, x.newest = x.newest, k.ids.newest()
		if err := x.catchUp(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrBusy) {
			if !errors.Is(err, store.ErrFull) { // which has its alert
				k.log.Error("the indexes could not be brought up to date; trying again later", zap.Error(err))
			}
			if err := pauseFor(ctx, tidyEvery); err != nil {
				return nil
			}
		}
	}
}

// catchUp works off what there is.
func (x *indexer) catchUp(ctx context.Context) error {
	for {
		changes, err := x.catchUpChanges(ctx)
		if err != nil {
			return err
		}
		var events int
		err = x.paced(ctx, &x.events, func(limit int) (n int, err error) {
			events, err = x.indexEvents(ctx, x.settled, limit)
			return events, err
		})
		if err != nil || changes+events == 0 {
			return err
		}
	}
}

// catchUpChanges works off a window of the journal, and returns how many
// entries that had.
func (x *indexer) catchUpChanges(ctx context.Context) (int, error) {
	w, err := x.readChanges(ctx, maxWindow)
	if err != nil {
		return 0, err
	}
	for rest := w.entries; len(rest) > 0; {
		err := x.paced(ctx, &x.changes, func(limit int) (int, error) {
			n := min(limit, len(rest))
			err := x.putChanges(ctx, rest[:n])
			rest = rest[n:]
			return n, err
		})
		if err != nil {
			return 0, err
		}
	}
	for keys := range slices.Chunk(w.keys, mostBatch) {
		if err := x.dropChanges(ctx, keys); err != nil {
			return 0, err
		}
	}
	return len(w.keys), nil
}

// paced does a batch, and leaves the disk to the pushes if any came meanwhile.
func (x *indexer) paced(ctx context.Context, size *batchSize, do func(limit int) (int, error)) error {
	start, before := time.Now(), x.arrivals.count()
	if err := size.timed(do); err != nil {
		return err
	}
	if x.arrivals.count() == before {
		return nil
	}
	return pauseFor(ctx, indexRest*time.Since(start))
}

// batchSize is how much goes into one update.
type batchSize int

// timed does a batch, and makes the next one larger or smaller by the time that
// it took.
func (b *batchSize) timed(do func(limit int) (int, error)) error {
	start := time.Now()
	n, err := do(int(*b))
	switch took := time.Since(start); {
	case err != nil:
	case took > indexTime:
		*b = max(*b/2, leastBatch)
	case n == int(*b):
		*b = min(*b*2, mostBatch)
	}
	return err
}

// pauseFor waits, or returns the error of a ctx that ends before.
func pauseFor(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
