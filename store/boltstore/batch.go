package boltstore

import (
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"suitekeeper/store"
)

// maxBatchBytes bounds the keys and values of one commit, so that it does not
// grow slow with large values.
const maxBatchBytes = 8 << 20

// batch is what one commit writes. The functions of its calls ran in turn, each
// on top of what those before it did.
type batch struct {
	leader    *leader
	committed chan struct{} // closed when its callers know
	damage    error         // that a function came upon
	diskFull  bool          // when it began
	refused   bool          // there was no room for it, and nothing of it was written
	spared    []*call       // that may go on although it was refused
	calls     []*call
	updates   int // calls that changed something
	bytes     int

	// bbolt is touched only at the end: what a failed function did is taken back
	// without traces, and keys that many functions change are written once.
	changes changes
	undoLog []change // of the function that runs, oldest first

	base      layer // of the leader when the commit began
	settles   bool  // base goes into the data file first
	journaled bool  // the batch goes into the journal, and not into the data file
}

// change is what changes held for a key before.
type change struct {
	key   string
	value []byte
	had   bool
}

func newBatch(l *leader) *batch {
	return &batch{leader: l, committed: make(chan struct{}), diskFull: l.db.room.isFull(), changes: changes{}}
}

// full reports whether the batch takes no more calls.
func (b *batch) full() bool { return b.updates >= maxBatch || b.bytes >= maxBatchBytes }

// takes tells whether the call may be of this batch. While the disk is full,
// urgent updates do not share the fate of others.
func (b *batch) takes(c *call) bool {
	return !b.diskFull || len(b.calls) == 0 || b.calls[0].urgent == c.urgent
}

// urgent tells whether all updates of the batch are.
func (b *batch) urgent() bool {
	return !slices.ContainsFunc(b.calls, func(c *call) bool { return !c.urgent })
}

func (b *batch) set(key string, value []byte) {
	old, had := b.changes[key]
	b.undoLog = append(b.undoLog, change{key, old, had})
	b.changes[key] = value
	b.bytes += len(key) + len(value)
}

// keep makes what the last function did part of the batch.
func (b *batch) keep() {
	if len(b.undoLog) > 0 {
		b.updates++
	}
	b.undoLog = b.undoLog[:0]
}

// undo takes back what the last function did.
func (b *batch) undo() {
	for _, c := range slices.Backward(b.undoLog) {
		if c.had {
			b.changes[c.key] = c.value
		} else {
			delete(b.changes, c.key)
		}
	}
	b.undoLog = b.undoLog[:0]
}

// writer is what one run of an update function changes the store through.
type writer struct{ batch *batch } // nil when the function has returned

var errOutside = errors.New("writer used outside of its update function")

func (w *writer) Get(key []byte) ([]byte, error) {
	if w.batch == nil {
		return nil, errOutside
	}
	return w.batch.get(key)
}

// get returns what the newest change before now made of the key.
func (b *batch) get(key []byte) ([]byte, error) {
	value, changed := b.changes[string(key)]
	if flying := b.leader.flying; !changed && flying != nil {
		value, changed = flying.changes[string(key)]
	}
	if !changed {
		value, changed = b.leader.base.changes[string(key)]
	}
	switch {
	case !changed:
		value, err := b.leader.read(key)
		if errors.Is(err, ErrDamaged) {
			b.damage = err
		}
		return value, err
	case value == nil:
		return nil, store.ErrNotFound
	}
	return value, nil
}

func (w *writer) Put(key, value []byte) error {
	switch {
	case w.batch == nil:
		return errOutside
	case len(key) == 0 || len(key) > bbolt.MaxKeySize:
		return fmt.Errorf("key of %d bytes, want 1 to %d", len(key), bbolt.MaxKeySize)
	case len(value) > bbolt.MaxValueSize:
		return fmt.Errorf("value of %d bytes, want at most %d", len(value), bbolt.MaxValueSize)
	}
	w.batch.set(string(key), append([]byte{}, value...)) // never nil, which means deleted
	return nil
}

func (w *writer) Delete(key []byte) error {
	if w.batch == nil {
		return errOutside
	}
	w.batch.set(string(key), nil)
	return nil
}
