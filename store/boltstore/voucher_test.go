package boltstore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
)

// idleChild names the file that the test binary opens until it is killed, when
// it is started as its own child; checkedChild tells it to check the file first.
const (
	idleChild    = "BOLTSTORE_TEST_IDLE_CHILD"
	checkedChild = "BOLTSTORE_TEST_CHECKED_CHILD"
)

// stayOpen prints "open" once it has opened the file.
func stayOpen(path string) error {
	db, err := boltstore.Open(context.Background(), boltstore.Options{Path: path, CheckLater: true})
	if err == nil && os.Getenv(checkedChild) != "" {
		err = db.Check(context.Background())
	}
	if err != nil {
		return err
	}
	fmt.Println("open")
	select {}
}

// killIdle kills a process that has the file open and, if checked is set, has
// read all of it.
func killIdle(t *testing.T, path string, checked bool) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), idleChild+"="+path)
	if checked {
		child.Env = append(child.Env, checkedChild+"=1")
	}
	stdout, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "open\n" {
		t.Fatalf("the child printed %q, %v", line, err)
	}
	must(t, child.Process.Kill())
	_ = child.Wait() // it was killed
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func openLater(t *testing.T, path string) (*boltstore.DB, error) {
	t.Helper()
	return boltstore.Open(t.Context(), boltstore.Options{Path: path, CheckLater: true})
}

// filledLater makes a data file as fill does, which a DB with CheckLater has
// closed.
func filledLater(t *testing.T) (path string) {
	t.Helper()
	path = fill(t)
	db, err := openLater(t, path)
	must(t, err)
	must(t, db.Close())
	return path
}

// rot flips a bit of a key and leaves the times of the file alone, as a failing
// disk does.
func rot(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	damage(t, path, func(b []byte) []byte {
		at := strings.LastIndex(string(b), "\x0a\x0a\x00\x00\x00\x00") // key and value
		b[at+1] ^= 0x80
		return b
	})
	must(t, os.Chtimes(path, info.ModTime(), info.ModTime()))
}

// Only a file that is as it was closed, or whose process ended while the system
// kept running, is opened before it is read. Damage is found in either case.
func TestOpenPutsOffReadingWhatItIsVouchedFor(t *testing.T) {
	kernelTells := runtime.GOOS == "linux"
	for name, test := range map[string]struct {
		then  func(path string)
		later bool
	}{
		"closed":                    {func(string) {}, true},
		"closed, then written":      {func(path string) { must(t, os.Chtimes(path, time.Time{}, time.Now().Add(time.Second))) }, false},
		"closed, no voucher":        {func(path string) { must(t, os.Remove(path+".sound")) }, false},
		"closed, half a voucher":    {func(path string) { must(t, os.Truncate(path+".sound", 9)) }, false},
		"killed":                    {func(path string) { killIdle(t, path, true) }, kernelTells},
		"killed before it was read": {func(path string) { killIdle(t, path, false) }, false},
		"killed, system started anew": {func(path string) {
			killIdle(t, path, true)
			damage(t, path+".sound", func(b []byte) []byte { return []byte(strings.Replace(string(b), "boot ", "boot 0", 1)) })
		}, false},
		"killed, disk mounted anew": {func(path string) {
			killIdle(t, path, true)
			damage(t, path+".sound", func(b []byte) []byte { return []byte(strings.Replace(string(b), "mount ", "mount 1", 1)) })
		}, false},
		"killed, another file in its place": {func(path string) {
			killIdle(t, path, true)
			must(t, os.Rename(path, path+".old"))
			data, err := os.ReadFile(path + ".old")
			must(t, errors.Join(err, os.WriteFile(path, data, 0o600)))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			path := filledLater(t)
			test.then(path)
			rot(t, path)
			db, err := openLater(t, path)
			if test.later {
				if err != nil {
					t.Fatalf("Open = %v, want nil: it may read the file later", err)
				}
				err = errors.Unwrap(db.Check(t.Context()))
				<-db.Failed()
				must(t, db.Close()) // which keeps it locked
				if _, err := os.Stat(path + ".sound"); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("Stat(voucher) = %v, want none: the next start reads the file first", err)
				}
			}
			wantDamaged(t, err, path)
		})
	}
}

// What is read when nobody writes is in no page that a commit has changed.
func TestCheckReadsASnapshot(t *testing.T) {
	path := filledLater(t)
	db, err := openLater(t, path)
	must(t, err)
	var running sync.WaitGroup
	stop := make(chan struct{})
	for i := range 4 {
		running.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				err := db.Update(t.Context(), func(w store.Writer) error {
					key := []byte{byte(i), byte(n)}
					if n%3 == 0 {
						return w.Delete(key)
					}
					return w.Put(key, make([]byte, n%3000))
				})
				if err != nil {
					t.Errorf("Update = %v, want nil", err)
					return
				}
			}
		})
	}
	for range 50 {
		if err := db.Check(t.Context()); err != nil {
			t.Errorf("Check of a file in use = %v, want nil", err)
		}
	}
	close(stop)
	running.Wait()
	must(t, db.Close())
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 3 {
		t.Errorf("ReadDir = %v, %v, want the data file, its journal and its voucher", entries, err)
	}
	open(t, filepath.Dir(path)).Close() // which reads all of it
}

func TestCheckEndsWithItsContext(t *testing.T) {
	path := filledLater(t)
	db, err := openLater(t, path)
	must(t, err)
	defer db.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Check(ctx); !errors.Is(err, context.Canceled) || db.Err() != nil {
		t.Errorf("Check = %v and Err() = %v, want %v and nil", err, db.Err(), context.Canceled)
	}
}
