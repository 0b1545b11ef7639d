package sealed_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suitekeeper/store"
	"suitekeeper/store/sealed"
)

var masterKey = []byte("0123456789abcdef0123456789ABCDEF")

// filled makes a store with one value and returns its folder.
func filled(t *testing.T, o sealed.KeyOptions) (dir string) {
	t.Helper()
	dir = t.TempDir()
	inner := openBolt(t, dir)
	defer inner.Close()
	o.Path = filepath.Join(dir, "data.key")
	e, err := sealed.Open(t.Context(), inner, o)
	if err != nil {
		t.Fatal(err)
	}
	put(t, e, []byte("key"), []byte("value"))
	return dir
}

// reopen opens the store in dir and returns the value in it.
func reopen(t *testing.T, dir string, master []byte) (value string, err error) {
	t.Helper()
	inner := openBolt(t, dir)
	defer inner.Close()
	before := records(t, inner)
	e, err := sealed.Open(t.Context(), inner, sealed.KeyOptions{Path: filepath.Join(dir, "data.key"), MasterKey: master})
	if err != nil {
		if after := records(t, inner); !maps.EqualFunc(before, after, bytes.Equal) {
			t.Errorf("Open refused, and changed the records from %q to %q", before, after)
		}
		if len(master) > 0 && strings.Contains(err.Error(), string(master)) {
			t.Errorf("Open = %v, which holds the master key", err)
		}
		return "", err
	}
	data, err := get(t, e, []byte("key"))
	if err != nil {
		t.Errorf("Get(key) after Open = %v, want nil", err)
	}
	return string(data), nil
}

func replaceKeyFile(t *testing.T, dir string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "data.key"), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func keyFile(t *testing.T, dir string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "data.key"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestKeyFileIsForTheOwnerOnlyAndKept(t *testing.T) {
	for name, master := range map[string][]byte{"in clear": nil, "wrapped": masterKey} {
		t.Run(name, func(t *testing.T) {
			dir := filled(t, sealed.KeyOptions{MasterKey: master})
			before := keyFile(t, dir)
			if info, err := os.Stat(filepath.Join(dir, "data.key")); err != nil || info.Mode() != 0o600 {
				t.Errorf("Stat(key file) = %v, %v, want mode 0600", info, err)
			}
			if value, err := reopen(t, dir, master); value != "value" || err != nil {
				t.Errorf("value after reopening = %q, %v, want value", value, err)
			}
			if after := keyFile(t, dir); !bytes.Equal(before, after) {
				t.Errorf("reopening changed the key file from %s to %s", before, after)
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) != 3 {
				t.Errorf("ReadDir = %v, %v, want the data file, its journal and the key file", entries, err)
			}
		})
	}
}

func TestStoreWithDataIsRefusedUnlessItsKeyFileIsThere(t *testing.T) {
	other := keyFile(t, filled(t, sealed.KeyOptions{}))
	otherWrapped := keyFile(t, filled(t, sealed.KeyOptions{MasterKey: masterKey}))
	anotherMaster := bytes.Repeat([]byte{7}, 32)
	for _, tt := range []struct {
		name   string
		master []byte // that the store was made with
		spoil  func(t *testing.T, dir string)
		given  []byte
		want   error
	}{
		{"missing", nil, func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "data.key")); err != nil {
				t.Fatal(err)
			}
		}, nil, sealed.ErrKeyLost},
		{"of another store", nil, func(t *testing.T, dir string) { replaceKeyFile(t, dir, other) }, nil, sealed.ErrWrongKey},
		{"of another store, wrapped", masterKey, func(t *testing.T, dir string) { replaceKeyFile(t, dir, otherWrapped) }, masterKey, sealed.ErrWrongKey},
		{"empty", nil, func(t *testing.T, dir string) { replaceKeyFile(t, dir, nil) }, nil, sealed.ErrKeyLost},
		{"cut short", nil, func(t *testing.T, dir string) { replaceKeyFile(t, dir, keyFile(t, dir)[:50]) }, nil, sealed.ErrKeyLost},
		{"something else", nil, func(t *testing.T, dir string) { replaceKeyFile(t, dir, []byte("{}")) }, nil, sealed.ErrKeyLost},
		{"wrapped, without master key", masterKey, func(*testing.T, string) {}, nil, sealed.ErrMasterKey},
		{"wrapped, with another master key", masterKey, func(*testing.T, string) {}, anotherMaster, sealed.ErrMasterKey},
		{"in clear, with a master key", nil, func(*testing.T, string) {}, masterKey, sealed.ErrMasterKey},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filled(t, sealed.KeyOptions{MasterKey: tt.master})
			right := keyFile(t, dir)
			tt.spoil(t, dir)
			_, err := reopen(t, dir, tt.given)
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), filepath.Join(dir, "data.key")) {
				t.Errorf("Open = %v, want %v and the key file", err, tt.want)
			}
			if tt.name == "missing" {
				if _, err := os.Stat(filepath.Join(dir, "data.key")); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("Open made a new key file for old data: %v", err)
				}
			}
			replaceKeyFile(t, dir, right)
			if value, err := reopen(t, dir, tt.master); value != "value" || err != nil {
				t.Errorf("value when the key file is back = %q, %v, want value", value, err)
			}
		})
	}
}

func TestStoreThatWasNotSealedIsRefused(t *testing.T) {
	dir := t.TempDir()
	inner := openBolt(t, dir)
	put(t, inner, []byte("\x01key"), []byte("in clear"))
	if err := inner.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := reopen(t, dir, nil); !errors.Is(err, sealed.ErrKeyLost) {
		t.Errorf("Open(unsealed data, no key file) = %v, want %v", err, sealed.ErrKeyLost)
	}
	replaceKeyFile(t, dir, keyFile(t, filled(t, sealed.KeyOptions{})))
	if _, err := reopen(t, dir, nil); !errors.Is(err, sealed.ErrWrongKey) {
		t.Errorf("Open(unsealed data, a key file) = %v, want %v", err, sealed.ErrWrongKey)
	}
}

// failing is an engine whose updates fail, as if the process had ended before.
type failing struct{ store.Engine }

var errCrash = errors.New("crash")

func (failing) Update(context.Context, func(store.Writer) error) error { return errCrash }

func TestCrashOnFirstStartLeavesAStoreThatOpens(t *testing.T) {
	dir := t.TempDir()
	inner := openBolt(t, dir)
	defer inner.Close()
	o := sealed.KeyOptions{Path: filepath.Join(dir, "keys", "data.key")}
	if _, err := sealed.Open(t.Context(), failing{inner}, o); !errors.Is(err, errCrash) {
		t.Fatalf("Open = %v, want %v", err, errCrash)
	}
	left := o.Path + ".new-1"
	if err := os.WriteFile(left, []byte("half a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := sealed.Open(t.Context(), inner, o)
	if err != nil {
		t.Fatalf("Open after a crash between key file and first record = %v, want nil", err)
	}
	put(t, e, []byte("key"), []byte("value"))
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Stat(%q) = %v, want it removed: it may hold key material", left, err)
	}
}

func TestWrappedKeyFileDoesNotHoldTheKey(t *testing.T) {
	dir := filled(t, sealed.KeyOptions{MasterKey: masterKey})
	file := string(keyFile(t, dir))
	if strings.Contains(file, "keyData") || strings.Contains(file, base64.StdEncoding.EncodeToString(masterKey)) {
		t.Errorf("wrapped key file = %s, want no key in it", file)
	}
}

func TestOpenRefusesBadOptions(t *testing.T) {
	inner := openBolt(t, t.TempDir())
	defer inner.Close()
	for _, o := range []sealed.KeyOptions{
		{},
		{Path: filepath.Join(t.TempDir(), "data.key"), MasterKey: []byte("short")},
		{Path: filepath.Join(t.TempDir(), "data.key"), MasterKey: make([]byte, 64)},
	} {
		if _, err := sealed.Open(t.Context(), inner, o); err == nil {
			t.Errorf("Open(key file %q, master key of %d bytes) = nil, want an error", o.Path, len(o.MasterKey))
		}
	}
	if got := records(t, inner); len(got) != 0 {
		t.Errorf("refused options left the records %q, want none", got)
	}
}

func TestReadOnlyLeavesWhatLiesBesideTheStore(t *testing.T) {
	dir := filled(t, sealed.KeyOptions{})
	o := sealed.KeyOptions{Path: filepath.Join(dir, "data.key"), ReadOnly: true}
	left := o.Path + ".new-1"
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	inner := openBolt(t, dir)
	defer inner.Close()
	e, err := sealed.Open(t.Context(), inner, o)
	if err != nil {
		t.Fatalf("Open(read only) = %v, want nil", err)
	}
	if value, err := get(t, e, []byte("key")); string(value) != "value" || err != nil {
		t.Errorf("value = %q, %v, want value", value, err)
	}
	if _, err := os.Stat(left); err != nil {
		t.Errorf("Open(read only) removed what lay there: %v", err)
	}
	empty := openBolt(t, t.TempDir())
	defer empty.Close()
	o.Path = filepath.Join(t.TempDir(), "data.key")
	if _, err := sealed.Open(t.Context(), empty, o); !errors.Is(err, sealed.ErrKeyLost) {
		t.Errorf("Open(read only) without a key file = %v, want %v", err, sealed.ErrKeyLost)
	}
	if _, err := os.Stat(o.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open(read only) made a key file: %v", err)
	}
}
