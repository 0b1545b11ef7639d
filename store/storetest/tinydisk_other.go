//go:build !linux

package storetest

import "testing"

// TinyDisk is a file system of a size that can be changed.
type TinyDisk struct{}

// Mount skips the test.
func (*TinyDisk) Mount(tb testing.TB, _ int) string {
	tb.Helper()
	tb.Skip("a disk of a size of its own is mounted on Linux only")
	return ""
}

// Resize does nothing.
func (*TinyDisk) Resize(testing.TB, int) {}
