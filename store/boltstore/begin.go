package boltstore

import (
	"errors"
	"sync"
	"sync/atomic"

	"go.etcd.io/bbolt"
)

// beginnings is what is known when a transaction begins.
type beginnings struct {
	newest atomic.Int64 // the newest commit that was seen

	mu     sync.Mutex    // held while bbolt begins a transaction
	damage error         // that bbolt panicked over then, with locks that it never lets go
	stuck  chan struct{} // closed when damage is set
}

// saw notes a commit.
func (s *beginnings) saw(commit int64) {
	for {
		known := s.newest.Load()
		if commit <= known || s.newest.CompareAndSwap(known, commit) {
			return
		}
	}
}

// begin begins a transaction, which the caller ends (see end). Of the two pages that tell
// where everything is bbolt takes the newer one that is sound. When one has been
// damaged since, that is the state before the last commit: what was stored last
// would be gone, and overwritten by the next.
func (db *DB) begin(writable bool) (tx *bbolt.Tx, bucket *bbolt.Bucket, err error) {
	s := &db.beginnings
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.damage != nil {
		return nil, nil, s.damage
	}
	newest := s.newest.Load() // before: another commit may end meanwhile
	err = guarded(db.path, func() (err error) {
		tx, err = db.bolt.Begin(writable)
		return err
	})
	if errors.Is(err, ErrDamaged) {
		s.damage = err
		close(s.stuck)
	}
	if err != nil {
		return nil, nil, err
	}
	err = guarded(db.path, func() error {
		state := int64(tx.ID())
		if writable {
			state-- // the one that it is built on
		}
		if state < newest {
			return damaged(db.path, "the page that tells of the last commit is not as it was written")
		}
		s.saw(state)
		bucket = tx.Bucket(bucketName)
		return nil
	})
	if err != nil {
		_ = guarded(db.path, tx.Rollback)
	}
	return tx, bucket, err
}

// end ends a transaction that reads. It does not wait for those that begin: they
// may wait for a commit that maps more of the file, which waits for this one.
// Nor does it wait for locks that are never let go; then a goroutine stays behind.
func (db *DB) end(tx *bbolt.Tx) {
	s := &db.beginnings
	if s.mu.TryLock() { // nobody begins, so no lock can be lost meanwhile
		defer s.mu.Unlock()
		if s.damage == nil {
			_ = guarded(db.path, tx.Rollback)
		}
		return
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = guarded(db.path, tx.Rollback)
	}()
	select {
	case <-ended:
	case <-s.stuck:
	}
}
