package boltstore

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// allocate sees to it that the bytes of a file from one place to another are on
// the disk, and makes the file that long. What it holds stays as it is.
func allocate(f *os.File, from, to int64) error {
	for {
		err := unix.Fallocate(int(f.Fd()), 0, from, to-from)
		switch {
		case errors.Is(err, unix.EINTR): // a signal, which the runtime sends itself many
		case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSYS):
			return fill(f, from, to)
		default:
			return os.NewSyscallError("fallocate", err)
		}
	}
}
