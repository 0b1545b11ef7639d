// Package durable makes files that are there whole, or not at all, and that a
// crash of the machine does not take back.
//
// It needs a file system with hard links, which is how a file appears under
// its name without replacing another.
package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// TempInfix stands between a file's name and the random end of the temporary
// one under which it is made.
const TempInfix = ".new-"

// MkdirAll makes the folder and those above it, as far as they are missing,
// for the owner only (0700), and flushes each into the one above.
func MkdirAll(dir string) error {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		return fmt.Errorf("%s is not a folder", dir)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(dir)
	if err := MkdirAll(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return SyncDir(parent)
}

// Create makes the file at path, for the owner only (0600). It calls fill with
// the name of an empty temporary file in the same folder, flushes what fill
// made of it, and only then gives it its name. It never replaces a file: when
// there is one, it returns an error that is fs.ErrExist.
//
// A crash may leave the temporary file behind; see RemoveLeftovers.
func Create(path string, fill func(temp string) error) error {
	if err := create(path, fill); err != nil {
		// Another process may have been faster and have removed our temporary
		// file as a leftover, so errors of every kind can mean the same.
		if _, lookErr := os.Lstat(path); lookErr == nil {
			return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
		}
		return err
	}
	return SyncDir(filepath.Dir(path))
}

func create(path string, fill func(temp string) error) error {
	return withTemp(path, fill, func(temp string) error { return os.Link(temp, path) })
}

// Replace makes the file at path hold data, for the owner only, whether or not
// there was one: a crash leaves the old file whole, or the new one. After an
// error it may be either.
func Replace(path string, data []byte) error {
	err := withTemp(path,
		func(temp string) error { return os.WriteFile(temp, data, 0o600) },
		func(temp string) error { return os.Rename(temp, path) })
	if err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// withTemp fills and flushes a temporary file beside path and hands it to done.
func withTemp(path string, fill, done func(temp string) error) error {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+TempInfix+"*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	if err := temp.Close(); err != nil {
		return err
	}
	if err := fill(temp.Name()); err != nil {
		return err
	}
	if err := syncFile(temp.Name()); err != nil {
		return err
	}
	return done(temp.Name())
}

// WriteFile makes the file at path hold data, as Create does.
func WriteFile(path string, data []byte) error {
	return Create(path, func(temp string) error { return os.WriteFile(temp, data, 0o600) })
}

// RemoveLeftovers removes the temporary files that crashes left behind while
// the file at path was being made. Call it once that file is there: then it
// takes nothing away from another process that is making it.
func RemoveLeftovers(path string) error {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), filepath.Base(path)+TempInfix) {
			continue
		}
		err := os.Remove(filepath.Join(filepath.Dir(path), e.Name()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// SyncDir flushes the names in a folder: a file that was made or removed there
// is so after a crash too.
func SyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be flushed there, and need not be
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0) // Windows flushes only what may be written
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
