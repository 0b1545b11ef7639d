package suite

import (
	"bytes"
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

// indexChanges moves the oldest entries of the journal, at most limit, into the
// blocks. It returns how many there were. An entry that a later one has
// overtaken does no harm: the later one is still in the journal, where lists
// find it, or in the same batch.
func (k *Keeper) indexChanges(ctx context.Context, limit int) (int, error) {
	var done [][]byte
	var plan []blockWrite
	err := k.store.View(ctx, func(r store.Reader) error {
		done, plan = nil, nil
		latest := map[SuiteKey]map[CorpID]authEntry{}
		for c, err := range changes.Scan(r, nil, nil, false) {
			if err != nil {
				return err
			}
			if latest[c.Value.Suite] == nil {
				latest[c.Value.Suite] = map[CorpID]authEntry{}
			}
			latest[c.Value.Suite][c.Value.Corp] = c.Value.entry()
			if done = append(done, c.Key); len(done) == limit {
				break
			}
		}
		for suite, entries := range latest {
			sorted := slices.SortedFunc(maps.Values(entries), authEntry.compare)
			writes, err := planBlocks(r, suite, sorted)
			if err != nil {
				return err
			}
			plan = append(plan, writes...)
		}
		return nil
	})
	if err != nil || len(done) == 0 {
		return 0, err
	}
	return len(done), k.store.Update(ctx, func(w store.Writer) error {
		for _, write := range plan {
			if err := write.put(w); err != nil {
				return err
			}
		}
		for _, key := range done {
			if err := changes.Delete(w, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// compare orders entries as their keys are ordered.
func (e authEntry) compare(o authEntry) int {
	return bytes.Compare([]byte(e.Corp), []byte(o.Corp))
}
