package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"suitekeeper/store"
)

func testEndedContext(t *testing.T, f *fixture) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := f.Update(ctx, func(store.Writer) error { t.Error("ran an update under an ended context"); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Update(ended context) = %v, want %v", err, context.Canceled)
	}
	err = f.View(ctx, func(store.Reader) error { t.Error("ran a view under an ended context"); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("View(ended context) = %v, want %v", err, context.Canceled)
	}
}

// testContextEnds ends the context while the function runs: that does not run
// any more when Update returns, and what it did happens whole or not at all.
func testContextEnds(t *testing.T, f *fixture) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	running := false
	err := f.Update(ctx, func(w store.Writer) error {
		running = true
		cancel()
		for range 1000 { // long enough for Update to see it
			runtime.Gosched()
		}
		running = false
		return errors.Join(w.Put([]byte("a"), []byte("1")), w.Put([]byte("b"), []byte("1")))
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("Update(context that ends) = %v, want nil or %v", err, context.Canceled)
	}
	if running {
		t.Error("Update returned while its function ran")
	}
	f.put("c", "1")
	f.want("c", "1")
	f.view(func(r store.Reader) error {
		a, errA := lookUp(r, "a")
		b, errB := lookUp(r, "b")
		if a != b || (err == nil && a != "1") {
			t.Errorf("after Update = %v, a = %q and b = %q, want both or none", err, a, b)
		}
		return errors.Join(errA, errB)
	})
}

func testScanContext(t *testing.T, f *fixture) {
	const pairs = 2000
	f.update(func(w store.Writer) error {
		for i := range pairs {
			if err := w.Put(fmt.Appendf(nil, "%06d", i), []byte("value")); err != nil {
				return err
			}
		}
		return nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	err := f.View(ctx, func(r store.Reader) error {
		for _, err := range r.Scan(nil, nil, false) {
			if err != nil {
				return err
			}
			n++
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || n >= pairs {
		t.Errorf("Scan under a context that ended at the first pair = %d pairs, %v, want %v earlier", n, err, context.Canceled)
	}
}

func testSnapshot(t *testing.T, f *fixture) {
	f.put("a", "1", "b", "1")
	f.view(func(r store.Reader) error {
		updated := make(chan struct{})
		go func() {
			defer close(updated)
			f.put("a", "2", "b", "2", "c", "2")
		}()
		if a, err := lookUp(r, "a"); a != "1" || err != nil {
			t.Errorf("Get(a) while an update runs = %q, %v, want 1", a, err)
		}
		<-updated
		got, err := scan(r, nil, nil, false)
		if fmt.Sprint(got) != "[a 1 b 1]" {
			t.Errorf("Scan in a view older than the update = %q, want a and b as they were", got)
		}
		return err
	})
	f.want("c", "2")
}

func testCounter(t *testing.T, f *fixture) { count(t, f, f.Engine) }

func testCounterTwice(t *testing.T, f *fixture) { count(t, f, Twice(f.Engine)) }

func count(t *testing.T, f *fixture, e store.Engine) {
	const counters, increments = 16, 25
	var wg sync.WaitGroup
	for range counters {
		wg.Go(func() {
			for range increments {
				if err := e.Update(t.Context(), increment); err != nil {
					t.Errorf("Update(increment) = %v, want nil", err)
				}
			}
		})
	}
	wg.Wait()
	f.want("counter", strconv.Itoa(counters*increments))
}

func increment(w store.Writer) error {
	n := 0
	value, err := w.Get([]byte("counter"))
	switch {
	case err == nil:
		if n, err = strconv.Atoi(string(value)); err != nil {
			return err
		}
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	return w.Put([]byte("counter"), []byte(strconv.Itoa(n+1)))
}

// testFailAlone has many updates under way at once, of which some fail and
// some panic after they have changed something. The others must not notice.
func testFailAlone(t *testing.T, f *fixture) {
	const updates = 60
	broken := errors.New("broken")
	var wg sync.WaitGroup
	for i := range updates {
		wg.Go(func() {
			defer func() {
				if v := recover(); (v != nil) != (i%6 == 5) {
					t.Errorf("update %d panicked with %v", i, v)
				}
			}()
			err := f.Update(t.Context(), func(w store.Writer) error {
				if err := errors.Join(w.Put(fmt.Appendf(nil, "key%d", i), []byte("value")), w.Put([]byte("last"), fmt.Append(nil, i))); err != nil {
					return err
				}
				switch i % 6 {
				case 4:
					return broken
				case 5:
					panic(broken)
				}
				return nil
			})
			if (i%6 == 4) != errors.Is(err, broken) {
				t.Errorf("Update %d = %v", i, err)
			}
		})
	}
	wg.Wait()
	for i := range updates {
		want := "value"
		if i%6 >= 4 {
			want = absent
		}
		f.want(fmt.Sprintf("key%d", i), want)
	}
	f.view(func(r store.Reader) error {
		last, err := lookUp(r, "last")
		if i, _ := strconv.Atoi(last); i%6 >= 4 {
			t.Errorf("Get(last) = %q, which was put by an update that failed", last)
		}
		return err
	})
}

func testMany(t *testing.T, f *fixture) {
	const writers, updates = 32, 20
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for j := range updates {
				f.put(fmt.Sprintf("key %02d %02d", i, j), "value")
				f.want(fmt.Sprintf("key %02d %02d", i, j), "value")
			}
		})
	}
	wg.Wait()
	f.reopen()
	f.view(func(r store.Reader) error {
		got, err := scan(r, nil, nil, false)
		if want := writers * updates * 2; len(got) != want {
			t.Errorf("Scan after reopening yields %d keys and values, want %d", len(got), want)
		}
		return err
	})
}
