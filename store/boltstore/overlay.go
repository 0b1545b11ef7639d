package boltstore

import (
	"iter"
	"slices"

	"suitekeeper/store"
)

// overlaid yields the pairs of a scan as they are on top of which changes were
// made.
func overlaid(pairs iter.Seq2[store.Pair, error], c changes, from, to []byte, descending bool) iter.Seq2[store.Pair, error] {
	return func(yield func(store.Pair, error) bool) {
		keys := c.between(from, to)
		if descending {
			slices.Reverse(keys)
		}
		// before yields the changed keys as far as they come before one that is
		// not nil.
		before := func(key []byte) bool {
			for len(keys) > 0 && (key == nil || keys[0] < string(key) != descending && keys[0] != string(key)) {
				k := keys[0]
				keys = keys[1:]
				if value := c[k]; value != nil && !yield(store.Pair{Key: []byte(k), Value: slices.Clone(value)}, nil) {
					return false
				}
			}
			return true
		}
		for p, err := range pairs {
			if err != nil {
				yield(p, err)
				return
			}
			if !before(p.Key) {
				return
			}
			if _, changed := c[string(p.Key)]; changed {
				continue // before the next one, with what it is now
			}
			if !yield(p, nil) {
				return
			}
		}
		before(nil)
	}
}
