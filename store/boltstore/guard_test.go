package boltstore_test

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
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
			"cut short":                           func(path string) error { return os.Truncate(path, 2*4096) },
			"emptied":                             func(path string) error { return os.Truncate(path, 0) },
			"overwritten":                         overwrite,
			"without the page of the last commit": spoilNewestMeta,
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

// TestScanStopsWhereKeysAreOutOfOrder changes keys of an open file, which bbolt
// itself does not notice.
func TestScanStopsWhereKeysAreOutOfOrder(t *testing.T) {
	for _, descending := range []bool{false, true} {
		path := fill(t)
		db := open(t, filepath.Dir(path))
		before := 0
		err := view(t, db, func(r store.Reader) error {
			for _, err := range r.Scan(nil, nil, descending) {
				if err != nil {
					return err
				}
				if before++; before == 1000 {
					damage(t, path, swapKeys)
				}
			}
			return nil
		})
		wantDamagedWithin(t, err)
		<-db.Failed()
		db.Close()
	}
}

// swapKeys swaps two keys of each leaf, in all pages of the file.
func swapKeys(b []byte) []byte {
	const size, leaf, header, element = 4096, 2, 16, 16
	for page := range slices.Chunk(b[2*size:], size) {
		if len(page) < size || binary.NativeEndian.Uint16(page[8:]) != leaf || binary.NativeEndian.Uint16(page[10:]) < 4 {
			continue
		}
		var keys [2][]byte
		for i := range keys {
			e := page[header+(i+1)*element:]
			start := binary.NativeEndian.Uint32(e[4:])
			keys[i] = e[start : start+binary.NativeEndian.Uint32(e[8:])]
		}
		for i := range keys[0] {
			keys[0][i], keys[1][i] = keys[1][i], keys[0][i]
		}
	}
	return b
}

// spoilNewestMeta flips a bit of that of the first two pages that the last commit
// wrote.
func spoilNewestMeta(path string) error {
	const page, commit = 4096, 16 + 48
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	b := make([]byte, 2*page)
	if _, err := file.ReadAt(b, 0); err != nil {
		return err
	}
	at := commit
	if binary.NativeEndian.Uint64(b[page+commit:]) > binary.NativeEndian.Uint64(b[commit:]) {
		at += page
	}
	_, err = file.WriteAt([]byte{b[at] ^ 1}, int64(at))
	return err
}

// TestNobodyWaitsForADamagedFile empties an open file while many begin to
// read it. bbolt then keeps the locks that it had, for ever.
func TestNobodyWaitsForADamagedFile(t *testing.T) {
	path := fill(t)
	db := open(t, filepath.Dir(path))
	var readers sync.WaitGroup
	begun := make(chan struct{}, 1)
	for range 16 {
		readers.Go(func() {
			for db.Err() == nil {
				_ = db.View(t.Context(), func(store.Reader) error { return nil })
				select {
				case begun <- struct{}{}:
				default:
				}
			}
		})
	}
	<-begun
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	readers.Wait()
	wantDamagedWithin(t, view(t, db, func(store.Reader) error { return nil }))
	if err := db.Close(); err != nil {
		t.Errorf("Close() = %v, want nil", err)
	}
}

func wantDamagedWithin(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, boltstore.ErrDamaged) {
		t.Errorf("using a file that was damaged while it was open = %v, want %v", err, boltstore.ErrDamaged)
	}
}
