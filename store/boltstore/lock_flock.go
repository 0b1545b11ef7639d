//go:build unix && !solaris && !aix && !android

package boltstore

import (
	"errors"
	"os"

	bolterrors "go.etcd.io/bbolt/errors"
	"golang.org/x/sys/unix"
)

// lock takes the lock that bbolt takes a moment later: for an open file it may
// be taken twice. Those who only read share it. It does not wait.
func lock(f *os.File, shared bool) error {
	how := unix.LOCK_EX
	if shared {
		how = unix.LOCK_SH
	}
	err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return bolterrors.ErrTimeout
	}
	return err
}
