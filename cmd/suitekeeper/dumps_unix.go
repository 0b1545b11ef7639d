//go:build unix

package main

import "golang.org/x/sys/unix"

// noCoreFiles has the kernel write no file with the memory of this process, or
// of one that it starts.
func noCoreFiles() error { return unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) }
