package boltstore_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
)

// TestFileThatIsDamagedWhileOpenStopsTheStore changes an open file behind the
// back of the store. Reading it would end the process, or its caller, if nobody
// saw to it.
func TestFileThatIsDamagedWhileOpenStopsTheStore(t *testing.T) {
	get := func(r store.Getter) error { _, err := r.Get([]byte{10, 10}); return err }
	scan := func(r store.Reader) error {
		for _, err := range r.Scan(nil, nil, false) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	for name, use := range map[string]func(t *testing.T, db *boltstore.DB) error{
		"Get": func(t *testing.T, db *boltstore.DB) error {
			return view(t, db, func(r store.Reader) error { return get(r) })
		},
		"Scan": func(t *testing.T, db *boltstore.DB) error { return view(t, db, scan) },
		"Get in Update": func(t *testing.T, db *boltstore.DB) error {
			return db.Update(t.Context(), func(w store.Writer) error { return get(w) })
		},
		"commit": func(t *testing.T, db *boltstore.DB) error { return db.Update(t.Context(), putKey("key")) },
	} {
		for how, spoil := range map[string]func(path string) error{
			"cut short":   func(path string) error { return os.Truncate(path, 2*4096) },
			"overwritten": overwrite,
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				path := fill(t)
				db := open(t, filepath.Dir(path))
				if err := spoil(path); err != nil {
					t.Fatal(err)
				}
				wantDamagedWithin(t, use(t, db))
				<-db.Failed()
				if err := db.Err(); !errors.Is(err, store.ErrFailed) || !errors.Is(err, boltstore.ErrDamaged) {
					t.Errorf("Err() = %v, want %v and %v", err, store.ErrFailed, boltstore.ErrDamaged)
				}
				if err := db.Update(t.Context(), putKey("later")); !errors.Is(err, store.ErrFailed) {
					t.Errorf("Update after damage was found = %v, want %v", err, store.ErrFailed)
				}
				if err := db.Close(); err != nil {
					t.Errorf("Close() = %v, want nil", err)
				}
			})
		}
	}
}

func view(t *testing.T, db *boltstore.DB, fn func(store.Reader) error) error {
	t.Helper()
	return db.View(t.Context(), fn)
}

// overwrite writes something else over all pages but the first two.
func overwrite(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for i := range data[2*4096:] {
		data[2*4096+i] = 0x7f
	}
	return os.WriteFile(path, data, 0o600)
}

func wantDamagedWithin(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, boltstore.ErrDamaged) {
		t.Errorf("using a file that was damaged while it was open = %v, want %v", err, boltstore.ErrDamaged)
	}
}
