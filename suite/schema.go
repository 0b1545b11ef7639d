package suite

import (
	"context"
	"time"

	"suitekeeper/store"
)

// Migrations bring a store to the shape that this package reads and writes;
// hand them to store.Migrate before New.
func Migrations() []store.Migration {
	return []store.Migration{
		{To: 1, Name: "list authorisations by state and name", Run: journalAll},
	}
}

// journalAll has the indexer take up the authorisations of a store that had
// only these. Doing it again is harmless.
func journalAll(ctx context.Context, e store.Engine) error {
	var ids idSource
	var from []byte
	for {
		var batch []changeRecord
		err := e.View(ctx, func(r store.Reader) error {
			batch = nil
			for a, err := range auths.Scan(r, from, nil, false) {
				if err != nil {
					return err
				}
				if batch = append(batch, changeOf(a.Value)); len(batch) == pruneBatch {
					break
				}
			}
			return nil
		})
		if err != nil || len(batch) == 0 {
			return err
		}
		err = e.Update(ctx, func(w store.Writer) error {
			for _, c := range batch {
				id := ids.next(time.Now())
				if err := changes.Put(w, id[:], c); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		last := batch[len(batch)-1]
		from = successor(corpID(last.Suite, last.Corp))
	}
}
