//go:build unix && !linux

package main

import "fmt"

// forbidDumps has the kernel write no dump of this process, whose memory holds
// keys, when it crashes.
func forbidDumps() error {
	if err := noCoreFiles(); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	return nil
}
