package main_test

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

// tinyDisk is a file system in memory, of a size that can be changed.
type tinyDisk struct{ folder string }

// mount makes the disk, until the test ends, and returns its folder. Only root
// may, so the test is skipped for others.
func (d *tinyDisk) mount(tb testing.TB, size string) string {
	tb.Helper()
	d.folder = tb.TempDir()
	err := unix.Mount("tmpfs", d.folder, "tmpfs", 0, "size="+size)
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		tb.Skipf("a disk of a size of its own cannot be mounted: %v", err)
	}
	if err != nil {
		tb.Fatalf("mount a tmpfs: %v", err)
	}
	tb.Cleanup(func() {
		if err := unix.Unmount(d.folder, unix.MNT_DETACH); err != nil {
			tb.Errorf("unmount the tmpfs: %v", err)
		}
	})
	return d.folder
}

func (d *tinyDisk) resize(tb testing.TB, size string) {
	tb.Helper()
	if err := unix.Mount("tmpfs", d.folder, "tmpfs", unix.MS_REMOUNT, "size="+size); err != nil {
		tb.Fatalf("make the tmpfs %s large: %v", size, err)
	}
}
