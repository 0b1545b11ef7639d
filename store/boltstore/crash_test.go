package boltstore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
)

// childDir names the folder that the test binary updates until it is killed,
// when it is started as its own child.
const childDir = "BOLTSTORE_TEST_CHILD_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Fprintln(os.Stderr, updateForever(dir))
		os.Exit(1)
	}
	if path := os.Getenv(idleChild); path != "" {
		fmt.Fprintln(os.Stderr, stayOpen(path))
		os.Exit(1)
	}
	// One that waits for a lock that bbolt kept when its file broke stays behind,
	// as is said there.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("suitekeeper/store/boltstore.(*DB).end.func1"))
}

// updateForever prints "start", and every key once its update has returned.
func updateForever(dir string) error {
	fmt.Println("start")
	db, err := boltstore.Open(context.Background(), boltstore.Options{Path: filepath.Join(dir, "data.db")})
	if err != nil {
		return err
	}
	errs := make(chan error)
	for range 8 {
		go func() {
			for {
				key := fmt.Sprintf("key%016x", rand.Uint64())
				err := db.Update(context.Background(), func(w store.Writer) error {
					return errors.Join(w.Put([]byte(key), []byte(key)), w.Put([]byte("also "+key), nil))
				})
				if err != nil {
					errs <- err
					return
				}
				fmt.Println(key)
			}
		}()
	}
	return <-errs
}

// kill starts a child on dir, kills it when it has printed some lines, and
// returns all that it printed.
func kill(t *testing.T, dir string, lines int) []string {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	var complaints strings.Builder
	child.Stderr = &complaints
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var printed []string
	for scanner := bufio.NewScanner(stdout); scanner.Scan(); {
		printed = append(printed, scanner.Text())
		if len(printed) == lines {
			if err := child.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	_ = child.Wait() // it was killed
	if len(printed) < lines || complaints.Len() > 0 {
		t.Fatalf("child ended by itself after %d lines: %s", len(printed), complaints.String())
	}
	return printed
}

func TestNoAcknowledgedUpdateIsLostByKill(t *testing.T) {
	dir := t.TempDir()
	var acknowledged []string
	for range 20 {
		printed := kill(t, dir, 2+rand.IntN(300))
		acknowledged = append(acknowledged, printed[1:]...)
		wantWhole(t, dir, acknowledged)
	}
}

func TestKillDuringFirstOpenHarmsNothing(t *testing.T) {
	for range 20 {
		dir := t.TempDir()
		wantWhole(t, dir, kill(t, dir, 1)[1:])
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
			t.Errorf("ReadDir(%q) = %v, %v, want only the data file and its journal", dir, entries, err)
		}
	}
}

// wantWhole checks that all keys are there, and no update only half.
func wantWhole(t *testing.T, dir string, keys []string) {
	t.Helper()
	db := open(t, dir)
	defer db.Close()
	err := db.View(t.Context(), func(r store.Reader) error {
		for _, key := range keys {
			if value, err := r.Get([]byte(key)); err != nil || string(value) != key {
				t.Errorf("Get(%q), which was acknowledged before the kill = %q, %v", key, value, err)
			}
		}
		for pair, err := range r.Scan([]byte("key"), nil, false) {
			if err != nil {
				return err
			}
			if _, err := r.Get([]byte("also " + string(pair.Key))); err != nil {
				t.Errorf("Get(also %q) = %v, want both keys of an update or none", pair.Key, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
