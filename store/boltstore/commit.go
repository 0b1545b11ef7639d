package boltstore

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"suitekeeper/store"
)

// fillPercent is how full bbolt leaves the first of two pages when one must be
// split. Most keys are led by time, so little is added to that page later:
// with bbolt's own 50 % the file grows twice as large and commits are slower.
const fillPercent = 0.9

// commitBatch commits what the calls of the batch did, and tells their callers.
func (db *DB) commitBatch(b *batch) {
	defer close(b.committed)
	err := db.Err() // of the batch before; nothing of this one was written then
	if err == nil {
		err = db.transact(b)
		switch {
		case err == nil:
		case errors.Is(err, store.ErrFull):
			err = fmt.Errorf("commit to %s: %w", db.path, err)
			b.refuse()
		default:
			err = fmt.Errorf("commit to %s: %w", db.path, err)
			db.fail(err)
			err = fmt.Errorf("%w: %w", store.ErrUnknownOutcome, err)
		}
	}
	db.finish(b.calls, err)
}

// refuse is for a batch that found the disk full. Urgent calls in it that were
// together with others may run again in one of their own.
func (b *batch) refuse() {
	b.refused = true
	if b.urgent() {
		return
	}
	var others []*call
	for _, c := range b.calls {
		if c.urgent {
			b.spared = append(b.spared, c)
		} else {
			others = append(others, c)
		}
	}
	b.calls = others
}

func (db *DB) transact(b *batch) error {
	if b.damage != nil || len(b.changes) == 0 {
		return b.damage
	}
	start := time.Now()
	keys, err := db.commit(b)
	for again := true; again; {
		if again, err = db.makeRoom(b, err); again {
			keys, err = db.commit(b)
		}
	}
	if errors.Is(err, store.ErrFull) {
		return err
	}
	db.onCommit(CommitInfo{Updates: b.updates, Duration: time.Since(start), Err: err})
	if err == nil {
		db.keys = keys
	}
	return err
}

// makeRoom tells whether the commit that ended with the error is to be tried
// again, since there is room for it now. Otherwise the error is what it came to:
// store.ErrFull when there is none and nothing was written that counts.
func (db *DB) makeRoom(b *batch, err error) (again bool, _ error) {
	switch {
	case errors.Is(err, bolterrors.ErrMaxSizeReached):
		err = db.room.grow(b.urgent(), b.bytes)
	case noSpace(err) && !db.room.reached(db.beginnings.newest.Load()+1):
		err = db.room.overwhelmed(b.urgent(), err)
	default:
		return false, err
	}
	if noSpace(err) {
		err = fmt.Errorf("%w: %w", store.ErrFull, err)
	}
	return err == nil, err
}

// commit writes and flushes the changes, and returns the sum of the keys that
// are in the file then. That bbolt finds damage is a failed commit like any
// other. After bbolt's ErrMaxSizeReached nothing was written.
func (db *DB) commit(b *batch) (keys keySum, err error) {
	keys = db.keys
	if bounded {
		db.bolt.MaxSize = db.room.limit(b.urgent())
	}
	tx, bucket, err := db.begin(true)
	if err != nil {
		return keys, err
	}
	commit := int64(tx.ID())
	db.room.uses(tx.Size())
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
