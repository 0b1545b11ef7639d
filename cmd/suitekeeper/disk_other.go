//go:build !unix

package main

import "io/fs"

// What is known of files and disks on other systems is not looked at: their
// permissions are no bits, and their users no numbers.

func diskOf(string) func() (free, total uint64, err error) { return nil }

func othersMayUse(fs.FileInfo) bool { return false }

func readableByAll(fs.FileInfo) bool { return false }

func ownerOf(fs.FileInfo) (uid uint32, ok bool) { return 0, false }
