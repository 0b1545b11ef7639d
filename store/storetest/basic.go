package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"suitekeeper/store"
)

func testGet(t *testing.T, f *fixture) {
	f.want("a", absent)
	f.put("a", "1", "b", "2")
	f.put("a", "3")
	f.want("a", "3")
	f.want("b", "2")
	f.want("", absent)
	for range 2 { // the second time there is nothing to delete
		f.update(func(w store.Writer) error { return w.Delete([]byte("a")) })
		f.want("a", absent)
	}
}

func testEmptyKey(t *testing.T, f *fixture) {
	f.update(func(w store.Writer) error {
		for _, key := range [][]byte{nil, {}} {
			if err := w.Put(key, []byte("value")); err == nil {
				t.Errorf("Put(%#v) = nil, want an error", key)
			}
		}
		return nil
	})
}

func testSizes(t *testing.T, f *fixture) {
	large := strings.Repeat("0123456789abcdef", store.MaxValueSize/16)
	longKey := strings.Repeat("k", store.MaxKeySize)
	f.put("empty", "", "large", large, longKey, "long")
	f.update(func(w store.Writer) error { return w.Put([]byte("nil"), nil) })
	for range 2 {
		f.want("empty", "")
		f.want("nil", "")
		f.want("large", large)
		f.want(longKey, "long")
		f.reopen()
	}
}

func testScan(t *testing.T, f *fixture) {
	f.put("b", "2", "a", "1", "\xff", "5", "ab", "1b", "c\x00", "4", "c", "3", "\x00", "0")
	for _, tt := range []struct{ from, to, want string }{ // "-" stands for nil
		{"-", "-", "\x00 a ab b c c\x00 \xff"},
		{"a", "c", "a ab b"},
		{"aa", "bb", "ab b"},
		{"a", "a", ""},
		{"c", "a", ""},
		{"b", "-", "b c c\x00 \xff"},
		{"-", "b", "\x00 a ab"},
		{"d", "e", ""},
		{"\xff\xff", "-", ""},
		{"-", "\x00", ""},
		{"-", "\xff\xff", "\x00 a ab b c c\x00 \xff"},
	} {
		bound := func(s string) []byte {
			if s == "-" {
				return nil
			}
			return []byte(s)
		}
		for _, descending := range []bool{false, true} {
			var got []string
			f.view(func(r store.Reader) error {
				for pair, err := range r.Scan(bound(tt.from), bound(tt.to), descending) {
					if err != nil {
						return err
					}
					got = append(got, string(pair.Key))
				}
				return nil
			})
			want := strings.Fields(tt.want)
			if descending {
				slices.Reverse(want)
			}
			if !slices.Equal(got, want) {
				t.Errorf("Scan(%q, %q, %t) = %q, want %q", tt.from, tt.to, descending, got, want)
			}
		}
	}
}

func testScanBreak(t *testing.T, f *fixture) {
	f.put("a", "1", "b", "2", "c", "3")
	f.view(func(r store.Reader) error {
		pairs := r.Scan(nil, nil, false)
		for range 2 { // a sequence can be ranged over again
			for pair, err := range pairs {
				if string(pair.Key) != "a" || err != nil {
					t.Errorf("first pair = %q, %v, want a", pair.Key, err)
				}
				break
			}
		}
		return nil
	})
}

// testOwnership changes what it passed to the engine, and keeps what it got.
func testOwnership(t *testing.T, f *fixture) {
	var got []byte
	f.put("padding", strings.Repeat("x", 1<<16)) // so that nothing fits into one page
	f.update(func(w store.Writer) error {
		key, value := []byte("key"), []byte("value")
		if err := w.Put(key, value); err != nil {
			return err
		}
		copy(key, "???")
		copy(value, "?????")
		return nil
	})
	f.want("key", "value")
	f.view(func(r store.Reader) (err error) {
		got, err = r.Get([]byte("key"))
		return err
	})
	f.put("key", "other")
	f.close()
	if string(got) != "value" {
		t.Errorf("value kept after View and Close = %q, want %q", got, "value")
	}
}

func testReadYourWrites(t *testing.T, f *fixture) {
	f.put("old", "1", "gone", "1")
	f.update(func(w store.Writer) error {
		var seen []string
		look := func(key string) {
			value, err := lookUp(w, key)
			if err != nil {
				t.Errorf("Get(%q) = %v, want nil", key, err)
			}
			seen = append(seen, value)
		}
		err := errors.Join(w.Put([]byte("new"), []byte("2")), w.Delete([]byte("gone")))
		look("old")
		look("new")
		look("gone")
		err = errors.Join(err, w.Delete([]byte("new")), w.Put([]byte("gone"), nil))
		look("new")
		look("gone")
		if want := []string{"1", "2", absent, absent, ""}; !slices.Equal(seen, want) {
			t.Errorf("Get inside the update = %q, want %q", seen, want)
		}
		return err
	})
	f.want("new", absent)
	f.want("gone", "")
}

func testFailure(t *testing.T, f *fixture) {
	f.put("a", "1", "b", "2")
	broken := errors.New("broken")
	err := f.Update(t.Context(), func(w store.Writer) error {
		return errors.Join(w.Put([]byte("a"), []byte("changed")), w.Delete([]byte("b")), w.Put([]byte("c"), nil), broken)
	})
	if !errors.Is(err, broken) {
		t.Errorf("Update(failing function) = %v, want %v", err, broken)
	}
	for range 2 {
		f.want("a", "1")
		f.want("b", "2")
		f.want("c", absent)
		f.reopen()
	}
}

func testPanic(t *testing.T, f *fixture) {
	f.put("a", "1")
	value := func() (value any) {
		defer func() { value = recover() }()
		err := f.Update(t.Context(), func(w store.Writer) error {
			if err := w.Put([]byte("a"), []byte("changed")); err != nil {
				return err
			}
			panic("out of cheese")
		})
		t.Errorf("Update(panicking function) = %v, want a panic", err)
		return nil
	}()
	if !strings.Contains(fmt.Sprint(value), "out of cheese") {
		t.Errorf("Update(panicking function) panicked with %v, want it to tell %q", value, "out of cheese")
	}
	f.want("a", "1")
	f.put("a", "2") // it goes on
	f.want("a", "2")
}

func testViewError(t *testing.T, f *fixture) {
	broken := errors.New("broken")
	if err := f.View(t.Context(), func(store.Reader) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("View(failing function) = %v, want %v", err, broken)
	}
}

func testReopen(t *testing.T, f *fixture) {
	var want []string
	for i := range 100 {
		key, value := fmt.Sprintf("key%03d", i), fmt.Sprintf("value%d", i)
		want = append(want, key, value)
		f.put(key, value)
	}
	f.reopen()
	f.view(func(r store.Reader) error {
		got, err := scan(r, nil, nil, false)
		if !slices.Equal(got, want) {
			t.Errorf("Scan after reopening = %q, want %q", got, want)
		}
		return err
	})
}

func testClosed(t *testing.T, f *fixture) {
	f.put("a", "1")
	f.close()
	errs := map[string]error{
		"View":   f.View(t.Context(), func(store.Reader) error { t.Error("a closed engine ran a view"); return nil }),
		"Update": f.Update(t.Context(), func(store.Writer) error { t.Error("a closed engine ran an update"); return nil }),
		"Close":  f.Close(),
	}
	for method, err := range errs {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s of a closed engine = %v, want %v", method, err, store.ErrClosed)
		}
	}
}

func testCloseWaits(t *testing.T, f *fixture) {
	value := bytes.Repeat([]byte("x"), 1<<16)
	f.put("a", string(value))
	inside, closed := make(chan struct{}), make(chan struct{})
	go func() {
		<-inside
		f.close()
		close(closed)
	}()
	f.view(func(r store.Reader) error {
		close(inside)
		for range 100 {
			got, err := r.Get([]byte("a"))
			if err != nil || !bytes.Equal(got, value) {
				t.Errorf("Get during Close = %d bytes, %v, want %d", len(got), err, len(value))
			}
		}
		select {
		case <-closed:
			t.Error("Close returned while a view was under way")
		default:
		}
		return nil
	})
	<-closed
}
