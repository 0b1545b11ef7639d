package sealed_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"suitekeeper/store"
	"suitekeeper/store/sealed"
)

// keysIn returns how many data keys are in the key file, which is in clear.
func keysIn(t *testing.T, dir string) int {
	t.Helper()
	var file struct{ Key []any }
	if err := json.Unmarshal(keyFile(t, dir), &file); err != nil {
		t.Fatal(err)
	}
	return len(file.Key)
}

// putMany puts n values, of which the first are large.
func putMany(t testing.TB, e store.Engine, n int) {
	t.Helper()
	err := e.Update(t.Context(), func(w store.Writer) error {
		for i := range n {
			if err := w.Put(fmt.Appendf(nil, "key%05d", i), valueOf(i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func valueOf(i int) []byte {
	value := fmt.Appendf(nil, "value%d", i)
	if i < 3 {
		value = append(value, make([]byte, 800<<10)...)
	}
	return value
}

// wantMany checks that the values of putMany are there.
func wantMany(t testing.TB, e store.Engine, n int, when string) {
	t.Helper()
	seen := 0
	err := e.View(t.Context(), func(r store.Reader) error {
		for pair, err := range r.Scan([]byte("key"), []byte("kez"), false) {
			if err != nil {
				return err
			}
			if want := valueOf(seen); !bytes.Equal(pair.Value, want) {
				t.Errorf("value of %s %s = %.20q, want %.20q", pair.Key, when, pair.Value, want)
			}
			seen++
		}
		return nil
	})
	if seen != n || err != nil {
		t.Errorf("Scan %s = %d records, %v, want %d", when, seen, err, n)
	}
}

func TestRotationSealsEverythingAnewWhileTheStoreIsInUse(t *testing.T) {
	dir := t.TempDir()
	e, _ := open(t, dir)
	const n = 2000
	putMany(t, e, n)
	old := keyFile(t, dir)
	if r := e.Rotation(); r.Running {
		t.Errorf("Rotation() before = %+v, want none", r)
	}
	if err := e.Rotate(t.Context()); err != nil {
		t.Fatalf("Rotate() = %v, want nil", err)
	}
	if r := e.Rotation(); !r.Running || keysIn(t, dir) != 2 {
		t.Errorf("Rotation() = %+v with %d keys in the key file, want it to run with 2", r, keysIn(t, dir))
	}
	if err := e.Rotate(t.Context()); !errors.Is(err, sealed.ErrRotating) {
		t.Errorf("Rotate() during a rotation = %v, want %v", err, sealed.ErrRotating)
	}
	var using sync.WaitGroup
	resealed := make(chan struct{})
	using.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-resealed:
				return
			default:
				put(t, e, fmt.Appendf(nil, "key%05d", i%n), valueOf(i%n))
				put(t, e, fmt.Appendf(nil, "other%d", i), []byte("other"))
			}
		}
	})
	err := e.Reseal(t.Context())
	close(resealed)
	using.Wait()
	if err != nil {
		t.Fatalf("Reseal() = %v, want nil", err)
	}
	if r := e.Rotation(); r.Running || r.Total < n/2 || r.Done > r.Total {
		t.Errorf("Rotation() after = %+v, want it ended, of about %d records", r, n)
	}
	wantMany(t, e, n, "after the rotation")
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if keysIn(t, dir) != 1 {
		t.Errorf("the key file holds %d keys, want 1", keysIn(t, dir))
	}
	e, _ = open(t, dir)
	wantMany(t, e, n, "after the rotation and a restart")
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	replaceKeyFile(t, dir, old)
	if _, err := reopen(t, dir, nil); !errors.Is(err, sealed.ErrWrongKey) {
		t.Errorf("Open with the old key file = %v, want %v", err, sealed.ErrWrongKey)
	}
}

// stopping is an engine that ends a context with its n-th update, which fails
// as in a crash: it is on disk or not.
type stopping struct {
	store.Engine
	left    *int
	stop    func()
	commits bool
}

func (s stopping) Update(ctx context.Context, fn func(store.Writer) error) error {
	if *s.left--; *s.left >= 0 {
		return s.Engine.Update(ctx, fn)
	}
	s.stop()
	if s.commits {
		if err := s.Engine.Update(context.WithoutCancel(ctx), fn); err != nil {
			return err
		}
	}
	return errCrash
}

func TestRotationGoesOnAfterACrashAtAnyMoment(t *testing.T) {
	const n = 1000
	for crash := range 6 { // the key check and five batches
		t.Run(fmt.Sprintf("at update %d", crash), func(t *testing.T) {
			dir := t.TempDir()
			e, inner := open(t, dir)
			putMany(t, e, n)
			ctx, cancel := context.WithCancel(t.Context())
			crashing, err := sealed.Open(ctx, stopping{inner, &crash, cancel, crash%2 == 0}, sealed.KeyOptions{Path: filepath.Join(dir, "data.key")})
			if err != nil {
				t.Fatal(err)
			}
			err = crashing.Rotate(ctx)
			if err == nil {
				err = crashing.Reseal(ctx)
			}
			if err == nil {
				t.Fatal("the rotation ended before the crash")
			}
			if err := inner.Close(); err != nil {
				t.Fatal(err)
			}
			e, _ = open(t, dir)
			defer e.Close()
			wantMany(t, e, n, "after the crash")
			if !e.Rotation().Running {
				t.Fatal("Rotation() after the crash tells of none, want one that runs")
			}
			if err := e.Reseal(t.Context()); err != nil {
				t.Fatalf("Reseal() after the crash = %v, want nil", err)
			}
			wantMany(t, e, n, "at the end")
			if got := keysIn(t, dir); got != 1 {
				t.Errorf("the key file holds %d keys at the end, want 1", got)
			}
		})
	}
}

func TestViewOlderThanARotationReadsOn(t *testing.T) {
	e, _ := open(t, t.TempDir())
	defer e.Close()
	putMany(t, e, 100)
	err := e.View(t.Context(), func(r store.Reader) error {
		done := make(chan error)
		go func() {
			var err error
			for range 2 {
				err = errors.Join(err, e.Rotate(context.Background()), e.Reseal(context.Background()))
			}
			done <- err
		}()
		if err := <-done; err != nil {
			return err
		}
		for i := range 100 {
			key := fmt.Appendf(nil, "key%05d", i)
			if got, err := r.Get(key); err != nil || !bytes.Equal(got, valueOf(i)) {
				return fmt.Errorf("Get(%q) in a view older than two rotations = %.20q, %w", key, got, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestDamagedRecordKeepsTheOldKey(t *testing.T) {
	dir := t.TempDir()
	e, inner := open(t, dir)
	defer e.Close()
	putMany(t, e, 500)
	key := innerKey(t, inner, "key00007")
	value := records(t, inner)[string(key)]
	value[len(value)-1] ^= 1
	put(t, inner, key, value)
	if err := e.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := e.Reseal(t.Context())
	if !errors.Is(err, sealed.ErrDamaged) || !strings.Contains(err.Error(), "key00007") {
		t.Errorf("Reseal() with a damaged record = %v, want %v and its key", err, sealed.ErrDamaged)
	}
	if r := e.Rotation(); !r.Running || r.Done != r.Total-1 || keysIn(t, dir) != 2 {
		t.Errorf("Rotation() = %+v with %d keys, want all but one record sealed anew, and both keys kept", r, keysIn(t, dir))
	}
	value[len(value)-1] ^= 1
	put(t, inner, key, value)
	if err := e.Reseal(t.Context()); err != nil {
		t.Errorf("Reseal() when the record is sound again = %v, want nil", err)
	}
	wantMany(t, e, 500, "at the end")
}

func TestDamageIsTold(t *testing.T) {
	dir := t.TempDir()
	inner := openBolt(t, dir)
	defer inner.Close()
	var told []string
	e, err := sealed.Open(t.Context(), inner, sealed.KeyOptions{
		Path: filepath.Join(dir, "data.key"), OnDamaged: func(key []byte) { told = append(told, string(key)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	put(t, e, []byte("sound"), nil)
	put(t, inner, []byte("\x01broken"), nil)
	for _, key := range []string{"sound", "broken"} {
		_, _ = get(t, e, []byte(key))
	}
	if fmt.Sprint(told) != "[broken]" {
		t.Errorf("OnDamaged was told of %q, want broken", told)
	}
}

func TestKeyFileIsWrappedLater(t *testing.T) {
	another := bytes.Repeat([]byte{7}, 32)
	dir := filled(t, sealed.KeyOptions{})
	if _, err := reopen(t, dir, masterKey); !errors.Is(err, sealed.ErrNotWrapped) {
		t.Errorf("Open(key file in clear, master key) = %v, want %v", err, sealed.ErrNotWrapped)
	}
	wrap := func(old, master []byte) {
		t.Helper()
		inner := openBolt(t, dir)
		defer inner.Close()
		e, err := sealed.Open(t.Context(), inner, sealed.KeyOptions{Path: filepath.Join(dir, "data.key"), MasterKey: old})
		if err == nil {
			err = e.Wrap(master)
		}
		if err == nil { // which keeps it wrapped
			err = errors.Join(e.Rotate(t.Context()), e.Reseal(t.Context()))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	wrap(nil, masterKey)
	if file := string(keyFile(t, dir)); strings.Contains(file, "keyData") {
		t.Errorf("wrapped key file = %s, want no key in it", file)
	}
	for _, tt := range []struct {
		master []byte
		want   error
	}{{nil, sealed.ErrMasterKey}, {another, sealed.ErrMasterKey}, {masterKey, nil}} {
		if _, err := reopen(t, dir, tt.master); !errors.Is(err, tt.want) {
			t.Errorf("Open with a master key of %d bytes = %v, want %v", len(tt.master), err, tt.want)
		}
	}
	wrap(masterKey, another)
	if value, err := reopen(t, dir, another); value != "value" || err != nil {
		t.Errorf("value with the new master key = %q, %v, want value", value, err)
	}
	if _, err := reopen(t, dir, masterKey); !errors.Is(err, sealed.ErrMasterKey) {
		t.Errorf("Open with the old master key = %v, want %v", err, sealed.ErrMasterKey)
	}
	for _, bad := range [][]byte{nil, []byte("short")} {
		inner := openBolt(t, dir)
		e, err := sealed.Open(t.Context(), inner, sealed.KeyOptions{Path: filepath.Join(dir, "data.key"), MasterKey: another})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Wrap(bad); err == nil {
			t.Errorf("Wrap(%d bytes) = nil, want an error", len(bad))
		}
		inner.Close()
	}
}
