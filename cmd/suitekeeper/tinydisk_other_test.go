//go:build !linux

package main_test

import "testing"

// tinyDisk is a file system of a size that can be changed.
type tinyDisk struct{}

func (tinyDisk) mount(tb testing.TB, _ string) string {
	tb.Helper()
	tb.Skip("a disk of a size of its own is mounted on Linux only")
	return ""
}

func (tinyDisk) resize(testing.TB, string) {}
