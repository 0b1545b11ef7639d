package boltstore

import (
	"errors"
	"fmt"
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
	if err == nil && b.settles {
		err = db.settle(b.base)
		b.journaled = b.journaled && db.journal.takes(b, layer{}) // which the file as it is now may forbid
	}
	if err == nil {
		err = db.write(b)
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

// write commits the batch to where it goes.
func (db *DB) write(b *batch) error {
	switch {
	case b.damage != nil || len(b.changes) == 0:
		return b.damage
	case b.journaled:
		return db.record(b)
	}
	return db.transact(b)
}

// transact commits the batch to the data file.
func (db *DB) transact(b *batch) error {
	start := time.Now()
	err := db.put(layer{b.changes, b.bytes}, b.urgent())
	if !errors.Is(err, store.ErrFull) {
		db.onCommit(CommitInfo{Updates: b.updates, Duration: time.Since(start), Err: err})
	}
	return err
}

// put puts changes into the data file, if need be after making room there. From
// then on the journal is on top of that.
func (db *DB) put(l layer, urgent bool) error {
	keys, err := db.commit(l.changes, urgent)
	for again := true; again; {
		if again, err = db.makeRoom(l.bytes, urgent, err); again {
			keys, err = db.commit(l.changes, urgent)
		}
	}
	if err != nil {
		return err
	}
	db.keys = keys
	if db.journal != nil {
		db.journal.restart(db.position())
	}
	return nil
}

// position is the state that the data file is in. Only a commit and Open may ask.
func (db *DB) position() position {
	return position{commit: uint64(db.beginnings.newest.Load()), keys: db.keys}
}

// makeRoom tells whether the commit that ended with the error is to be tried
// again, since there is room for it now. Otherwise the error is what it came to:
// store.ErrFull when there is none and nothing was written that counts.
func (db *DB) makeRoom(bytes int, urgent bool, err error) (again bool, _ error) {
	switch {
	case errors.Is(err, bolterrors.ErrMaxSizeReached):
		err = db.room.grow(urgent, bytes)
	case noSpace(err) && !db.room.reached(db.beginnings.newest.Load()+1):
		err = db.room.overwhelmed(urgent, err)
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
func (db *DB) commit(c changes, urgent bool) (keys keySum, err error) {
	keys = db.keys
	if bounded {
		db.bolt.MaxSize = db.room.limit(urgent)
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
		for _, key := range c.sorted() {
			if err := write(bucket, []byte(key), c[key], &keys); err != nil {
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
		db.room.grew()
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
