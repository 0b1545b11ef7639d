//go:build !unix

package main

// forbidDumps does nothing: the system writes no dumps unless somebody sets it
// up for that.
func forbidDumps() error { return nil }
