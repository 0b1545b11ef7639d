package main

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// forbidDumps has the kernel write no dump of this process, whose memory holds
// keys, when it crashes: neither as a file nor, which no limit prevents, to the
// program that core_pattern names. Other processes of the same user cannot read
// its memory and environment either.
func forbidDumps() error {
	if err := errors.Join(noCoreFiles(), unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	return nil
}
