package boltstore_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
)

// openCounted opens a DB and counts the updates of each of its commits.
func openCounted(t *testing.T, maxPending int) (db *boltstore.DB, commits *[]int) {
	t.Helper()
	commits = new([]int)
	db, err := boltstore.Open(t.Context(), boltstore.Options{
		Path:       filepath.Join(t.TempDir(), "data.db"),
		MaxPending: maxPending,
		OnCommit:   func(i boltstore.CommitInfo) { *commits = append(*commits, i.Updates) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return db, commits
}

// hold keeps the leader inside an update, which changes nothing, until release
// is called, so that other updates gather. It works in a synctest bubble.
func hold(t *testing.T, db *boltstore.DB) (release func()) {
	t.Helper()
	done, held := make(chan struct{}), make(chan error, 1)
	go func() {
		held <- db.Update(t.Context(), func(store.Writer) error { <-done; return nil })
	}()
	synctest.Wait()
	return func() {
		t.Helper()
		close(done)
		if err := <-held; err != nil {
			t.Errorf("Update that was held = %v, want nil", err)
		}
	}
}

// putKey returns an update function.
func putKey(key string) func(store.Writer) error {
	return func(w store.Writer) error { return w.Put([]byte(key), []byte("value")) }
}

func TestUpdatesThatWaitShareOneCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, commits := openCounted(t, 0)
		defer db.Close()
		release := hold(t, db)
		const waiting = 100
		var wg sync.WaitGroup
		for i := range waiting {
			wg.Go(func() {
				if err := db.Update(t.Context(), putKey(fmt.Sprint(i))); err != nil {
					t.Errorf("Update(%d) = %v, want nil", i, err)
				}
			})
		}
		synctest.Wait()
		release()
		wg.Wait()
		if want := []int{waiting}; !slices.Equal(*commits, want) {
			t.Errorf("updates of each commit = %v, want %v", *commits, want)
		}
	})
}

func TestUpdatesBeyondMaxPendingAreRefusedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, _ := openCounted(t, 2)
		defer db.Close()
		release := hold(t, db)
		second := make(chan error, 1)
		go func() { second <- db.Update(t.Context(), putKey("second")) }()
		synctest.Wait()
		if err := db.Update(t.Context(), putKey("third")); !errors.Is(err, store.ErrBusy) {
			t.Errorf("Update beyond MaxPending = %v, want %v", err, store.ErrBusy)
		}
		release()
		if err := <-second; err != nil {
			t.Errorf("Update within MaxPending = %v, want nil", err)
		}
		if err := db.Update(t.Context(), putKey("fourth")); err != nil {
			t.Errorf("Update after the others ended = %v, want nil", err)
		}
	})
}

func TestUpdateWhoseContextEndsWhileItWaitsNeverRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, _ := openCounted(t, 0)
		defer db.Close()
		release := hold(t, db)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := db.Update(ctx, func(store.Writer) error { t.Error("ran"); return nil })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Update = %v, want %v", err, context.DeadlineExceeded)
		}
		release()
	})
}

func TestCloseWaitsForUpdatesThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, _ := openCounted(t, 0)
		release := hold(t, db)
		second, closed := make(chan error, 1), make(chan error, 1)
		go func() { second <- db.Update(t.Context(), putKey("second")) }()
		synctest.Wait()
		go func() { closed <- db.Close() }()
		synctest.Wait()
		if err := db.Update(t.Context(), putKey("third")); !errors.Is(err, store.ErrClosed) {
			t.Errorf("Update during Close = %v, want %v", err, store.ErrClosed)
		}
		release()
		if err := errors.Join(<-second, <-closed); err != nil {
			t.Errorf("Update and Close = %v, want nil", err)
		}
	})
}

// The same event pushed many times at once: one update is the first, and the
// others recognise it.
func TestUpdatesOfOneCommitSeeEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, commits := openCounted(t, 0)
		defer db.Close()
		release := hold(t, db)
		errSeen := errors.New("seen before")
		var wg sync.WaitGroup
		seen := make(chan error, 10)
		for range cap(seen) {
			wg.Go(func() {
				seen <- db.Update(t.Context(), func(w store.Writer) error {
					if _, err := w.Get([]byte("event")); err == nil {
						return errSeen
					}
					return w.Put([]byte("event"), nil)
				})
			})
		}
		synctest.Wait()
		release()
		wg.Wait()
		close(seen)
		first := 0
		for err := range seen {
			if err == nil {
				first++
			} else if !errors.Is(err, errSeen) {
				t.Errorf("Update = %v, want nil or %v", err, errSeen)
			}
		}
		if first != 1 || !slices.Equal(*commits, []int{1}) {
			t.Errorf("%d updates were first, updates of each commit = %v, want 1 and [1]", first, *commits)
		}
	})
}

func TestUpdateThatChangesNothingNeedsNoCommit(t *testing.T) {
	commits := 0
	db, err := boltstore.Open(t.Context(), boltstore.Options{
		Path:     filepath.Join(t.TempDir(), "data.db"),
		OnCommit: func(boltstore.CommitInfo) { commits++ },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Update(t.Context(), func(w store.Writer) error { _, err := w.Get([]byte("a")); return err })
	if !errors.Is(err, store.ErrNotFound) || commits != 0 {
		t.Errorf("Update(Get only) = %v after %d commits, want %v after none", err, commits, store.ErrNotFound)
	}
}

func TestWriterIsRefusedOutsideOfItsFunction(t *testing.T) {
	db := open(t, t.TempDir())
	defer db.Close()
	var kept store.Writer
	if err := db.Update(t.Context(), func(w store.Writer) error { kept = w; return nil }); err != nil {
		t.Fatal(err)
	}
	_, errGet := kept.Get([]byte("a"))
	if errPut, errDelete := kept.Put([]byte("a"), nil), kept.Delete([]byte("a")); errGet == nil || errPut == nil || errDelete == nil {
		t.Errorf("Get, Put, Delete after Update = %v, %v, %v, want errors", errGet, errPut, errDelete)
	}
}

func TestFunctionThatEndsItsGoroutineHarmsNoLaterUpdate(t *testing.T) {
	db := open(t, t.TempDir())
	defer db.Close()
	err := db.Update(t.Context(), func(w store.Writer) error {
		if err := w.Put([]byte("a"), nil); err != nil {
			return err
		}
		runtime.Goexit()
		return nil
	})
	if err == nil {
		t.Error("Update(function that ends its goroutine) = nil, want an error")
	}
	err = db.Update(t.Context(), func(w store.Writer) error {
		if _, err := w.Get([]byte("a")); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Get(a) = %v, want %v", err, store.ErrNotFound)
		}
		return w.Put([]byte("b"), nil)
	})
	if err != nil {
		t.Errorf("next Update = %v, want nil", err)
	}
}
