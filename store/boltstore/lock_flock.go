//go:build unix && !solaris && !aix && !android

package boltstore

import (
	"errors"
	"os"

	bolterrors "go.etcd.io/bbolt/errors"
	"golang.org/x/sys/unix"
)

// lock takes the lock that bbolt takes a moment later: for an open file it may
// be taken twice. It does not wait.
func lock(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return bolterrors.ErrTimeout
	}
	return err
}
