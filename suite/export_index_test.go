package suite

import (
	"context"
	"slices"
	"time"

	"suitekeeper/store"
)

// IndexEvents does one batch of the indexer's work on events.
func (k *Keeper) IndexEvents(ctx context.Context, limit int) (int, error) {
	return k.indexEvents(ctx, k.ids.newest(), limit)
}

// IndexChanges does the indexer's work on a window of the journal, up to its
// end or until just before that.
func (k *Keeper) IndexChanges(ctx context.Context, limit int, end bool) (int, error) {
	w, err := k.readChanges(ctx, limit)
	if err == nil {
		err = k.putChanges(ctx, w.entries)
	}
	if err == nil && end {
		err = k.dropChanges(ctx, w.keys)
	}
	return len(w.keys), err
}

// RememberSketches bounds the sketches of a suite that are kept in memory.
func (k *Keeper) RememberSketches(most int) { k.sketches.most = most }

// RememberedSketches are how many of a suite are.
func (k *Keeper) RememberedSketches(suite SuiteKey) int {
	k.sketches.mu.Lock()
	defer k.sketches.mu.Unlock()
	if l := k.sketches.lists[suite]; l != nil {
		return len(l.sorted)
	}
	return 0
}

// PruneEvents deletes the events that were received before then.
func (k *Keeper) PruneEvents(ctx context.Context, before time.Time) error {
	return k.pruneEvents(ctx, firstIDAt(before))
}

// IndexSizes counts the entries of the indexes of events, the events
// themselves, and the entries of the journal.
func (k *Keeper) IndexSizes(ctx context.Context) (byCorp, byType, odd, stored, journal int, err error) {
	err = k.store.View(ctx, func(r store.Reader) (err error) {
		for _, c := range []struct {
			n     *int
			count func() (int, error)
		}{
			{&byCorp, func() (int, error) { return eventsByCorp.Count(r, nil, nil) }},
			{&byType, func() (int, error) { return eventsByType.Count(r, nil, nil) }},
			{&odd, func() (int, error) { return eventsOdd.Count(r, nil, nil) }},
			{&stored, func() (int, error) { return events.Count(r, nil, nil) }},
			{&journal, func() (int, error) { return changes.Count(r, nil, nil) }},
		} {
			if *c.n, err = c.count(); err != nil {
				return err
			}
		}
		return nil
	})
	return byCorp, byType, odd, stored, journal, err
}

// BlockSizes are how many authorisations each block of a suite holds. It fails
// the order of the blocks if they, or what they hold, are not sorted.
func (k *Keeper) BlockSizes(ctx context.Context, suite SuiteKey) (sizes []int, sorted bool, err error) {
	err = k.store.View(ctx, func(r store.Reader) error {
		sizes = nil
		var all []authEntry
		prefix := suiteID(suite)
		for b, err := range authBlocks.Scan(r, prefix, prefix.PrefixEnd(), false) {
			if err != nil {
				return err
			}
			sizes = append(sizes, len(b.Value))
			all = append(all, b.Value...)
		}
		sorted = slices.IsSortedFunc(all, authEntry.compare)
		return nil
	})
	return sizes, sorted, err
}

// MaskPayload is what is shown of a payload.
func MaskPayload(payload []byte, quarantined bool) []byte { return maskPayload(payload, quarantined) }
