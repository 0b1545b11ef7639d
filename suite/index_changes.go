package suite

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"suitekeeper/store"
)

// changes is the journal of what lists of authorisations go by: an entry, led
// by time, stands in the same update as the change itself. The indexer turns
// entries into blocks; lists read those that it has not come to.
var changes = store.NewCollection("auth-change", store.JSON[changeRecord]()) // change id

// changeRecord is what an authorisation has changed to.
type changeRecord struct {
	Suite  SuiteKey `json:"suite"`
	Corp   CorpID   `json:"corp"`
	Status Status   `json:"status"`
	Name   string   `json:"name,omitempty"` // folded
}

func changeOf(auth authRecord) changeRecord {
	return changeRecord{Suite: auth.Suite, Corp: auth.Corp, Status: auth.Status, Name: foldName(auth.CorpName)}
}

func (c changeRecord) entry() authEntry {
	return authEntry{Corp: c.Corp, Status: c.Status, Name: c.Name}
}

// journal writes a change down if lists go by what changed.
func (a *applier) journal(auth authRecord) error {
	if auth.loaded == auth.Status && auth.loadedName == auth.CorpName {
		return nil
	}
	id := a.changeIDs.next(a.receivedAt)
	return changes.Put(a.w, id[:], changeOf(auth))
}

// maxChanges is how many entries of the journal a list reads, the newest first.
// There are more only while very many authorisations come at once.
const maxChanges = 5000

// recentChanges are the entries of a suite to which the indexer has not come,
// the newest of each corp.
func recentChanges(r store.Reader, suite SuiteKey) (map[CorpID]authEntry, error) {
	recent := map[CorpID]authEntry{}
	read := 0
	for c, err := range changes.Scan(r, nil, nil, true) {
		if err != nil {
			return nil, err
		}
		if c.Value.Suite == suite {
			if _, newer := recent[c.Value.Corp]; !newer {
				recent[c.Value.Corp] = c.Value.entry()
			}
		}
		if read++; read == maxChanges {
			break
		}
	}
	return recent, nil
}

// changeWindow is the oldest part of the journal, put in the order of blocks:
// corps come in no order, and a block is written once for all that changed in
// it. It stays in the journal until all of it is in the blocks.
type changeWindow struct {
	keys    [][]byte       // in the journal
	entries []changeRecord // the newest of each corp, sorted
}

// maxWindow is how many entries a window has. A million corps have ten thousand
// blocks.
const maxWindow = 1 << 16

// readChanges returns the oldest entries of the journal.
func (k *Keeper) readChanges(ctx context.Context, limit int) (w changeWindow, err error) {
	err = k.store.View(ctx, func(r store.Reader) error {
		w = changeWindow{}
		latest := map[workRef]changeRecord{}
		for c, err := range changes.Scan(r, nil, nil, false) {
			if err != nil {
				return err
			}
			latest[workRef{Suite: c.Value.Suite, ID: string(c.Value.Corp)}] = c.Value
			if w.keys = append(w.keys, c.Key); len(w.keys) == limit {
				break
			}
		}
		w.entries = slices.SortedFunc(maps.Values(latest), changeRecord.compare)
		return nil
	})
	return w, err
}

// putChanges puts entries of a window into the blocks. One that a later change
// has overtaken does no harm: that one is still in the journal, where lists find
// it, or has taken its place in the window.
func (k *Keeper) putChanges(ctx context.Context, entries []changeRecord) error {
	for rest := entries; len(rest) > 0; {
		suite := rest[0].Suite
		var list []authEntry
		for len(rest) > 0 && rest[0].Suite == suite {
			list, rest = append(list, rest[0].entry()), rest[1:]
		}
		if err := k.putEntries(ctx, suite, list); err != nil {
			return err
		}
	}
	return nil
}

// putEntries puts the entries of a suite, which are sorted, into its blocks.
func (k *Keeper) putEntries(ctx context.Context, suite SuiteKey, entries []authEntry) error {
	var plan []blockWrite
	err := k.store.View(ctx, func(r store.Reader) (err error) {
		plan, err = planBlocks(r, suite, entries)
		return err
	})
	if err != nil {
		return err
	}
	var edition uint64
	err = k.store.Update(ctx, func(w store.Writer) error {
		for _, write := range plan {
			if err := write.put(w); err != nil {
				return err
			}
		}
		before, err := sketchEdition(w, suite)
		if err != nil {
			return err
		}
		edition = before + 1
		return sketchEditions.Put(w, suiteID(suite), edition)
	})
	if err == nil {
		k.sketches.follow(suite, edition, plan)
	}
	return err
}

// dropChanges deletes from the journal what is in the blocks.
func (k *Keeper) dropChanges(ctx context.Context, keys [][]byte) error {
	return k.store.Update(ctx, func(w store.Writer) error {
		for _, key := range keys {
			if err := changes.Delete(w, key); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c changeRecord) compare(o changeRecord) int {
	return cmp.Or(cmp.Compare(c.Suite, o.Suite), c.entry().compare(o.entry()))
}

// compare orders entries as their keys are ordered.
func (e authEntry) compare(o authEntry) int { return cmp.Compare(e.Corp, o.Corp) }
