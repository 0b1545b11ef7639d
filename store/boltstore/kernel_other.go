//go:build !linux

package boltstore

import (
	"context"
	"os"
)

// place names an open file in a way that is another one after the system has
// started anew; empty where the system does not tell.
func place(*os.File) string { return "" }

// readAhead asks the kernel for a file that will be read.
func readAhead(context.Context, *os.File, int64) {}
