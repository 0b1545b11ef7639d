// Package sealed encrypts what a store keeps.
//
// It wraps any engine. Every value is encrypted and bound to its key: a value
// that was changed, or that stands under another key than it was put under, is
// reported as ErrDamaged and never returned. Keys are not encrypted, because
// they are what the engine sorts by, and so hold no secrets. What sealed cannot
// see is a record that was removed, or replaced by an older one of the same
// key.
//
// The data key is in a file of its own, which may be wrapped by a master key.
// Whoever has the data file and the key file, unwrapped, can read everything;
// whoever lost the key file has lost everything. So a store that holds data is
// never opened without the key file that belongs to it.
//
// The data key can be replaced while the store is in use ([Engine.Rotate]).
// Until every record is sealed with the new one ([Engine.Reseal]) the key file
// holds both.
package sealed

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"

	"suitekeeper/store"
)

// ErrDamaged says that a record is not what was put under its key.
var ErrDamaged = errors.New("record is damaged")

// version is the first byte of every value. It is authenticated together with
// the key.
const version = 1

// The first byte of every key tells what the record is for.
const (
	areaKeyCheck = 0 // the record that tells whether the key file fits
	areaData     = 1 // the records of those who use the engine
)

// Engine is a store.Engine over another one.
type Engine struct {
	inner   store.Engine
	options KeyOptions
	keys    atomic.Pointer[keyring]

	changing  sync.Mutex // held while keys and key file change
	resealing sync.Mutex // held by Reseal
	progress  atomic.Pointer[Rotation]
}

var _ store.Engine = (*Engine)(nil)

// View calls fn with a snapshot of the inner engine.
func (e *Engine) View(ctx context.Context, fn func(store.Reader) error) error {
	return e.inner.View(ctx, func(r store.Reader) error { return fn(reader{e, r}) })
}

// Update calls fn in an update of the inner engine.
func (e *Engine) Update(ctx context.Context, fn func(store.Writer) error) error {
	return e.inner.Update(ctx, func(w store.Writer) error { return fn(writer{e, w}) })
}

// Close closes the inner engine.
func (e *Engine) Close() error { return e.inner.Close() }

// place returns where the record of key is kept in the inner engine, and the
// data that its value is bound to.
func place(area byte, key []byte) (inner, bound []byte) {
	bound = make([]byte, 0, 2+len(key))
	bound = append(append(bound, version, area), key...)
	return bound[1:], bound
}

func (e *Engine) get(from store.Getter, area byte, key []byte) ([]byte, error) {
	inner, bound := place(area, key)
	value, err := from.Get(inner)
	if err != nil {
		return nil, err
	}
	return e.unseal(value, bound)
}

func (e *Engine) put(to store.Writer, area byte, key, value []byte) error {
	inner, bound := place(area, key)
	ciphertext, err := e.keys.Load().aead.Encrypt(value, bound)
	if err != nil {
		return fmt.Errorf("seal the record of %q: %w", key, err)
	}
	return to.Put(inner, append([]byte{version}, ciphertext...))
}

func (e *Engine) unseal(value, bound []byte) ([]byte, error) {
	if len(value) > 0 && value[0] == version {
		if plaintext, err := e.keys.Load().aead.Decrypt(value[1:], bound); err == nil {
			return plaintext, nil
		}
	}
	e.options.OnDamaged(bound[2:])
	return nil, fmt.Errorf("%w: the value of %q was changed, or put under another key or with another data key; restore a backup", ErrDamaged, bound[2:])
}

type reader struct {
	engine *Engine
	inner  store.Reader
}

func (r reader) Get(key []byte) ([]byte, error) { return r.engine.get(r.inner, areaData, key) }

func (r reader) Scan(from, to []byte, descending bool) iter.Seq2[store.Pair, error] {
	first, _ := place(areaData, from)
	var end []byte // the data are the last area
	if to != nil {
		end, _ = place(areaData, to)
	}
	return func(yield func(store.Pair, error) bool) {
		var bound []byte
		for pair, err := range r.inner.Scan(first, end, descending) {
			if err == nil {
				bound = append(append(bound[:0], version), pair.Key...)
				pair.Value, err = r.engine.unseal(pair.Value, bound)
			}
			if len(pair.Key) > 0 {
				pair.Key = pair.Key[1:]
			}
			if err != nil {
				yield(store.Pair{Key: pair.Key}, err)
				return
			}
			if !yield(pair, nil) {
				return
			}
		}
	}
}

type writer struct {
	engine *Engine
	inner  store.Writer
}

func (w writer) Get(key []byte) ([]byte, error) { return w.engine.get(w.inner, areaData, key) }

func (w writer) Put(key, value []byte) error {
	if len(key) == 0 { // with the area in front, the inner engine would take it
		return errors.New("empty key")
	}
	return w.engine.put(w.inner, areaData, key, value)
}

func (w writer) Delete(key []byte) error {
	inner, _ := place(areaData, key)
	return w.inner.Delete(inner)
}
