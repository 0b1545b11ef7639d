package suite

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"suitekeeper/store"
)

// StoredSuites lists the suites of which a store holds anything, for those who
// read the data folder of a stopped server without its configuration.
func StoredSuites(ctx context.Context, e store.Engine) ([]SuiteKey, error) {
	found := map[SuiteKey]bool{}
	err := e.View(ctx, func(r store.Reader) error {
		clear(found)
		tally, err := tallies.Get(r, tallyID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		for key := range tally.Last {
			found[key] = true
		}
		// What came after the tally was saved.
		for e, err := range events.Scan(r, tally.Cut[:], nil, false) {
			if err != nil {
				return err
			}
			found[e.Value.Suite] = true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the stored suites: %w", err)
	}
	return slices.Sorted(maps.Keys(found)), nil
}
