package boltstore

import (
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// place names an open file in a way that is another one after the system has
// started anew, after its file system was mounted anew, and for another file. It
// is empty where the kernel (before 6.8) does not tell.
func place(f *os.File) string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	const want = unix.STATX_INO | unix.STATX_MNT_ID_UNIQUE
	var stat unix.Statx_t
	err = unix.Statx(int(f.Fd()), "", unix.AT_EMPTY_PATH, want, &stat)
	if err != nil || stat.Mask&want != want {
		return ""
	}
	return fmt.Sprintf("boot %s, mount %d, file %d", strings.TrimSpace(string(boot)), stat.Mnt_id, stat.Ino)
}

// readAheadStep is how much readAhead asks for at once.
const readAheadStep = 8 << 20

// readAhead asks the kernel for all of the file, in the order in which it lies
// on disk, until ctx ends. Whoever reads the pages in another order meanwhile
// waits less for the disk: a third of the time for a file of gigabytes of which
// nothing is in memory.
func readAhead(ctx context.Context, f *os.File, size int64) {
	for at := int64(0); at < size && ctx.Err() == nil; at += readAheadStep {
		if unix.Fadvise(int(f.Fd()), at, readAheadStep, unix.FADV_WILLNEED) != nil {
			return
		}
	}
}
