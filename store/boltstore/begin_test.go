package boltstore_test

import (
	"path/filepath"
	"sync"
	"testing"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
)

// TestViewsAndGrowthDoNotWaitForEachOther has views begin and end all the time
// while the file grows beyond what is mapped of it. To map more a commit waits
// for the views under way, and those that begin wait for the commit.
func TestViewsAndGrowthDoNotWaitForEachOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.db")
	db, err := boltstore.Open(t.Context(), boltstore.Options{Path: path}.WithReserve(64<<10))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	grown := make(chan struct{})
	var viewers sync.WaitGroup
	for range 8 {
		viewers.Go(func() {
			for {
				select {
				case <-grown:
					return
				default:
				}
				if err := view(t, db, func(r store.Reader) error { _, _ = r.Get([]byte{0}); return nil }); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 60 {
		err := db.Update(t.Context(), func(w store.Writer) error { return w.Put([]byte{byte(i)}, make([]byte, 1<<20)) })
		if err != nil {
			t.Error(err)
		}
	}
	close(grown)
	viewers.Wait()
}
