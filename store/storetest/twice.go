package storetest

import (
	"bytes"
	"context"

	"suitekeeper/store"
)

// Twice returns an engine that runs each update function twice, as an engine
// does that meets a conflict: what the first run put and deleted is dropped,
// and its result ignored. A function that touches something outside of itself
// shows it under this engine.
func Twice(e store.Engine) store.Engine { return twice{e} }

type twice struct{ store.Engine }

func (e twice) Update(ctx context.Context, fn func(store.Writer) error) error {
	return e.Engine.Update(ctx, func(w store.Writer) error {
		_ = fn(rehearsal{under: w, changes: map[string][]byte{}})
		return fn(w)
	})
}

// rehearsal is a writer that keeps its changes to itself; nil is a deleted
// value.
type rehearsal struct {
	under   store.Getter
	changes map[string][]byte
}

func (r rehearsal) Get(key []byte) ([]byte, error) {
	value, changed := r.changes[string(key)]
	switch {
	case !changed:
		return r.under.Get(key)
	case value == nil:
		return nil, store.ErrNotFound
	}
	return bytes.Clone(value), nil
}

func (r rehearsal) Put(key, value []byte) error {
	r.changes[string(key)] = append([]byte{}, value...)
	return nil
}

func (r rehearsal) Delete(key []byte) error {
	r.changes[string(key)] = nil
	return nil
}
