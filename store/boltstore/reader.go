package boltstore

import (
	"bytes"
	"context"
	"iter"

	"go.etcd.io/bbolt"

	"suitekeeper/store"
)

// reader reads one transaction. It holds the context of the View that it
// lives in, so that long scans end with it.
type reader struct {
	ctx    context.Context
	bucket *bbolt.Bucket
}

func (r *reader) Get(key []byte) ([]byte, error) { return get(r.bucket, key) }

// get copies the value, because bbolt's own bytes end with the transaction.
func get(b *bbolt.Bucket, key []byte) ([]byte, error) {
	value := b.Get(key)
	if value == nil {
		return nil, store.ErrNotFound
	}
	return bytes.Clone(value), nil
}

// stepsPerCheck is how many pairs a scan yields between two looks at its
// context.
const stepsPerCheck = 256

func (r *reader) Scan(from, to []byte, descending bool) iter.Seq2[store.Pair, error] {
	return func(yield func(store.Pair, error) bool) {
		cursor := r.bucket.Cursor()
		key, value := start(cursor, from, to, descending)
		for n := 0; inside(key, from, to); n++ {
			if n%stepsPerCheck == 0 && r.ctx.Err() != nil {
				yield(store.Pair{}, r.ctx.Err())
				return
			}
			if !yield(store.Pair{Key: key, Value: value}, nil) {
				return
			}
			if descending {
				key, value = cursor.Prev()
			} else {
				key, value = cursor.Next()
			}
		}
	}
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
