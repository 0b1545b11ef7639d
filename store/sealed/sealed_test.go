package sealed_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/sealed"
	"suitekeeper/store/storetest"
)

func openBolt(t testing.TB, dir string) *boltstore.DB {
	t.Helper()
	db, err := boltstore.Open(t.Context(), boltstore.Options{Path: filepath.Join(dir, "data.db")})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func open(t testing.TB, dir string) (e *sealed.Engine, inner store.Engine) {
	t.Helper()
	inner = openBolt(t, dir)
	e, err := sealed.Open(t.Context(), inner, sealed.KeyOptions{Path: filepath.Join(dir, "data.key")})
	if err != nil {
		t.Fatal(err)
	}
	return e, inner
}

func TestEngine(t *testing.T) {
	storetest.Run(t, func(t testing.TB, dir string) store.Engine { e, _ := open(t, dir); return e })
}

func put(t testing.TB, e store.Engine, key, value []byte) {
	t.Helper()
	if err := e.Update(t.Context(), func(w store.Writer) error { return w.Put(key, value) }); err != nil {
		t.Fatal(err)
	}
}

// get returns the value and the error of the engine.
func get(t testing.TB, e store.Engine, key []byte) (value []byte, err error) {
	t.Helper()
	err = e.View(t.Context(), func(r store.Reader) (err error) {
		value, err = r.Get(key)
		return err
	})
	return value, err
}

// records returns what the engine holds.
func records(t testing.TB, e store.Engine) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := e.View(t.Context(), func(r store.Reader) error {
		for pair, err := range r.Scan(nil, nil, false) {
			if err != nil {
				return err
			}
			found[string(pair.Key)] = bytes.Clone(pair.Value)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// innerKey returns the key of the inner engine under which the record of key is.
func innerKey(t testing.TB, inner store.Engine, key string) []byte {
	t.Helper()
	for k := range records(t, inner) {
		if strings.HasSuffix(k, key) {
			return []byte(k)
		}
	}
	t.Fatalf("no record of %q in the inner engine", key)
	return nil
}

func TestNoValueIsOnDiskInClear(t *testing.T) {
	dir := t.TempDir()
	e, _ := open(t, dir)
	secret := []byte("the permanent code of a corp")
	put(t, e, []byte("key"), secret)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"data.db", "data.key"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, secret) {
			t.Errorf("%s holds the value in clear", name)
		}
	}
}

func TestEqualValuesAreNotEqualOnDisk(t *testing.T) {
	e, inner := open(t, t.TempDir())
	defer e.Close()
	put(t, e, []byte("a"), []byte("value"))
	before := records(t, inner)[string(innerKey(t, inner, "a"))]
	put(t, e, []byte("a"), []byte("value"))
	after := records(t, inner)[string(innerKey(t, inner, "a"))]
	if bytes.Equal(before, after) {
		t.Errorf("the same value sealed twice = %x both times", after)
	}
}

// wantDamaged checks that neither Get nor Scan returns the value of key.
func wantDamaged(t *testing.T, e store.Engine, key, what string) {
	t.Helper()
	_, errGet := get(t, e, []byte(key))
	var scanned store.Pair
	errScan := e.View(t.Context(), func(r store.Reader) error {
		for pair, err := range r.Scan([]byte(key), nil, false) {
			scanned = store.Pair{Key: bytes.Clone(pair.Key), Value: bytes.Clone(pair.Value)}
			return err
		}
		return nil
	})
	errUpdate := e.Update(t.Context(), func(w store.Writer) error { _, err := w.Get([]byte(key)); return err })
	for name, err := range map[string]error{"Get": errGet, "Scan": errScan, "Get in Update": errUpdate} {
		if !errors.Is(err, sealed.ErrDamaged) || !strings.Contains(err.Error(), fmt.Sprintf("%q", key)) {
			t.Errorf("%s of a record with %s = %v, want %v and the key", name, what, err, sealed.ErrDamaged)
		}
	}
	if string(scanned.Key) != key || len(scanned.Value) > 0 {
		t.Errorf("Scan of a record with %s yields %q = %q with its error, want only the key", what, scanned.Key, scanned.Value)
	}
}

func TestEveryChangedByteIsNoticed(t *testing.T) {
	e, inner := open(t, t.TempDir())
	defer e.Close()
	put(t, e, []byte("key"), []byte("value"))
	key := innerKey(t, inner, "key")
	sound := records(t, inner)[string(key)]
	for i := range sound {
		changed := bytes.Clone(sound)
		changed[i] ^= 1
		put(t, inner, key, changed)
		wantDamaged(t, e, "key", fmt.Sprintf("byte %d changed", i))
	}
	for n := range sound {
		put(t, inner, key, sound[:n])
		wantDamaged(t, e, "key", fmt.Sprintf("%d bytes left", n))
	}
	put(t, inner, key, append(bytes.Clone(sound), 0))
	wantDamaged(t, e, "key", "a byte too many")
	put(t, inner, key, sound)
	if value, err := get(t, e, []byte("key")); string(value) != "value" || err != nil {
		t.Errorf("Get(key) when its record is sound again = %q, %v, want value", value, err)
	}
}

func TestRecordsThatChangedPlacesAreNoticed(t *testing.T) {
	e, inner := open(t, t.TempDir())
	defer e.Close()
	put(t, e, []byte("poor"), []byte("1"))
	put(t, e, []byte("rich"), []byte("1000000"))
	found := records(t, inner)
	poor, rich := innerKey(t, inner, "poor"), innerKey(t, inner, "rich")
	put(t, inner, poor, found[string(rich)])
	put(t, inner, rich, found[string(poor)])
	wantDamaged(t, e, "poor", "the value of another")
	wantDamaged(t, e, "rich", "the value of another")
}

func BenchmarkValueOf500Bytes(b *testing.B) {
	e, _ := open(b, b.TempDir())
	defer e.Close()
	key, value := []byte("events\x00a key of some fifty bytes, as those of events are"), make([]byte, 500)
	put(b, e, key, value)
	b.Run("seal", func(b *testing.B) {
		b.ReportAllocs()
		err := e.Update(b.Context(), func(w store.Writer) error {
			for b.Loop() {
				if err := w.Put(key, value); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	})
	b.Run("open", func(b *testing.B) {
		b.ReportAllocs()
		err := e.View(b.Context(), func(r store.Reader) error {
			for b.Loop() {
				if _, err := r.Get(key); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	})
}
