package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
)

func open(t *testing.T) store.Engine {
	t.Helper()
	db, err := boltstore.Open(t.Context(), boltstore.Options{Path: filepath.Join(t.TempDir(), "data.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func update(t *testing.T, e store.Engine, fn func(store.Writer) error) {
	t.Helper()
	if err := e.Update(t.Context(), fn); err != nil {
		t.Fatalf("Update() = %v, want nil", err)
	}
}

func view(t *testing.T, e store.Engine, fn func(store.Reader) error) {
	t.Helper()
	if err := e.View(t.Context(), fn); err != nil {
		t.Fatalf("View() = %v, want nil", err)
	}
}

type fruit struct{ Colour string }

func TestCollectionGivesBackWhatWasPut(t *testing.T) {
	e := open(t)
	fruits := store.NewCollection("fruits", store.JSON[fruit]())
	key := []byte("apple")
	update(t, e, func(w store.Writer) error { return fruits.Put(w, key, fruit{"red"}) })
	view(t, e, func(r store.Reader) error {
		got, err := fruits.Get(r, key)
		if want := (fruit{"red"}); got != want {
			t.Errorf("Get(%q) = %v, want %v", key, got, want)
		}
		if has, err := fruits.Has(r, key); !has || err != nil {
			t.Errorf("Has(%q) = %t, %v, want true", key, has, err)
		}
		return err
	})
	update(t, e, func(w store.Writer) error { return fruits.Delete(w, key) })
	view(t, e, func(r store.Reader) error {
		if _, err := fruits.Get(r, key); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Get(%q) after Delete = %v, want %v", key, err, store.ErrNotFound)
		}
		has, err := fruits.Has(r, key)
		if has {
			t.Errorf("Has(%q) after Delete = true, want false", key)
		}
		return err
	})
}

func keys[T any](r store.Reader, c store.Collection[T], from, to []byte, descending bool) (keys string, err error) {
	for entry, err := range c.Scan(r, from, to, descending) {
		if err != nil {
			return keys, err
		}
		keys += fmt.Sprintf("%s=%v ", entry.Key, entry.Value)
	}
	return keys, nil
}

func TestCollectionScansItsOwnKeysOnly(t *testing.T) {
	e := open(t)
	numbers := store.NewCollection("n", store.JSON[int]())
	// Names and keys that could be taken for those of another collection.
	neighbours := []store.Collection[int]{
		store.NewCollection("", store.JSON[int]()),
		store.NewCollection("n\x00", store.JSON[int]()),
		store.NewCollection("n\x01", store.JSON[int]()),
		store.NewCollection("nn", store.JSON[int]()),
		store.NewCollection("m", store.JSON[int]()),
	}
	update(t, e, func(w store.Writer) error {
		var errs []error
		for _, c := range append(neighbours, numbers) {
			for i, key := range []string{"a", "b", "c", "\xff", ""} {
				errs = append(errs, c.Put(w, []byte(key), i))
			}
		}
		return errors.Join(errs...)
	})
	for _, tt := range []struct {
		from, to   []byte
		descending bool
		want       string
	}{
		{nil, nil, false, "=4 a=0 b=1 c=2 \xff=3 "},
		{nil, nil, true, "\xff=3 c=2 b=1 a=0 =4 "},
		{[]byte("a"), []byte("c"), false, "a=0 b=1 "},
		{[]byte("a"), []byte("c"), true, "b=1 a=0 "},
		{[]byte("bb"), nil, false, "c=2 \xff=3 "},
		{nil, []byte{}, false, ""},
	} {
		view(t, e, func(r store.Reader) error {
			got, err := keys(r, numbers, tt.from, tt.to, tt.descending)
			if got != tt.want {
				t.Errorf("Scan(%q, %q, %t) = %q, want %q", tt.from, tt.to, tt.descending, got, tt.want)
			}
			return err
		})
	}
}

func TestCollectionScanCanBeBrokenAndItsKeysKept(t *testing.T) {
	e := open(t)
	numbers := store.NewCollection("n", store.JSON[int]())
	update(t, e, func(w store.Writer) error {
		return errors.Join(
			numbers.Put(w, []byte("a"), 1), numbers.Put(w, []byte("b"), 2), numbers.Put(w, []byte("c"), 3),
			w.Put([]byte("padding"), make([]byte, 1<<16)), // so that not all is in one page, which bbolt would copy
		)
	})
	var kept [][]byte
	view(t, e, func(r store.Reader) error {
		for entry, err := range numbers.Scan(r, nil, nil, false) {
			if err != nil || entry.Value == 3 {
				return err
			}
			entry.Key[0] = 'A' - 1 + byte(entry.Value)
			kept = append(kept, entry.Key)
		}
		return nil
	})
	if want := [][]byte{[]byte("A"), []byte("B")}; !slices.EqualFunc(kept, want, slices.Equal) {
		t.Errorf("keys kept and changed = %q, want %q", kept, want)
	}
	view(t, e, func(r store.Reader) error {
		got, err := keys(r, numbers, nil, nil, false)
		if want := "a=1 b=2 c=3 "; got != want {
			t.Errorf("Scan after keys of another were changed = %q, want %q", got, want)
		}
		return err
	})
}

func TestCollectionErrorsNameCollectionAndKey(t *testing.T) {
	e := open(t)
	fruits := store.NewCollection("fruits", store.JSON[fruit]())
	broken := store.NewCollection("fruits", store.JSON[func()]())
	key := []byte("kiwi")
	update(t, e, func(w store.Writer) error {
		return store.NewCollection("fruits", store.JSON[string]()).Put(w, key, "no fruit")
	})
	var scanned store.Entry[fruit]
	for name, err := range map[string]error{
		"Get": e.View(t.Context(), func(r store.Reader) error { _, err := fruits.Get(r, key); return err }),
		"Put": e.Update(t.Context(), func(w store.Writer) error { return broken.Put(w, key, func() {}) }),
		"Scan": e.View(t.Context(), func(r store.Reader) error {
			for entry, err := range fruits.Scan(r, nil, nil, false) {
				if err != nil {
					scanned = entry
					return err
				}
			}
			return nil
		}),
	} {
		if err == nil || !strings.Contains(err.Error(), `fruits "kiwi"`) {
			t.Errorf("%s that fails = %v, want an error that names fruits and kiwi", name, err)
		}
	}
	if string(scanned.Key) != "kiwi" {
		t.Errorf("key with the error of Scan = %q, want kiwi", scanned.Key)
	}
}
