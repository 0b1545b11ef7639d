package boltstore_test

import (
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
)

// openHeld opens a DB whose first commit, once it is on disk, is held until
// release is called: its updates have not returned then.
func openHeld(t *testing.T) (db *boltstore.DB, held <-chan struct{}, release func()) {
	t.Helper()
	committed, goOn := make(chan struct{}), make(chan struct{})
	first := sync.OnceFunc(func() { close(committed); <-goOn })
	db, err := boltstore.Open(t.Context(), boltstore.Options{
		Path:     filepath.Join(t.TempDir(), "data.db"),
		OnCommit: func(boltstore.CommitInfo) { first() },
	})
	if err != nil {
		t.Fatal(err)
	}
	return db, committed, func() { close(goOn) }
}

// While a commit is under way the functions of the next run already, and they
// see what it writes and deletes; but they are not answered before it is.
func TestFunctionsRunDuringACommitOnTopOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, held, release := openHeld(t)
		defer db.Close()
		var order []string
		var updates sync.WaitGroup
		update := func(name string, fn func(store.Writer) error) {
			updates.Go(func() {
				if err := db.Update(t.Context(), fn); err != nil {
					t.Errorf("Update %s = %v, want nil", name, err)
				}
			})
		}
		update("first", func(w store.Writer) error {
			order = append(order, "first ran")
			return errors.Join(w.Put([]byte("put"), []byte("first")), w.Delete([]byte("deleted")))
		})
		<-held
		update("second", func(w store.Writer) error {
			value, err := w.Get([]byte("put"))
			if _, gone := w.Get([]byte("deleted")); string(value) != "first" || err != nil || !errors.Is(gone, store.ErrNotFound) {
				t.Errorf("Get during a commit = %q, %v and %v, want \"first\" and %v", value, err, gone, store.ErrNotFound)
			}
			order = append(order, "second ran")
			return w.Put([]byte("put"), append(value, " and second"...))
		})
		synctest.Wait()
		order = append(order, "first is answered")
		release()
		updates.Wait()
		if want := []string{"first ran", "second ran", "first is answered"}; !slices.Equal(order, want) {
			t.Errorf("order = %q, want %q", order, want)
		}
		got := ""
		err := db.View(t.Context(), func(r store.Reader) error {
			value, err := r.Get([]byte("put"))
			got = string(value)
			return err
		})
		if want := "first and second"; got != want || err != nil {
			t.Errorf("value after both = %q, %v, want %q", got, err, want)
		}
	})
}
