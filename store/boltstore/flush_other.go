//go:build !linux

package boltstore

import "os"

// flush waits until what was written to the file is on the disk.
func flush(f *os.File) error { return f.Sync() }
