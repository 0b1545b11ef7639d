package boltstore

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"suitekeeper/store"
)

// maxBatchBytes bounds the keys and values of one commit, so that it does not
// grow slow with large values.
const maxBatchBytes = 8 << 20

// fillPercent is how full bbolt leaves the first of two pages when one must be
// split. Most keys are led by time, so little is added to that page later:
// with bbolt's own 50 % the file grows twice as large and commits are slower.
const fillPercent = 0.9

// batch is what one commit writes. The functions of its calls ran in turn, each
// on top of what those before it did.
type batch struct {
	leader    *leader
	committed chan struct{} // closed when its callers know
	damage    error         // that a function came upon
	calls     []*call
	updates   int // calls that changed something
	bytes     int

	// changes holds the new value of each key, nil for a deleted one. bbolt
	// is touched only at the end: what a failed function did is taken back
	// without traces, and keys that many functions change are written once.
	changes map[string][]byte
	undoLog []change // of the function that runs, oldest first
}

// change is what changes held for a key before.
type change struct {
	key   string
	value []byte
	had   bool
}

func newBatch(l *leader) *batch {
	return &batch{leader: l, committed: make(chan struct{}), changes: map[string][]byte{}}
}

// full reports whether the batch takes no more calls.
func (b *batch) full() bool { return b.updates >= maxBatch || b.bytes >= maxBatchBytes }

// commitBatch commits what the calls of the batch did, and tells their callers.
func (db *DB) commitBatch(b *batch) {
	defer close(b.committed)
	err := db.Err() // of the batch before; nothing of this one was written then
	if err == nil {
		if err = db.transact(b); err != nil {
			err = fmt.Errorf("commit to %s: %w", db.path, err)
			db.fail(err)
			err = fmt.Errorf("%w: %w", store.ErrUnknownOutcome, err)
		}
	}
	db.finish(b.calls, err)
}

func (db *DB) transact(b *batch) error {
	if b.damage != nil || len(b.changes) == 0 {
		return b.damage
	}
	start := time.Now()
	keys, err := db.commit(b)
	db.onCommit(CommitInfo{Updates: b.updates, Duration: time.Since(start), Err: err})
	if err == nil {
		db.keys = keys
	}
	return err
}

// commit writes and flushes the changes, and returns the sum of the keys that
// are in the file then. That bbolt finds damage is a failed commit like any
// other.
func (db *DB) commit(b *batch) (keys keySum, err error) {
	keys = db.keys
	tx, bucket, err := db.begin(true)
	if err != nil {
		return keys, err
	}
	commit := int64(tx.ID())
	err = guarded(db.path, func() error {
		defer func() { _ = tx.Rollback() }() // does nothing after a commit
		bucket.FillPercent = fillPercent
		for _, key := range slices.Sorted(maps.Keys(b.changes)) {
			if err := write(bucket, []byte(key), b.changes[key], &keys); err != nil {
				return err
			}
		}
		if err := bucket.SetSequence(uint64(keys)); err != nil {
			return err
		}
		return tx.Commit()
	})
	if err == nil {
		db.beginnings.saw(commit)
	}
	return keys, err
}

// write changes one key, whose value is nil when it is to be deleted.
func write(bucket *bbolt.Bucket, key, value []byte, keys *keySum) error {
	had := bucket.Get(key) != nil
	switch {
	case value == nil && had:
		keys.remove(key)
		return bucket.Delete(key)
	case value == nil:
		return nil
	case !had:
		keys.add(key)
	}
	return bucket.Put(key, value)
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
