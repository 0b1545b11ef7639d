package main

import (
	"os"
	"runtime"
)

// spareProcessor lets one goroutine more run at a time than Go would, unless
// the environment sets GOMAXPROCS. The goroutine that flushes to disk keeps its
// processor while it waits for the disk, until the runtime takes that away, and
// must wait for one afterwards; with a spare one the others get their share
// meanwhile: a sixth more pushes a second were measured on two cores.
// The function it returns takes the change back.
func spareProcessor() (restore func()) {
	if os.Getenv("GOMAXPROCS") != "" {
		return func() {}
	}
	before := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(before + 1)
	return func() { runtime.GOMAXPROCS(before) }
}
