package boltstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
)

// crashed returns a folder with what a crash at this moment leaves, as far as
// those files of the store go.
func crashed(t *testing.T, dir string, files ...string) string {
	t.Helper()
	left := t.TempDir()
	for _, name := range files {
		data, err := os.ReadFile(filepath.Join(dir, name))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(left, name), data, 0o600))
	}
	return left
}

var bothFiles = []string{"data.db", "data.db.journal"}

// content returns all that is in a store, and checks that both directions and
// Get say the same.
func content(t *testing.T, e store.Engine) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := e.View(t.Context(), func(r store.Reader) error {
		var ascending, descending []string
		for p, err := range r.Scan(nil, nil, false) {
			if err != nil {
				return err
			}
			ascending = append(ascending, string(p.Key))
			all[string(p.Key)] = string(p.Value)
		}
		for p, err := range r.Scan(nil, nil, true) {
			if err != nil {
				return err
			}
			descending = append(descending, string(p.Key))
			if string(p.Value) != all[string(p.Key)] {
				t.Errorf("value of %q, descending = %q, want %q", p.Key, p.Value, all[string(p.Key)])
			}
		}
		slices.Reverse(descending)
		if !slices.IsSorted(ascending) || !slices.Equal(ascending, descending) {
			t.Errorf("keys ascending = %q, descending in reverse = %q, want the same, in order", ascending, descending)
		}
		for key, want := range all {
			if got, err := r.Get([]byte(key)); err != nil || string(got) != want {
				t.Errorf("Get(%q) = %q, %v, want %q", key, got, err, want)
			}
		}
		return nil
	})
	must(t, err)
	return all
}

func wantContent(t *testing.T, what string, e store.Engine, want map[string]string) {
	t.Helper()
	if got := content(t, e); !maps.Equal(got, want) {
		t.Errorf("%s holds %v, want %v", what, got, want)
	}
}

// openBegun opens a store that has a key: before that there is nothing for a
// journal to be on top of.
func openBegun(t *testing.T, dir string) *boltstore.DB {
	t.Helper()
	db := open(t, dir)
	mustUpdate(t, db, "begun")
	return db
}

// togetherKeys is what openBegun puts, and commitTogether for n callers.
func togetherKeys(n int) map[string]string {
	want := map[string]string{"begun": "value"}
	for i := range n {
		want[fmt.Sprintf("together %d", i)] = "value"
	}
	return want
}

// The data file alone, without its journal, shows that the updates were nowhere
// else.
func TestCrashLosesNothingThatIsInTheJournalOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		db := openBegun(t, dir)
		defer db.Close()
		commitTogether(t, db, 9)
		left, without := crashed(t, dir, bothFiles...), crashed(t, dir, "data.db")
		reader := openReadOnly(t, filepath.Join(left, "data.db"))
		wantContent(t, "what a crash leaves, only read,", reader, togetherKeys(9))
		must(t, reader.Close())
		for _, recovered := range []int{9, 0} {
			again := open(t, left)
			if got := again.Recovered(); got != recovered {
				t.Errorf("Recovered() = %d, want %d", got, recovered)
			}
			wantContent(t, "what a crash leaves", again, togetherKeys(9))
			must(t, again.Close())
		}
		alone := open(t, without)
		defer alone.Close()
		wantContent(t, "the data file without its journal", alone, togetherKeys(0))
	})
}

func TestJournalIsBesideTheFileThatALinkLeadsTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		linked := func() string {
			t.Helper()
			links := t.TempDir()
			must(t, os.Symlink(filepath.Join(dir, "data.db"), filepath.Join(links, "data.db")))
			return links
		}
		must(t, openBegun(t, dir).Close())
		db := open(t, linked())
		defer db.Close()
		commitTogether(t, db, 9)
		dir = crashed(t, dir, bothFiles...)
		again := open(t, linked())
		defer again.Close()
		wantContent(t, "what a crash leaves, opened by a link,", again, togetherKeys(9))
	})
}

func TestViewPutsTheJournalIntoTheDataFileFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		db := openBegun(t, dir)
		defer db.Close()
		commitTogether(t, db, 9)
		start := time.Now()
		wantContent(t, "the store", db, togetherKeys(9))
		wantWaited(t, "View", start, 0)
		wantDataFile(t, dir, togetherKeys(9))
	})
}

// wantDataFile checks what is in the data file without its journal.
func wantDataFile(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	alone := open(t, crashed(t, dir, "data.db"))
	defer alone.Close()
	wantContent(t, "the data file without its journal", alone, want)
}

func TestDataFileIsCompleteSoonAfterTheLastUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		db := openBegun(t, dir)
		defer db.Close()
		commitTogether(t, db, 9)
		time.Sleep(6 * time.Millisecond)
		synctest.Wait()
		wantDataFile(t, dir, togetherKeys(9))
	})
}

func TestDataFileIsCompleteAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		db := openBegun(t, dir)
		commitTogether(t, db, 9)
		must(t, db.Close())
		wantDataFile(t, dir, togetherKeys(9))
	})
}

// A full journal is put into the data file, and what did not fit it is the first
// entry of an empty one.
func TestFullJournalBeginsAnew(t *testing.T) {
	const most = 2048 // keys
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		db := openBegun(t, dir)
		defer db.Close()
		commitTogether(t, db, most)
		wantDataFile(t, dir, togetherKeys(0))
		updateTogether(t, db, slices.Repeat([]func(store.Writer) error{putKey("behind")}, 9)...)
		wantDataFile(t, dir, togetherKeys(most))
		want := togetherKeys(most)
		want["behind"] = "value"
		left := open(t, crashed(t, dir, bothFiles...))
		defer left.Close()
		wantContent(t, "what a crash leaves", left, want)
	})
}

// The keys in the journal are put into the data file for a view, and leave it
// without any: nothing can be in the journal then.
func TestNothingIsOnTopOfADataFileThatWasEmptied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		db := openBegun(t, dir)
		defer db.Close()
		remove := func(w store.Writer) error { return w.Delete([]byte("begun")) }
		updateTogether(t, db, slices.Repeat([]func(store.Writer) error{remove}, 9)...)
		wantDataFile(t, dir, togetherKeys(0))
		viewed := make(chan error)
		wait := func(store.Writer) error {
			go func() { viewed <- db.View(t.Context(), func(store.Reader) error { return nil }) }()
			time.Sleep(time.Microsecond) // until it waits
			return nil
		}
		updateTogether(t, db, append(slices.Repeat([]func(store.Writer) error{putKey("behind")}, 9), wait)...)
		must(t, <-viewed)
		left := open(t, crashed(t, dir, bothFiles...))
		defer left.Close()
		wantContent(t, "what a crash leaves", left, map[string]string{"behind": "value"})
	})
}

// Updates alone and many at once, views and pauses, in any order: whatever was
// acknowledged is there after a crash, and nothing else.
func TestEveryStateOutlivesACrash(t *testing.T) {
	const seed, rounds = 1, 40
	random := rand.New(rand.NewPCG(seed, seed))
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		db := openBegun(t, dir)
		defer db.Close()
		want, journaled := map[string]string{"begun": "value"}, 0
		for round := range rounds {
			var updates sync.WaitGroup
			for i := range 1 + random.IntN(30) {
				key := fmt.Sprintf("%02d %d", i, random.IntN(4)) // each caller has its own
				value := strings.Repeat(fmt.Sprint(round), 1+random.IntN(200))
				put := random.IntN(4) > 0
				if put {
					want[key] = value
				} else {
					delete(want, key)
				}
				updates.Go(func() {
					err := db.Update(t.Context(), func(w store.Writer) error {
						if put {
							return w.Put([]byte(key), []byte(value))
						}
						return w.Delete([]byte(key))
					})
					if err != nil {
						t.Errorf("Update(%q) = %v, want nil", key, err)
					}
				})
			}
			updates.Wait()
			left := crashed(t, dir, bothFiles...)
			wantContent(t, "what a crash leaves, only read,", openReadOnly(t, filepath.Join(left, "data.db")), want)
			alone := openReadOnly(t, filepath.Join(crashed(t, dir, "data.db"), "data.db"))
			if !maps.Equal(content(t, alone), want) {
				journaled++
			}
			switch random.IntN(4) {
			case 0:
				wantContent(t, "the store", db, want)
			case 1:
				time.Sleep(10 * time.Millisecond)
			}
		}
		if journaled < rounds/6 {
			t.Errorf("%d of %d states were in the journal, want more: else this test shows nothing", journaled, rounds)
		}
	})
}

// twoEntries makes a journal with two entries, and returns it with their
// updates.
func twoEntries(t *testing.T) (dir string, first, both map[string]string) {
	t.Helper()
	live := t.TempDir()
	synctest.Test(t, func(bubble *testing.T) {
		db := openBegun(bubble, live)
		defer db.Close()
		commitTogether(bubble, db, 5)
		commitTogether(bubble, db, 8)
		dir = crashed(t, live, bothFiles...)
	})
	return dir, togetherKeys(5), togetherKeys(8)
}

// rotJournal changes a byte of the journal.
func rotJournal(t *testing.T, dir string, at int) {
	t.Helper()
	path := filepath.Join(dir, "data.db.journal")
	data, err := os.ReadFile(path)
	must(t, err)
	data[at] ^= 1
	must(t, os.WriteFile(path, data, 0o600))
}

const secondEntry = 4096

func TestTornLastEntryWasNeverAcknowledged(t *testing.T) {
	dir, first, _ := twoEntries(t)
	rotJournal(t, dir, secondEntry+50)
	db := open(t, dir)
	defer db.Close()
	wantContent(t, "a store whose last commit was torn", db, first)
}

func TestDamageBeforeTheLastEntryIsFound(t *testing.T) {
	for _, at := range []int{0, 20, 34, 50} {
		dir, _, both := twoEntries(t)
		rotJournal(t, dir, at)
		_, err := boltstore.Open(t.Context(), boltstore.Options{Path: filepath.Join(dir, "data.db")})
		if !errors.Is(err, boltstore.ErrDamaged) || !strings.Contains(err.Error(), "data.db.journal") || !strings.Contains(err.Error(), "move this file away") {
			t.Errorf("Open with byte %d of the journal changed = %v, want %v, which file, and what to do", at, err, boltstore.ErrDamaged)
		}
		rotJournal(t, dir, at) // nothing was changed, and the lock is free
		db := open(t, dir)
		wantContent(t, "the store with its journal mended", db, both)
		must(t, db.Close())
	}
}

// A backup of the data file beside the journal of the file that it replaces.
func TestJournalOfAnotherStateCountsForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		db := open(t, dir)
		mustUpdate(t, db, "old")
		older := crashed(t, dir, "data.db")
		mustUpdate(t, db, "new")
		commitTogether(t, db, 9)
		journal, err := os.ReadFile(filepath.Join(crashed(t, dir, bothFiles...), "data.db.journal"))
		must(t, err)
		must(t, db.Close())
		must(t, os.WriteFile(filepath.Join(older, "data.db.journal"), journal, 0o600))

		db = open(t, older)
		defer db.Close()
		wantContent(t, "the older file", db, map[string]string{"old": "value"})
		mustUpdate(t, db, "other") // as many commits as the journal is on top of
		left := open(t, crashed(t, older, bothFiles...))
		defer left.Close()
		wantContent(t, "the older file, changed in another way,", left, map[string]string{"old": "value", "other": "value"})
	})
}

// Keys and number of commits are the same again, but it is another history: what
// Open found in the journal must not count any more.
func TestJournalOfAnotherHistoryCountsForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		db := openBegun(t, dir)
		older := crashed(t, dir, "data.db")
		for range 5 {
			mustUpdate(t, db, "begun")
		}
		commitTogether(t, db, 9)
		journal, err := os.ReadFile(filepath.Join(dir, "data.db.journal"))
		must(t, err)
		must(t, db.Close())
		must(t, os.WriteFile(filepath.Join(older, "data.db.journal"), journal, 0o600))
		for n := range 8 {
			db := open(t, older)
			err := db.Update(t.Context(), func(w store.Writer) error { return w.Put([]byte("begun"), []byte("another history")) })
			must(t, err)
			wantContent(t, fmt.Sprintf("the older file after %d commits", n+1), db, map[string]string{"begun": "another history"})
			must(t, db.Close())
		}
	})
}

func TestNewDataFileHasNothingOfAnOldJournal(t *testing.T) {
	dir, _, _ := twoEntries(t)
	must(t, os.Remove(filepath.Join(dir, "data.db")))
	db := open(t, dir)
	defer db.Close()
	wantContent(t, "a new store beside an old journal", db, nil)
}

// Where the disk has no room for a journal the store does without.
func TestStoreWithoutAJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		db := openBegun(t, dir)
		defer db.Close()
		wantContent(t, "the store", db, togetherKeys(0)) // no leader is at work then
		db.LoseJournal()
		commitTogether(t, db, 12)
		wantDataFile(t, dir, togetherKeys(12))
	})
}

func TestReplayReturnsWhatWasWrittenBeforeATear(t *testing.T) {
	const entries = 5
	var journal []byte
	ends := []int{0}
	for n := range entries {
		journal = append(journal, boltstore.Entry(7, 3, uint32(n), map[string][]byte{"key": fmt.Append(nil, n), fmt.Sprint(n): bytes.Repeat([]byte("x"), 3000*n), "gone": nil})...)
		ends = append(ends, len(journal))
	}
	for cut := 0; cut <= len(journal); cut += 509 {
		torn := slices.Concat(journal[:cut], make([]byte, len(journal)-cut))
		got, err := boltstore.Replay(torn, 3)
		if err != nil {
			t.Fatalf("Replay of a journal torn at %d = %v, want nil", cut, err)
		}
		// The last bytes of an entry fill its block and say nothing.
		for n := range entries {
			_, have := got[fmt.Sprint(n)]
			if whole := cut >= ends[n+1]; whole && !have || !whole && have && cut < ends[n]+3000*n {
				t.Errorf("Replay of a journal torn at %d has entry %d: %t, which ends at %d", cut, n, have, ends[n+1])
			}
		}
	}
	if got, err := boltstore.Replay(journal, 4); len(got) != 0 || err != nil {
		t.Errorf("Replay on top of another commit = %v, %v, want nothing", got, err)
	}
}

func FuzzReplay(f *testing.F) {
	whole := slices.Concat(boltstore.Entry(7, 3, 0, map[string][]byte{"a": []byte("1"), "b": nil}), boltstore.Entry(7, 3, 1, map[string][]byte{"a": {}}))
	f.Add(whole, uint64(3))
	f.Add(whole[:5000], uint64(3))
	f.Add(bytes.Repeat([]byte("skj1"), 3000), uint64(0))
	f.Fuzz(func(t *testing.T, data []byte, commit uint64) {
		got, err := boltstore.Replay(data, commit)
		size := 0
		for key, value := range got {
			size += len(key) + len(value)
		}
		if size > len(data) || err != nil && got != nil {
			t.Errorf("Replay of %d bytes = %d bytes, %v, want no more than there were, and nothing with an error", len(data), size, err)
		}
	})
}

// FuzzJournalContent has the checksum of an entry right, whatever it holds.
func FuzzJournalContent(f *testing.F) {
	f.Add([]byte("\x01a\x021\x01b\x00"))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, content []byte) {
		got, err := boltstore.Replay(boltstore.EntryOf(7, 3, 0, content), 3)
		if err != nil {
			return
		}
		again, err := boltstore.Replay(boltstore.Entry(7, 3, 0, got), 3)
		if err != nil || !maps.EqualFunc(got, again, bytes.Equal) {
			t.Errorf("Replay of what was read = %v, %v, want %v", again, err, got)
		}
	})
}
