package suite

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.uber.org/zap"

	"suitekeeper/store"
)

// indexEvery is how often the indexer sees whether there is anything new. An event
// is indexed when it was there the time before: what an engine that commits in
// parallel makes visible later than it gave out the id is there by then. While no
// id is given out the indexer looks into the store only every indexIdle, for what
// was visible later still.
const (
	indexEvery = time.Second
	indexIdle  = time.Minute
)

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
	newest  newestIDs // now
	settled newestIDs // the time before: all up to these is committed
	done    newestIDs // those that were settled at the last look into the store
	looked  time.Time // then
	events  batchSize
	changes batchSize
}

// newestIDs are the ids that were given out last.
type newestIDs struct{ event, change EventID }

func (k *Keeper) newestIDs() newestIDs { return newestIDs{k.ids.newest(), k.changeIDs.newest()} }

// index keeps the indexes up to date until ctx ends.
func (k *Keeper) index(ctx context.Context) error {
	x := indexer{Keeper: k, newest: k.newestIDs(), events: leastBatch, changes: leastBatch}
	tick := time.NewTicker(indexEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := x.look(ctx, time.Now()); err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrBusy) {
			if !errors.Is(err, store.ErrFull) { // which has its alert
				k.log.Error("the indexes could not be brought up to date; trying again later", zap.Error(err))
			}
			if err := pauseFor(ctx, tidyEvery); err != nil {
				return nil
			}
		}
	}
}

// look works off what is new, if anything is.
func (x *indexer) look(ctx context.Context, now time.Time) error {
	x.settled, x.newest = x.newest, x.newestIDs()
	if x.done == x.newest && now.Sub(x.looked) < indexIdle {
		return nil
	}
	err := x.catchUp(ctx)
	if err == nil {
		x.done, x.looked = x.settled, now
	}
	return err
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
			events, err = x.indexEvents(ctx, x.settled.event, limit)
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
