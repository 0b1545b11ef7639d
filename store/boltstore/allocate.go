package boltstore

import (
	"errors"
	"os"
	"runtime"
	"syscall"
)

// noSpace tells the errors of a disk that is full, of a quota, and of a limit of
// the size of files (ulimit -f).
func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// bounded tells whether the file is made longer here, and not by bbolt: on
// Windows it makes it as long as its map.
const bounded = runtime.GOOS != "windows"

// fill writes zeros, where a system cannot allocate otherwise.
func fill(f *os.File, from, to int64) error {
	zeros := make([]byte, min(to-from, 1<<20))
	for at := from; at < to; at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros[:min(to-at, int64(len(zeros)))], at); err != nil {
			return err
		}
	}
	return nil
}
