package suite_test

import (
	"bytes"
	"context"
	"iter"
	"maps"
	"slices"
	"sync"

	"suitekeeper/store"
)

// memory is an engine without a disk, for tests that make thousands of updates
// of a few records. It holds up to the contract but for durability.
type memory struct {
	mu     sync.Mutex
	values map[string][]byte
	sorted []string // the keys; nil when they have changed
}

func newMemory() *memory { return &memory{values: map[string][]byte{}} }

func (m *memory) View(ctx context.Context, fn func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	if m.sorted == nil {
		m.sorted = slices.Sorted(maps.Keys(m.values))
	}
	snapshot := memoryTx{m.values, m.sorted} // updates leave both alone
	m.mu.Unlock()
	return fn(snapshot)
}

func (m *memory) Update(ctx context.Context, fn func(store.Writer) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	changed := maps.Clone(m.values)
	if err := fn(memoryTx{values: changed}); err != nil {
		return err
	}
	m.values, m.sorted = changed, nil
	return nil
}

func (m *memory) Close() error { return nil }

type memoryTx struct {
	values map[string][]byte
	sorted []string
}

func (tx memoryTx) Get(key []byte) ([]byte, error) {
	if v, ok := tx.values[string(key)]; ok {
		return bytes.Clone(v), nil
	}
	return nil, store.ErrNotFound
}

func (tx memoryTx) Put(key, value []byte) error {
	tx.values[string(key)] = bytes.Clone(value)
	return nil
}

func (tx memoryTx) Delete(key []byte) error {
	delete(tx.values, string(key))
	return nil
}

func (tx memoryTx) Scan(from, to []byte, descending bool) iter.Seq2[store.Pair, error] {
	first, _ := slices.BinarySearch(tx.sorted, string(from))
	end := len(tx.sorted)
	if to != nil {
		end, _ = slices.BinarySearch(tx.sorted, string(to))
	}
	keys := slices.Clone(tx.sorted[first:max(first, end)])
	if descending {
		slices.Reverse(keys)
	}
	return func(yield func(store.Pair, error) bool) {
		for _, key := range keys {
			if !yield(store.Pair{Key: []byte(key), Value: tx.values[key]}, nil) {
				return
			}
		}
	}
}
