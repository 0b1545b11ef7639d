package boltstore_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"golang.org/x/sys/unix"

	"suitekeeper/store"
)

// breakDisk has every write to the data file fail from now on, as on a disk that
// is broken. What it says can still be read.
func breakDisk(t *testing.T, path string) {
	t.Helper()
	unwritable, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer unwritable.Close()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	broken := 0
	for _, e := range open {
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if target, err := os.Readlink("/proc/self/fd/" + e.Name()); err != nil || target != path || fd == int(unwritable.Fd()) {
			continue
		}
		if err := unix.Dup3(int(unwritable.Fd()), fd, unix.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
		broken++
	}
	if broken != 1 {
		t.Fatalf("the data file is open %d times, want once", broken)
	}
}

func TestFailedCommitStopsTheStoreUntilItIsOpenedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "data.db")
		db, err := openLater(t, path)
		must(t, err)
		if err := db.Update(t.Context(), putKey("acknowledged")); err != nil {
			t.Fatal(err)
		}
		var updates sync.WaitGroup
		start := func(want error, fn func(store.Writer) error) {
			updates.Go(func() {
				err := db.Update(t.Context(), fn)
				if unknown := want == store.ErrUnknownOutcome; !errors.Is(err, want) || errors.Is(err, store.ErrUnknownOutcome) != unknown || errors.Is(err, errBroken) {
					t.Errorf("Update around the failed commit = %v, want %v", err, want)
				}
			})
			synctest.Wait()
		}
		release := make(chan struct{})
		start(store.ErrUnknownOutcome, func(store.Writer) error { <-release; return nil })
		start(store.ErrUnknownOutcome, putKey("unknown"))
		start(store.ErrUnknownOutcome, func(w store.Writer) error { _, err := w.Get([]byte("unknown")); return err })
		// What made it fail may be gone, so its own error must not be trusted.
		start(store.ErrUnknownOutcome, func(store.Writer) error { return errBroken })
		start(store.ErrUnknownOutcome, func(w store.Writer) error { return w.Put([]byte("unknown too"), make([]byte, 9<<20)) })
		// This one is behind a full batch: it was not part of what failed.
		start(store.ErrFailed, func(w store.Writer) error {
			if _, err := w.Get([]byte("unknown")); err != nil {
				t.Errorf("Get of what the batch before puts = %v, want nil", err)
			}
			return w.Put([]byte("behind"), nil)
		})
		if err := db.Err(); err != nil {
			t.Errorf("Err() before = %v, want nil", err)
		}
		breakDisk(t, filepath.Join(dir, "data.db"))
		close(release)
		updates.Wait()
		<-db.Failed()
		if err := db.Err(); !errors.Is(err, store.ErrFailed) || !strings.Contains(err.Error(), "bad file descriptor") {
			t.Errorf("Err() = %v, want %v and the reason", err, store.ErrFailed)
		}
		if err := db.Update(t.Context(), putKey("later")); !errors.Is(err, store.ErrFailed) || errors.Is(err, store.ErrUnknownOutcome) {
			t.Errorf("Update after the failed commit = %v, want %v: nothing was done", err, store.ErrFailed)
		}
		if err := db.Close(); err != nil {
			t.Errorf("Close() = %v, want nil", err)
		}
		if _, err := os.Stat(path + ".sound"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Stat(voucher) = %v, want none: the next start reads the file first", err)
		}

		db = open(t, dir)
		defer db.Close()
		err = db.Update(t.Context(), func(w store.Writer) error { _, err := w.Get([]byte("acknowledged")); return err })
		if err != nil {
			t.Errorf("Get(acknowledged) after reopening = %v, want nil", err)
		}
		err = db.Update(t.Context(), func(w store.Writer) error { _, err := w.Get([]byte("behind")); return err })
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Get(behind) after reopening = %v, want %v", err, store.ErrNotFound)
		}
	})
}

// What was acknowledged is in the journal only, and cannot be read until the
// store is opened again. Then it is there.
func TestFailedJournalStopsTheStoreUntilItIsOpenedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		db, err := openLater(t, filepath.Join(dir, "data.db"))
		must(t, err)
		mustUpdate(t, db, "begun")
		commitTogether(t, db, 9)
		breakDisk(t, filepath.Join(dir, "data.db.journal"))
		var updates sync.WaitGroup
		for i := range 7 {
			updates.Go(func() {
				if err := db.Update(t.Context(), putKey(fmt.Sprint("unknown ", i))); !errors.Is(err, store.ErrUnknownOutcome) && !errors.Is(err, store.ErrFailed) {
					t.Errorf("Update that the journal does not take = %v, want %v or %v", err, store.ErrUnknownOutcome, store.ErrFailed)
				}
			})
		}
		updates.Wait()
		<-db.Failed()
		err = db.View(t.Context(), func(store.Reader) error { return nil })
		if !errors.Is(err, store.ErrFailed) || !strings.Contains(err.Error(), "bad file descriptor") {
			t.Errorf("View = %v, want %v and the reason", err, store.ErrFailed)
		}
		must(t, db.Close())

		db = open(t, dir)
		defer db.Close()
		got := content(t, db)
		for key := range togetherKeys(9) {
			if got[key] != "value" {
				t.Errorf("the store does not hold %q, which was acknowledged", key)
			}
		}
	})
}

var errBroken = errors.New("broken")
