package boltstore

import (
	"bytes"
	"context"
	"iter"

	"go.etcd.io/bbolt"

	"suitekeeper/store"
)

// reader reads one transaction, in a goroutine whose faults are panics. It
// holds the context of the View that it lives in, so that long scans end with
// it.
type reader struct {
	ctx    context.Context
	db     *DB
	bucket *bbolt.Bucket
}

func (r *reader) Get(key []byte) ([]byte, error) {
	if value, changed := r.db.left[string(key)]; changed {
		if value == nil {
			return nil, store.ErrNotFound
		}
		return bytes.Clone(value), nil
	}
	value, err := get(r.db.path, r.bucket, key)
	r.db.failIfDamaged(err)
	return value, err
}

// get copies the value, because bbolt's own bytes end with the transaction.
func get(path string, b *bbolt.Bucket, key []byte) (value []byte, err error) {
	defer recoverDamage(path, &err)
	value = b.Get(key)
	if value == nil {
		return nil, store.ErrNotFound
	}
	return bytes.Clone(value), nil
}

// stepsPerCheck is how many pairs a scan yields between two looks at its
// context.
const stepsPerCheck = 256

func (r *reader) Scan(from, to []byte, descending bool) iter.Seq2[store.Pair, error] {
	pairs := r.scan(from, to, descending)
	if len(r.db.left) > 0 {
		pairs = overlaid(pairs, r.db.left, from, to, descending)
	}
	return pairs
}

// scan yields the pairs of the data file.
func (r *reader) scan(from, to []byte, descending bool) iter.Seq2[store.Pair, error] {
	return func(yield func(store.Pair, error) bool) {
		s := scan{path: r.db.path, cursor: r.bucket.Cursor(), from: from, to: to, descending: descending}
		for n := 0; ; n++ {
			if n%stepsPerCheck == 0 && r.ctx.Err() != nil {
				yield(store.Pair{}, r.ctx.Err())
				return
			}
			more, err := s.next()
			if err != nil {
				r.db.fail(err)
				yield(store.Pair{}, err)
				return
			}
			if !more || !yield(s.pair, nil) {
				return
			}
		}
	}
}

// scan goes through the pairs between two keys.
type scan struct {
	path       string
	cursor     *bbolt.Cursor
	from, to   []byte
	descending bool
	started    bool
	pair       store.Pair // the one that next came to, valid until it is called again
}

// next goes to the next pair, if there is one. It copies it: what bbolt returns
// is the file itself, and reading that may be a fault.
func (s *scan) next() (more bool, err error) {
	defer recoverDamage(s.path, &err)
	first := !s.started
	key, value := s.step()
	if !inside(key, s.from, s.to) {
		return false, nil
	}
	if !first && !s.follows(key) {
		return false, damaged(s.path, "its keys are out of order")
	}
	s.pair.Key, s.pair.Value = append(s.pair.Key[:0], key...), append(s.pair.Value[:0], value...)
	return true, nil
}

// follows tells whether a key comes after the one before.
func (s *scan) follows(key []byte) bool {
	order := bytes.Compare(key, s.pair.Key)
	return order > 0 && !s.descending || order < 0 && s.descending
}

func (s *scan) step() (key, value []byte) {
	if !s.started {
		s.started = true
		return start(s.cursor, s.from, s.to, s.descending)
	}
	if s.descending {
		return s.cursor.Prev()
	}
	return s.cursor.Next()
}

// start moves to the first pair that a scan could yield.
func start(c *bbolt.Cursor, from, to []byte, descending bool) (key, value []byte) {
	if !descending {
		return c.Seek(from)
	}
	if to == nil {
		return c.Last()
	}
	if key, _ := c.Seek(to); key == nil {
		return c.Last() // all keys are below to
	}
	return c.Prev()
}

func inside(key, from, to []byte) bool {
	return key != nil && bytes.Compare(key, from) >= 0 && (to == nil || bytes.Compare(key, to) < 0)
}
