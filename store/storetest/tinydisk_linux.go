package storetest

import (
	"errors"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// TinyDisk is a file system in memory, of a size that can be changed.
type TinyDisk struct{ folder string }

// Mount makes the disk, until the test ends, and returns its folder. Only root
// may, so the test is skipped for others.
func (d *TinyDisk) Mount(tb testing.TB, bytes int) string {
	tb.Helper()
	d.folder = tb.TempDir()
	err := unix.Mount("tmpfs", d.folder, "tmpfs", 0, size(bytes))
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

// Resize makes the disk larger, or as small as what it holds allows.
func (d *TinyDisk) Resize(tb testing.TB, bytes int) {
	tb.Helper()
	if err := unix.Mount("tmpfs", d.folder, "tmpfs", unix.MS_REMOUNT, size(bytes)); err != nil {
		tb.Fatalf("give the tmpfs %d bytes: %v", bytes, err)
	}
}

func size(bytes int) string { return fmt.Sprintf("size=%d", bytes) }
