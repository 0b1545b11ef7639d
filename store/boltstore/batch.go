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

// batch is what one commit writes. The functions of its calls run in turn,
// each on top of what those before it did.
type batch struct {
	bucket  *bbolt.Bucket
	calls   []*call
	updates int // calls that ended well
	bytes   int

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

// commitBatch runs up to limit of the waiting calls and commits what they did.
func (db *DB) commitBatch(limit int) {
	b := &batch{changes: map[string][]byte{}}
	err := errAbandoned // stays when a function ends this goroutine
	defer func() { db.finish(b.calls, err) }()
	if err = db.transact(b, limit); err != nil {
		err = fmt.Errorf("commit to %s: %w", db.path, err)
		db.fail(err)
		err = fmt.Errorf("%w: %w", store.ErrUnknownOutcome, err)
	}
}

func (db *DB) transact(b *batch, limit int) error {
	tx, err := db.bolt.Begin(true)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after a commit
	b.bucket = tx.Bucket(bucketName)
	b.bucket.FillPercent = fillPercent
	for len(b.calls) < limit && b.bytes < maxBatchBytes {
		c := db.next()
		b.calls = append(b.calls, c)
		b.run(c)
	}
	if len(b.changes) == 0 {
		return nil
	}
	start := time.Now()
	err = b.commit(tx)
	db.onCommit(CommitInfo{Updates: b.updates, Duration: time.Since(start), Err: err})
	return err
}

// commit writes and flushes the changes. bbolt panics on pages that make no
// sense; that is a failed commit like any other.
func (b *batch) commit(tx *bbolt.Tx) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("bbolt panicked: %v", v)
		}
	}()
	for _, key := range slices.Sorted(maps.Keys(b.changes)) {
		if value := b.changes[key]; value == nil {
			err = b.bucket.Delete([]byte(key))
		} else {
			err = b.bucket.Put([]byte(key), value)
		}
		if err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (b *batch) set(key string, value []byte) {
	old, had := b.changes[key]
	b.undoLog = append(b.undoLog, change{key, old, had})
	b.changes[key] = value
	b.bytes += len(key) + len(value)
}

// keep makes what the last function did part of the batch.
func (b *batch) keep() {
	b.updates++
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
	value, changed := w.batch.changes[string(key)]
	switch {
	case !changed:
		return get(w.batch.bucket, key)
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
