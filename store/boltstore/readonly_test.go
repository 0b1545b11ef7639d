package boltstore_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
)

// openReadOnly opens a file for reading.
func openReadOnly(t *testing.T, path string) *boltstore.DB {
	t.Helper()
	db, err := boltstore.Open(t.Context(), boltstore.Options{Path: path, ReadOnly: true})
	if err != nil {
		t.Fatalf("Open(%s, read only) = %v, want nil", path, err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestReadersShareAFileAndChangeNothing(t *testing.T) {
	path := fill(t)
	left := path + ".new-123"
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		db := openReadOnly(t, path)
		if value, err := get(t, db, []byte{3, 4}); err != nil || len(value) != 500 {
			t.Errorf("Get from a file that is only read = %d bytes, %v, want 500", len(value), err)
		}
		if err := db.Update(t.Context(), putKey("new")); !errors.Is(err, boltstore.ErrReadOnly) {
			t.Errorf("Update of a file that is only read = %v, want %v", err, boltstore.ErrReadOnly)
		}
		if err := db.Err(); err != nil {
			t.Errorf("Err() after a refused update = %v, want nil", err)
		}
	}
	if _, err := os.Stat(left); err != nil {
		t.Errorf("what lay beside a file that is only read: %v, want it left there", err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Error("reading changed the file")
	}
}

func TestReadersAndWritersKeepEachOtherOut(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "data.db")
	writer := open(t, dir)
	soon := boltstore.Options{Path: path, LockTimeout: time.Millisecond}
	soon.ReadOnly = true
	if _, err := boltstore.Open(t.Context(), soon); !errors.Is(err, boltstore.ErrLocked) {
		t.Errorf("Open(read only) while it is written = %v, want %v", err, boltstore.ErrLocked)
	}
	writer.Close()
	openReadOnly(t, path)
	soon.ReadOnly = false
	if _, err := boltstore.Open(t.Context(), soon); !errors.Is(err, boltstore.ErrLocked) {
		t.Errorf("Open while it is read = %v, want %v", err, boltstore.ErrLocked)
	}
}

func TestReadersMakeNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "data.db")
	if _, err := boltstore.Open(t.Context(), boltstore.Options{Path: path, ReadOnly: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open(missing file, read only) = %v, want %v", err, fs.ErrNotExist)
	}
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open(missing file, read only) made its folder: %v", err)
	}
}

// get reads one value.
func get(t *testing.T, e store.Engine, key []byte) (value []byte, err error) {
	t.Helper()
	err = e.View(t.Context(), func(r store.Reader) error {
		value, err = r.Get(key)
		return err
	})
	return value, err
}
