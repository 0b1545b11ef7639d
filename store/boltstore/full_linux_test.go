package boltstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/storetest"
)

// fullDisk is a store on a disk of 16 MB with a reserve.
type fullDisk struct {
	*testing.T
	*boltstore.DB
	disk    storetest.TinyDisk
	dir     string
	stored  int // ordinary updates that were acknowledged, and
	noted   int // urgent ones
	changes []error

	withoutReserve bool // from the next reopen on
}

const diskSize = 16 << 20

// onFullDisk runs fn in a bubble of virtual time.
func onFullDisk(t *testing.T, fn func(*testing.T, *fullDisk)) {
	d := &fullDisk{}
	d.dir = d.disk.Mount(t, diskSize)
	synctest.Test(t, func(t *testing.T) {
		d.T = t
		d.reopen()
		fn(t, d)
		d.wantAll()
		d.close()
	})
}

func (d *fullDisk) path(name string) string { return filepath.Join(d.dir, name) }

func (d *fullDisk) reopen() {
	d.Helper()
	if d.DB != nil {
		d.close()
	}
	o := boltstore.Options{
		Path: d.path("data.db"), Reserve: d.path("reserve"), OnFull: func(err error) { d.changes = append(d.changes, err) },
	}
	if d.withoutReserve {
		o.Reserve = ""
	}
	db, err := boltstore.Open(d.Context(), o)
	if err != nil {
		d.Fatal(err)
	}
	d.DB = db
}

func (d *fullDisk) close() {
	d.Helper()
	if err := d.Close(); err != nil {
		d.Errorf("Close() = %v, want nil", err)
	}
}

// put makes an ordinary update.
func (d *fullDisk) put() error {
	err := d.Update(d.Context(), func(w store.Writer) error {
		return w.Put(fmt.Appendf(nil, "stored %06d", d.stored), make([]byte, 20<<10))
	})
	if err == nil {
		d.stored++
	}
	return err
}

// fill makes ordinary updates until there is no room for one.
func (d *fullDisk) fill() {
	d.Helper()
	for {
		switch err := d.put(); {
		case errors.Is(err, store.ErrFull) && errors.Is(err, syscall.ENOSPC):
			return
		case err != nil:
			d.Fatalf("Update on a disk that becomes full = %v, want nil or %v with the reason", err, store.ErrFull)
		}
	}
}

// note makes urgent updates.
func (d *fullDisk) note(times int) {
	d.Helper()
	for range times {
		err := d.Update(store.Urgent(d.Context()), func(w store.Writer) error {
			return w.Put(fmt.Appendf(nil, "urgent %06d", d.noted), make([]byte, 200))
		})
		if err != nil {
			d.Fatalf("urgent Update %d on a full disk = %v, want nil", d.noted, err)
		}
		d.noted++
	}
}

// wantAll checks that all that was acknowledged is there, and nothing else.
func (d *fullDisk) wantAll() {
	d.Helper()
	count := func(from, to string) (n int) {
		err := d.View(d.Context(), func(r store.Reader) error {
			for _, err := range r.Scan([]byte(from), []byte(to), false) {
				if err != nil {
					return err
				}
				n++
			}
			return nil
		})
		if err != nil {
			d.Error(err)
		}
		return n
	}
	if stored, noted := count("s", "t"), count("u", "v"); stored != d.stored || noted != d.noted {
		d.Errorf("there are %d ordinary and %d urgent records, want %d and %d, as were acknowledged", stored, noted, d.stored, d.noted)
	}
}

// wantReserve checks how much of the disk the reserve has.
func (d *fullDisk) wantReserve(want int64) {
	d.Helper()
	var s unix.Stat_t
	if err := unix.Stat(d.path("reserve"), &s); err != nil && !errors.Is(err, os.ErrNotExist) {
		d.Error(err)
	}
	if got := s.Blocks * 512; got != want {
		d.Errorf("the reserve has %d bytes of the disk, want %d", got, want)
	}
}

// keepRoom runs KeepRoom during fn.
func (d *fullDisk) keepRoom(fn func()) {
	ctx, cancel := context.WithCancel(d.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := d.KeepRoom(ctx); err != nil {
			d.Errorf("KeepRoom() = %v, want nil", err)
		}
	})
	fn()
	cancel()
	running.Wait()
}

func TestFullDiskRefusesUntilThereIsRoom(t *testing.T) {
	onFullDisk(t, func(t *testing.T, d *fullDisk) {
		d.wantReserve(boltstore.ReserveSize)
		d.fill()
		d.wantReserve(0)
		d.note(2000)
		if err := d.put(); !errors.Is(err, store.ErrFull) {
			t.Errorf("ordinary Update after urgent ones = %v, want %v", err, store.ErrFull)
		}
		d.reopen() // which finds no room for the reserve
		d.note(2000)
		d.wantAll()
		d.keepRoom(func() {
			time.Sleep(5500 * time.Millisecond)
			d.wantReserve(0)
			d.disk.Resize(t, 2*diskSize)
			time.Sleep(time.Second)
			synctest.Wait()
			d.wantReserve(boltstore.ReserveSize)
			if err := d.put(); err != nil {
				t.Errorf("Update once there is room = %v, want nil", err)
			}
		})
		if n := len(d.changes); n != 3 || d.changes[0] == nil || d.changes[1] == nil || d.changes[2] != nil {
			t.Errorf("OnFull was told %v, want full, full after reopening, and not full", d.changes)
		}
		if err := d.Err(); err != nil {
			t.Errorf("Err() = %v, want nil: a full disk stops nothing for good", err)
		}
	})
}

// TestUrgentUpdateOutlivesOthersThatAreRefused has it in the batch that proves too
// large, and in the next one, whose functions ran on top of that.
// Many at once have gone into the journal until there was too little room, and
// then into the data file: at no time is more acknowledged than there is room for.
func TestManyAtOnceFillTheDiskAndLoseNothing(t *testing.T) {
	onFullDisk(t, func(t *testing.T, d *fullDisk) {
		d.withoutReserve = true // which would have room for what is in the journal
		d.reopen()
		refused := false
		for round := 0; !refused; round++ {
			var updates sync.WaitGroup
			results := make(chan error, 20)
			for i := range cap(results) {
				updates.Go(func() {
					results <- d.Update(t.Context(), func(w store.Writer) error {
						return w.Put(fmt.Appendf(nil, "stored %02d %06d", i, round), make([]byte, 3<<10))
					})
				})
			}
			updates.Wait()
			close(results)
			for err := range results {
				switch {
				case err == nil:
					d.stored++
				case errors.Is(err, store.ErrFull):
					refused = true
				default:
					t.Fatalf("Update on a disk that becomes full = %v, want nil or %v", err, store.ErrFull)
				}
			}
			if round%50 == 49 {
				wantContentOf(t, crashed(t, d.dir, bothFiles...), d.stored)
			}
		}
		wantContentOf(t, crashed(t, d.dir, bothFiles...), d.stored)
	})
}

// wantContentOf checks how much is in what a crash left.
func wantContentOf(t *testing.T, dir string, want int) {
	t.Helper()
	if got := len(content(t, openReadOnly(t, filepath.Join(dir, "data.db")))); got != want {
		t.Errorf("a crash leaves %d records, want %d, as were acknowledged", got, want)
	}
}

func TestUrgentUpdateOutlivesOthersThatAreRefused(t *testing.T) {
	for name, others := range map[string]int{"in the same batch": 7, "in the next": 8} {
		t.Run(name, func(t *testing.T) {
			onFullDisk(t, func(t *testing.T, d *fullDisk) {
				for d.stored < 250 {
					if err := d.put(); err != nil {
						t.Fatal(err)
					}
				}
				var updates sync.WaitGroup
				release := make(chan struct{})
				for i := range others {
					updates.Go(func() {
						err := d.Update(t.Context(), func(w store.Writer) error {
							<-release
							return errors.Join(w.Put([]byte("refused"), nil), w.Put(fmt.Append(nil, i), make([]byte, 1<<20)))
						})
						if !errors.Is(err, store.ErrFull) {
							t.Errorf("ordinary Update in a batch that is too large = %v, want %v", err, store.ErrFull)
						}
					})
					synctest.Wait()
				}
				sawRefused := false
				updates.Go(func() {
					err := d.Update(store.Urgent(t.Context()), func(w store.Writer) error {
						_, err := w.Get([]byte("refused"))
						sawRefused = err == nil
						return w.Put([]byte("urgent 000000"), nil)
					})
					if err != nil || sawRefused {
						t.Errorf("urgent Update = %v and saw what was refused: %t; want nil and false", err, sawRefused)
					}
					d.noted++
				})
				synctest.Wait()
				close(release)
				updates.Wait()
			})
		})
	}
}

func TestWhatIsDeletedMakesRoomOnAFullDisk(t *testing.T) {
	onFullDisk(t, func(t *testing.T, d *fullDisk) {
		d.fill()
		err := d.Update(store.Urgent(t.Context()), func(w store.Writer) error {
			for i := range 100 {
				if err := w.Delete(fmt.Appendf(nil, "stored %06d", i)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatalf("Update that deletes = %v, want nil", err)
		}
		for range 80 {
			if err := d.put(); err != nil {
				t.Fatalf("ordinary Update after much was deleted = %v, want nil", err)
			}
		}
		d.stored -= 100
	})
}

// TestDiskThatDoesNotKeepItsWordIsFull has a commit come upon a full disk where
// room had been allocated, as on file systems that write everything to a new
// place.
func TestDiskThatDoesNotKeepItsWordIsFull(t *testing.T) {
	onFullDisk(t, func(t *testing.T, d *fullDisk) {
		for d.stored < 10 {
			if err := d.put(); err != nil {
				t.Fatal(err)
			}
		}
		f, err := os.OpenFile(d.path("data.db"), os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		const used = 1 << 20 // more than ten updates
		if err := unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, used, d.Size()-used); err != nil {
			t.Fatal(err)
		}
		var s unix.Statfs_t
		if err := unix.Statfs(d.dir, &s); err != nil {
			t.Fatal(err)
		}
		other, err := os.Create(d.path("other"))
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		if err := unix.Fallocate(int(other.Fd()), 0, 0, int64(s.Bavail)*s.Bsize); err != nil {
			t.Fatal(err)
		}
		d.fill()
		d.wantReserve(0)
		d.note(100)
		if err := d.Err(); err != nil {
			t.Errorf("Err() = %v, want nil: nothing was written that counts", err)
		}
	})
}

// fileSizeChild is set in the child that runs the test of the limit.
const fileSizeChild = "BOLTSTORE_TEST_FILE_SIZE_CHILD"

// inChild runs the test that calls it in a child process, and reports whether
// this process is the child. What go test itself writes in its own process, such
// as its log of the files that tests open, must not meet the limit.
func inChild(t *testing.T) bool {
	t.Helper()
	if os.Getenv(fileSizeChild) != "" {
		return true
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.timeout=1m", "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), fileSizeChild+"=1")
	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("child process = %v, want it to pass:\n%s", err, out)
	}
	return false
}

func TestLimitOfFileSizesIsAFullDisk(t *testing.T) {
	if !inChild(t) {
		return
	}
	d := &fullDisk{dir: t.TempDir()}
	synctest.Test(t, func(t *testing.T) {
		d.T = t
		d.reopen()
		defer d.close()
		var before unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &before); err != nil {
			t.Fatal(err)
		}
		limit := func(bytes uint64) {
			t.Helper()
			if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: before.Max}); err != nil {
				t.Fatal(err)
			}
		}
		limit(8 << 20)
		for {
			if err := d.put(); errors.Is(err, store.ErrFull) && errors.Is(err, syscall.EFBIG) {
				break
			} else if err != nil {
				t.Fatalf("Update = %v, want nil or %v", err, store.ErrFull)
			}
		}
		d.note(500)
		d.keepRoom(func() {
			limit(before.Cur)
			time.Sleep(time.Second)
			synctest.Wait()
			if err := d.put(); err != nil {
				t.Errorf("Update once the limit is gone = %v, want nil", err)
			}
		})
		d.wantAll()
	})
}
