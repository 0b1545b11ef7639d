package boltstore

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// flush waits until what was written to the file is on the disk, and as much of
// what the file system keeps about it as finds it again.
func flush(f *os.File) error {
	for {
		err := unix.Fdatasync(int(f.Fd()))
		if !errors.Is(err, unix.EINTR) {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
