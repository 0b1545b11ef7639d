package boltstore

import (
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// holder says who has the file at path locked, as far as the kernel tells.
func holder(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return unknownHolder
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return unknownHolder
	}
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		return unknownHolder
	}
	// A line is like "1: FLOCK  ADVISORY  WRITE 4711 08:01:131090 0 EOF".
	file := fmt.Sprintf("%02x:%02x:%d", unix.Major(stat.Dev), unix.Minor(stat.Dev), stat.Ino)
	for line := range strings.Lines(string(locks)) {
		fields := strings.Fields(line)
		if len(fields) >= 6 && fields[1] == "FLOCK" && fields[5] == file {
			return "process " + fields[4]
		}
	}
	return unknownHolder
}
