//go:build !unix || solaris || aix || android

package boltstore

import "os"

// lock leaves it to bbolt to lock the file, whose locks cannot be taken twice
// here. So a file that another process is writing to may look damaged.
func lock(*os.File, bool) error { return nil }
