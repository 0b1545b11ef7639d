package boltstore_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"golang.org/x/sys/unix"

	"suitekeeper/store"
)

// failstopChild is set in the child that runs the test of the failed commit.
const failstopChild = "BOLTSTORE_TEST_FAILSTOP_CHILD"

// inChild runs the test that calls it in a child process, and reports whether
// this process is the child. What go test itself writes in its own process,
// such as its log of the files that tests open, must not meet the limit that
// withoutDisk sets.
func inChild(t *testing.T) bool {
	t.Helper()
	if os.Getenv(failstopChild) != "" {
		return true
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.timeout=1m", "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), failstopChild+"=1")
	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("child process = %v, want it to pass:\n%s", err, out)
	}
	return false
}

// withoutDisk calls fn while the kernel refuses this process every write to a
// file.
func withoutDisk(t *testing.T, fn func()) {
	t.Helper()
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 0, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &before); err != nil {
			t.Fatal(err)
		}
	}()
	fn()
}

func TestFailedCommitStopsTheStoreUntilItIsOpenedAgain(t *testing.T) {
	if !inChild(t) {
		return
	}
	signal.Ignore(unix.SIGXFSZ) // without the signal, withoutDisk shows as an error
	defer signal.Reset(unix.SIGXFSZ)
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
		withoutDisk(t, func() {
			close(release)
			updates.Wait()
		})
		<-db.Failed()
		if err := db.Err(); !errors.Is(err, store.ErrFailed) || !strings.Contains(err.Error(), "file too large") {
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

var errBroken = errors.New("broken")
