package main

import (
	"math"
	"path/filepath"
	"time"

	"suitekeeper/suite"
)

// checkDisk says how much room there is on the disk of a folder, and warns as
// the server would when that is too little. It looks by itself: a server that is
// stopped, or that cannot start for that very reason, has no alerts.
func (x *examination) checkDisk(folder string) (room suite.Text, low []diagnosis) {
	room = suite.Text{EN: "unknown", ZH: "未知"}
	space := diskOf(folder)
	if space == nil || x.remote() {
		return room, nil
	}
	free, total, err := space()
	if err != nil {
		return room, nil
	}
	room = suite.Text{
		EN: byteCount(free) + " of " + byteCount(total),
		ZH: byteCount(free) + "，共 " + byteCount(total),
	}
	if alert, ok := (suite.DiskReport{FreeBytes: free, TotalBytes: total}).Alert(time.Now()); ok {
		x.lowDisk = true
		low = append(low, alertFinding(alert))
	}
	return room, low
}

// byteCount writes a size that may be larger than any file.
func byteCount(n uint64) string { return byteSize(int64(min(n, math.MaxInt64))) }

// nearestFolder is what holds a folder that is not there yet.
func nearestFolder(folder string) string {
	for !exists(folder) && folder != filepath.Dir(folder) {
		folder = filepath.Dir(folder)
	}
	return folder
}
