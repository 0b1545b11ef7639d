package durable_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"suitekeeper/store/durable"
)

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestWriteFileIsForTheOwnerOnlyAndLeavesNothingElse(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "key")
	if err := durable.WriteFile(path, []byte("content")); err != nil {
		t.Fatalf("WriteFile(%q) = %v, want nil", path, err)
	}
	if data, err := os.ReadFile(path); string(data) != "content" {
		t.Errorf("ReadFile(%q) = %q, %v, want content", path, data, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("Stat(%q) = %v, %v, want mode 0600", path, info.Mode(), err)
	}
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("folder holds %q, want only the file", got)
	}
}

func TestOneOfManyCreatorsWins(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "data")
	const creators = 16
	errs := make([]error, creators)
	var wg sync.WaitGroup
	for i := range creators {
		wg.Go(func() { errs[i] = durable.WriteFile(path, []byte{byte(i)}) })
	}
	wg.Wait()
	winner := -1
	for i, err := range errs {
		switch {
		case err == nil && winner >= 0:
			t.Errorf("creators %d and %d both made the file", winner, i)
		case err == nil:
			winner = i
		case !errors.Is(err, fs.ErrExist):
			t.Errorf("WriteFile of creator %d = %v, want fs.ErrExist", i, err)
		}
	}
	if data, err := os.ReadFile(path); err != nil || len(data) != 1 || int(data[0]) != winner {
		t.Errorf("ReadFile(%q) = %v, %v, want what creator %d wrote", path, data, err, winner)
	}
}

func TestCreateLosesAgainstOneWhoRemovedItsTemporaryFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	err := durable.Create(path, func(string) error {
		return errors.Join(durable.WriteFile(path, []byte("first")), durable.RemoveLeftovers(path))
	})
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create = %v, want fs.ErrExist", err)
	}
	if data, err := os.ReadFile(path); string(data) != "first" {
		t.Errorf("ReadFile(%q) = %q, %v, want first", path, data, err)
	}
}

func TestCreateLeavesNothingWhenFillFails(t *testing.T) {
	dir := t.TempDir()
	broken := errors.New("broken")
	err := durable.Create(filepath.Join(dir, "data"), func(string) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("Create = %v, want %v", err, broken)
	}
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("folder holds %q, want nothing", got)
	}
}

func TestReplaceChangesTheFileAndLeavesNothingElse(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "key")
	for _, content := range []string{"first", "second"} {
		if err := durable.Replace(path, []byte(content)); err != nil {
			t.Fatalf("Replace(%q) = %v, want nil", path, err)
		}
		if data, err := os.ReadFile(path); string(data) != content {
			t.Errorf("ReadFile(%q) = %q, %v, want %q", path, data, err, content)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
			t.Errorf("Stat(%q) = %v, %v, want mode 0600", path, info, err)
		}
	}
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("folder holds %q, want only the file", got)
	}
}

func TestRemoveLeftoversTakesOnlyTheFilesOwn(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"data", "data.new-1", "data.new-22", "data.old", "other.new-1"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := durable.RemoveLeftovers(filepath.Join(dir, "data")); err != nil {
		t.Fatalf("RemoveLeftovers = %v, want nil", err)
	}
	want := []string{"data", "data.old", "other.new-1"}
	if got := names(t, dir); len(got) != len(want) || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("folder holds %q, want %q", got, want)
	}
}

func TestMkdirAllMakesFoldersForTheOwnerOnly(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "a", "b")
	for range 2 { // the second time everything is there
		if err := durable.MkdirAll(dir); err != nil {
			t.Fatalf("MkdirAll(%q) = %v, want nil", dir, err)
		}
	}
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if info, err := os.Stat(d); err != nil || info.Mode() != fs.ModeDir|0o700 {
			t.Errorf("Stat(%q) = %v, %v, want a folder with mode 0700", d, info, err)
		}
	}
	file := filepath.Join(root, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := durable.MkdirAll(file); err == nil {
		t.Errorf("MkdirAll(%q) = nil, want an error: it is a file", file)
	}
}
