package sealed

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"suitekeeper/store"
)

// Errors of Open. Each names the key file and what to do; nothing was changed.
var (
	// ErrKeyLost says that the store holds data and that the key file is
	// missing, or that the key file is damaged.
	ErrKeyLost = errors.New("data key is lost")
	// ErrWrongKey says that the key file belongs to another store.
	ErrWrongKey = errors.New("data key does not fit the store")
	// ErrMasterKey says that the key file needs another master key, or one
	// where none was given, or none where one was.
	ErrMasterKey = errors.New("master key does not fit the key file")
	// ErrNotWrapped is the ErrMasterKey of a key file in clear, where a master
	// key was given. Wrap cures that.
	ErrNotWrapped = fmt.Errorf("%w, which is not wrapped", ErrMasterKey)
)

// KeyOptions say where the data key is.
type KeyOptions struct {
	// Path is the file of the data key. When it is missing and the store
	// is empty, Open makes it, for the owner only.
	Path string

	// ReadOnly leaves the key file and what is beside it as they are; it must
	// exist.
	ReadOnly bool

	// MasterKey wraps the data key in the key file. It has 32 bytes, or none:
	// then the key file can be read by whoever has it.
	MasterKey []byte

	// OnDamaged, which may be nil, is told of every read of a record that is
	// damaged, with its key. It must be quick and is called by many goroutines
	// at once.
	OnDamaged func(key []byte)
}

// Open returns an engine that seals what inner keeps, with the data key in the
// key file. The engine owns inner from then on; after an error the caller still
// does.
func Open(ctx context.Context, inner store.Engine, o KeyOptions) (*Engine, error) {
	if o.Path == "" {
		return nil, errors.New("sealed: Path must be set")
	}
	empty, err := isEmpty(ctx, inner)
	if err != nil {
		return nil, fmt.Errorf("look for data in the store: %w", err)
	}
	keys, err := dataKeys(o, empty)
	if err != nil {
		return nil, err
	}
	if o.OnDamaged == nil {
		o.OnDamaged = func([]byte) {}
	}
	e := &Engine{inner: inner, options: o}
	e.keys.Store(keys)
	if empty {
		err = e.putKeyCheck(ctx)
	} else {
		err = e.checkKey(ctx, o.Path)
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

func isEmpty(ctx context.Context, inner store.Engine) (bool, error) {
	empty := true
	err := inner.View(ctx, func(r store.Reader) error {
		for _, err := range r.Scan(nil, nil, false) {
			empty = false
			return err
		}
		return nil
	})
	return empty, err
}

// dataKeys reads the key file, and makes it only where there are no data that
// it would be wrong for.
func dataKeys(o KeyOptions, empty bool) (*keyring, error) {
	handle, err := readKeyFile(o)
	if errors.Is(err, fs.ErrNotExist) {
		if !empty || o.ReadOnly {
			return nil, fmt.Errorf("%w: the key file %s of this store is missing; "+
				"nothing was changed: put it back, or restore a backup", ErrKeyLost, o.Path)
		}
		if err := makeKeyFile(o); err != nil {
			return nil, fmt.Errorf("make the key file %s: %w", o.Path, err)
		}
		handle, err = readKeyFile(o)
	}
	if err != nil {
		return nil, err
	}
	return newKeyring(handle, handle)
}

// keyCheck is the value of the record that was sealed first.
var keyCheck = []byte("the key file fits this store")

// putKeyCheck makes the key check the first record of the store. The key file
// is on disk by now, so a crash in between leaves an empty store with a key.
func (e *Engine) putKeyCheck(ctx context.Context) error {
	err := e.inner.Update(ctx, func(w store.Writer) error { return e.put(w, areaKeyCheck, nil, keyCheck) })
	if err != nil {
		return fmt.Errorf("bind the store to its key file: %w", err)
	}
	return nil
}

func (e *Engine) checkKey(ctx context.Context, keyFile string) error {
	err := e.inner.View(ctx, func(r store.Reader) error {
		_, err := e.get(r, areaKeyCheck, nil)
		return err
	})
	const cure = "nothing was changed: put the key file of this store back, or restore a backup"
	switch {
	case errors.Is(err, ErrDamaged):
		return fmt.Errorf("%w: %s belongs to another store, or the record that tells is damaged; %s", ErrWrongKey, keyFile, cure)
	case errors.Is(err, store.ErrNotFound):
		return fmt.Errorf("%w: the store holds data that were not sealed with %s; %s", ErrWrongKey, keyFile, cure)
	case err != nil:
		return fmt.Errorf("check the key file %s: %w", keyFile, err)
	}
	return nil
}
