//go:build !linux

package boltstore

import "os"

// allocate sees to it that the bytes of a file from one place to another are on
// the disk, and makes the file that long. What was there it may overwrite.
func allocate(f *os.File, from, to int64) error { return fill(f, from, to) }
