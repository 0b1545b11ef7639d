package store

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
)

// Collection keeps values of one type. It is a view of the keys that begin
// with its name and a zero byte, so collections with different names do not
// overlap. It holds no data itself and is safe for concurrent use.
//
// Its errors name the collection and the key, and wrap those of the engine and
// of the codec. Keys are shown in errors and so hold no secrets.
type Collection[T any] struct {
	name   string
	prefix Key
	codec  Codec[T]
}

// NewCollection returns the collection called name, which must not change as
// long as there are data.
func NewCollection[T any](name string, codec Codec[T]) Collection[T] {
	return Collection[T]{name: name, prefix: Key{}.Text(name), codec: codec}
}

// Get returns the value under key, or ErrNotFound.
func (c Collection[T]) Get(r Getter, key []byte) (T, error) {
	var v T
	data, err := r.Get(c.key(key))
	if err == nil {
		v, err = c.codec.Decode(data)
	}
	return v, c.wrap("get", key, err)
}

// Has tells whether there is a value under key.
func (c Collection[T]) Has(r Getter, key []byte) (bool, error) {
	_, err := r.Get(c.key(key))
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, c.wrap("get", key, err)
}

// Put sets the value under key.
func (c Collection[T]) Put(w Writer, key []byte, v T) error {
	data, err := c.codec.Encode(v)
	if err == nil {
		err = w.Put(c.key(key), data)
	}
	return c.wrap("put", key, err)
}

// Delete removes the value under key; that there is none is no error.
func (c Collection[T]) Delete(w Writer, key []byte) error {
	return c.wrap("delete", key, w.Delete(c.key(key)))
}

// Entry is one value of a collection with its key in it. Both are the
// caller's.
type Entry[T any] struct {
	Key   []byte
	Value T
}

// Scan yields the entries with from <= key < to in ascending order of key, or
// descending when descending is set; a nil to means up to the end of the
// collection. An error is yielded last, with the key it is about when there is
// one.
func (c Collection[T]) Scan(r Reader, from, to []byte, descending bool) iter.Seq2[Entry[T], error] {
	first, end := c.key(from), c.prefix.PrefixEnd()
	if to != nil {
		end = c.key(to)
	}
	return func(yield func(Entry[T], error) bool) {
		for pair, err := range r.Scan(first, end, descending) {
			entry := Entry[T]{Key: bytes.Clone(bytes.TrimPrefix(pair.Key, c.prefix))}
			if err == nil {
				entry.Value, err = c.codec.Decode(pair.Value)
			}
			if err != nil {
				yield(entry, c.wrap("scan", entry.Key, err))
				return
			}
			if !yield(entry, nil) {
				return
			}
		}
	}
}

func (c Collection[T]) key(key []byte) []byte {
	return append(c.prefix.cloneFor(len(key)), key...)
}

func (c Collection[T]) wrap(what string, key []byte, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s %q: %w", what, c.name, key, err)
}
