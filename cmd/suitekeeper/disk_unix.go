//go:build unix

package main

import "golang.org/x/sys/unix"

// diskOf returns what tells how much room there is on the disk of a folder, for
// users without special rights.
func diskOf(folder string) func() (free, total uint64, err error) {
	return func() (free, total uint64, err error) {
		var s unix.Statfs_t
		if err := unix.Statfs(folder, &s); err != nil {
			return 0, 0, err
		}
		return uint64(s.Bavail) * uint64(s.Bsize), uint64(s.Blocks) * uint64(s.Bsize), nil //nolint:unconvert // the types differ between systems
	}
}
