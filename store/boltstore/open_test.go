package boltstore_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
)

func TestOpenMakesAFileForTheOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "some", "data")
	db := open(t, dir)
	defer db.Close()
	for name, want := range map[string]fs.FileMode{"": fs.ModeDir | 0o700, "data.db": 0o600, "data.db.journal": 0o600} {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("Stat(%q) = %v, %v, want mode %v", path, info, err, want)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("ReadDir(%q) = %v, %v, want only the data file and its journal", dir, entries, err)
	}
	if db.Size() <= 0 {
		t.Errorf("Size() = %d, want more than 0", db.Size())
	}
}

func TestOpenRefusesBadOptions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.db")
	for _, o := range []boltstore.Options{{}, {Path: path, LockTimeout: -1}, {Path: path, MaxPending: -1}, {Path: path, ReadOnly: true, CheckLater: true}} {
		if db, err := boltstore.Open(t.Context(), o); err == nil {
			db.Close()
			t.Errorf("Open(%+v) = nil, want an error", o)
		}
	}
}

func TestManyWhoOpenANewFileTakeTurns(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			db := open(t, dir)
			defer db.Close()
			if err := db.Update(t.Context(), putKey(string(rune('a'+i)))); err != nil {
				t.Errorf("Update = %v, want nil", err)
			}
		})
	}
	wg.Wait()
	db := open(t, dir)
	defer db.Close()
	keys := 0
	err := db.View(t.Context(), func(r store.Reader) error {
		for _, err := range r.Scan(nil, nil, false) {
			if err != nil {
				return err
			}
			keys++
		}
		return nil
	})
	if err != nil || keys != 8 {
		t.Errorf("the file holds %d keys, %v, want 8: one starter replaced the file of another", keys, err)
	}
}

func TestOpenRemovesWhatACrashedStartLeft(t *testing.T) {
	dir := t.TempDir()
	names := []string{"data.db.new-123", "data.db.sound.new-123"}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open(t, dir).Close()
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Stat(%s) = %v, want %v", name, err, fs.ErrNotExist)
		}
	}
}

func TestOpenOfAFileInUseWaitsThenNamesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		db := open(t, dir)
		defer db.Close()
		path := filepath.Join(dir, "data.db")
		start := time.Now()
		_, err := boltstore.Open(t.Context(), boltstore.Options{Path: path})
		if !errors.Is(err, boltstore.ErrLocked) || !strings.Contains(err.Error(), path) {
			t.Errorf("Open(file in use) = %v, want %v and the path", err, boltstore.ErrLocked)
		}
		if waited := time.Since(start); waited != boltstore.DefaultLockTimeout {
			t.Errorf("Open(file in use) waited %v, want %v", waited, boltstore.DefaultLockTimeout)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := boltstore.Open(ctx, boltstore.Options{Path: path}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Open(file in use, context of 1 s) = %v, want %v", err, context.DeadlineExceeded)
		}
	})
}

func TestOpenGetsTheFileOnceItIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		db := open(t, dir)
		time.AfterFunc(time.Second, func() { db.Close() })
		open(t, dir).Close()
	})
}

// damage changes the bytes of a file.
func damage(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(data), 0o600); err != nil {
		t.Fatal(err)
	}
}

// fill makes a data file of some hundred pages and returns its path.
func fill(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	db := open(t, dir)
	defer db.Close()
	for i := range 20 {
		err := db.Update(t.Context(), func(w store.Writer) error {
			for j := range 100 {
				if err := w.Put([]byte{byte(i), byte(j)}, make([]byte, 500)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "data.db")
}

// wantDamaged checks that err blames the file and not the program, and tells
// what to do.
func wantDamaged(t *testing.T, err error, path string) {
	t.Helper()
	if !errors.Is(err, boltstore.ErrDamaged) {
		t.Fatalf("Open(damaged file) = %v, want %v", err, boltstore.ErrDamaged)
	}
	text := err.Error()
	if !strings.HasPrefix(text, boltstore.ErrDamaged.Error()+": "+path+": ") || !strings.HasSuffix(text, "; restore a backup") {
		t.Errorf("Open(damaged file) = %q, want the path and the cure", text)
	}
	if strings.Contains(text, "runtime error") || strings.Contains(text, "nil pointer") {
		t.Errorf("Open(damaged file) = %q, want words about the file", text)
	}
}

func TestOpenRefusesDamagedFilesAndLeavesThemAlone(t *testing.T) {
	for name, change := range map[string]func([]byte) []byte{
		"empty":            func([]byte) []byte { return nil },
		"one page":         func(b []byte) []byte { return b[:4096] },
		"cut short":        func(b []byte) []byte { return b[:16*4096] },
		"something else":   func(b []byte) []byte { clear(b); return b },
		"no meta page":     func(b []byte) []byte { clear(b[:2*4096]); return b },
		"only meta pages":  func(b []byte) []byte { clear(b[2*4096:]); return b },
		"half a meta page": func(b []byte) []byte { return b[:4096+20] },
		"first page twice": func(b []byte) []byte { copy(b[4096:], b[:4096]); return b },
		"second one twice": func(b []byte) []byte { copy(b[:4096], b[4096:2*4096]); return b },
	} {
		t.Run(name, func(t *testing.T) {
			path := fill(t)
			damage(t, path, change)
			before, _ := os.ReadFile(path)
			db, err := boltstore.Open(t.Context(), boltstore.Options{Path: path})
			if err == nil {
				db.Close()
			}
			wantDamaged(t, err, path)
			if name == "cut short" && !strings.Contains(err.Error(), "it was cut short to 65536 bytes") {
				t.Errorf("Open(file cut short) = %v, want that it was cut short", err)
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
				t.Errorf("the refused file has %d bytes, %v, want the %d it had", len(after), err, len(before))
			}
		})
	}
}

func TestOpenRefusesAFileWithoutItsLastPage(t *testing.T) {
	path := fill(t)
	b, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	var size int64
	if err := b.View(func(tx *bbolt.Tx) error { size = tx.Size(); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(b.Close(), os.Truncate(path, size-1)); err != nil {
		t.Fatal(err)
	}
	if _, err := boltstore.Open(t.Context(), boltstore.Options{Path: path}); !errors.Is(err, boltstore.ErrDamaged) {
		t.Errorf("Open(file without its last byte) = %v, want %v", err, boltstore.ErrDamaged)
	}
}

func TestOpenRefusesFilesOfOtherPrograms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.db")
	b, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.Close()
	if _, err := boltstore.Open(t.Context(), boltstore.Options{Path: path}); !errors.Is(err, boltstore.ErrDamaged) {
		t.Errorf("Open(bbolt file of another program) = %v, want %v", err, boltstore.ErrDamaged)
	}
}

func TestOpenRefusesAFileThatIsDamagedInside(t *testing.T) {
	for name, change := range map[string]func(page []byte){
		"page of zeros": func(page []byte) { clear(page) },
		"wild pointers": func(page []byte) {
			for i := range page[16:] {
				page[16+i] = 0x7f
			}
		},
		"key out of order": func(page []byte) {
			const leaf = 2
			if binary.NativeEndian.Uint16(page[8:]) == leaf {
				position := binary.NativeEndian.Uint32(page[16+4:])
				page[16+position] = 0xff
			}
		},
		"pointer to where the file has ended": func(page []byte) {
			const branch = 1
			if binary.NativeEndian.Uint16(page[8:]) == branch {
				binary.NativeEndian.PutUint64(page[16+8:], 1<<20)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := fill(t)
			damage(t, path, func(b []byte) []byte {
				for at := 4096 * 4; at+4096 <= len(b) && at < 4096*400; at += 4096 {
					change(b[at : at+4096])
				}
				return b
			})
			db, err := boltstore.Open(t.Context(), boltstore.Options{Path: path})
			if err == nil {
				db.Close()
			}
			wantDamaged(t, err, path)
		})
	}
}
