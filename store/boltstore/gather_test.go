package boltstore_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
)

// How long a commit may wait for more, and how long for nobody, as the package
// says.
const (
	longestGather = time.Millisecond
	longestLull   = 200 * time.Microsecond
)

// commitTogether makes one commit for n callers. In a synctest bubble it takes
// no time, and when it returns the next commit is put off for the callers.
func commitTogether(t *testing.T, db *boltstore.DB, n int) {
	t.Helper()
	var updates []func(store.Writer) error
	for i := range n {
		updates = append(updates, putKey(fmt.Sprintf("together %d", i)))
	}
	updateTogether(t, db, updates...)
}

// updateTogether does so with updates of any kind.
func updateTogether(t *testing.T, db *boltstore.DB, updates ...func(store.Writer) error) {
	t.Helper()
	release := hold(t, db)
	var wg sync.WaitGroup
	for _, fn := range updates {
		wg.Go(func() {
			if err := db.Update(t.Context(), fn); err != nil {
				t.Errorf("Update = %v, want nil", err)
			}
		})
	}
	synctest.Wait()
	release()
	wg.Wait()
	synctest.Wait()
}

func mustUpdate(t *testing.T, db *boltstore.DB, key string) {
	t.Helper()
	if err := db.Update(t.Context(), putKey(key)); err != nil {
		t.Errorf("Update(%q) = %v, want nil", key, err)
	}
}

// wantWaited checks the virtual time since start: it passes only while a commit
// is put off.
func wantWaited(t *testing.T, what string, start time.Time, want time.Duration) {
	t.Helper()
	if waited := time.Since(start); waited != want {
		t.Errorf("%s returned after %v, want %v", what, waited, want)
	}
}

func TestLoneUpdateWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, t.TempDir())
		defer db.Close()
		start := time.Now()
		for i := range 3 {
			mustUpdate(t, db, fmt.Sprint(i))
			wantWaited(t, fmt.Sprintf("lone Update %d", i), start, 0)
		}
	})
}

func TestUpdateBehindLoneUpdateWaitsForNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, t.TempDir())
		defer db.Close()
		start := time.Now()
		commitTogether(t, db, 1)
		wantWaited(t, "Update", start, 0)
	})
}

func TestLoneUpdateSomeTimeAfterManyWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, t.TempDir())
		defer db.Close()
		commitTogether(t, db, 3)
		time.Sleep(longestLull)
		synctest.Wait()
		start := time.Now()
		mustUpdate(t, db, "lone")
		wantWaited(t, "lone Update", start, 0)
	})
}

func TestCommitWaitsForCallersWhoComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, commits := openCounted(t, 0)
		defer db.Close()
		commitTogether(t, db, 3)
		start := time.Now()
		var wg sync.WaitGroup
		for _, pause := range []time.Duration{0, longestLull / 3, longestLull / 2} {
			wg.Go(func() {
				time.Sleep(pause)
				mustUpdate(t, db, pause.String())
				wantWaited(t, "Update", start, longestLull/2)
			})
		}
		wg.Wait()
		if want := []int{3, 3}; !slices.Equal(*commits, want) {
			t.Errorf("updates of each commit = %v, want %v", *commits, want)
		}
	})
}

func TestCommitWaitsWhileCallersComeButOnlySoLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, commits := openCounted(t, 0)
		defer db.Close()
		commitTogether(t, db, 100)
		start := time.Now()
		var wg sync.WaitGroup
		// One comes in each lull.
		for pause := longestLull / 2; pause < longestGather; pause += longestLull {
			wg.Go(func() {
				time.Sleep(pause)
				mustUpdate(t, db, pause.String())
				wantWaited(t, "Update", start, longestGather)
			})
		}
		wg.Wait()
		if want := []int{100, 5}; !slices.Equal(*commits, want) {
			t.Errorf("updates of each commit = %v, want %v", *commits, want)
		}
	})
}

func TestCommitDoesNotWaitForCallersWhoStayAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, commits := openCounted(t, 0)
		defer db.Close()
		commitTogether(t, db, 3)
		start := time.Now()
		time.Sleep(longestLull / 2)
		mustUpdate(t, db, "came back")
		wantWaited(t, "Update", start, 2*longestLull)
		mustUpdate(t, db, "again")
		wantWaited(t, "the Update after it", start, 2*longestLull)
		if want := []int{3, 1, 1}; !slices.Equal(*commits, want) {
			t.Errorf("updates of each commit = %v, want %v", *commits, want)
		}
	})
}

func TestFullBatchWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const full = 1024 // updates of the largest commit
		db, commits := openCounted(t, 0)
		defer db.Close()
		start := time.Now()
		commitTogether(t, db, 2*full)
		wantWaited(t, "the last Update", start, 0)
		if want := []int{full, full}; !slices.Equal(*commits, want) {
			t.Errorf("updates of each commit = %v, want %v", *commits, want)
		}
	})
}
