//go:build unix

package main

import (
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

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

// othersMayUse tells whether every user of this machine may read or change a
// file, or put others into a folder. What a group may do is somebody's choice.
func othersMayUse(info fs.FileInfo) bool {
	if info.IsDir() {
		return info.Mode().Perm()&0o002 != 0
	}
	return info.Mode().Perm()&0o007 != 0
}

// readableByAll tells whether every user of this machine may read a file.
func readableByAll(info fs.FileInfo) bool { return info.Mode().Perm()&0o004 != 0 }

// ownerOf returns the number of the user whose file it is.
func ownerOf(info fs.FileInfo) (uid uint32, ok bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return stat.Uid, true
}
