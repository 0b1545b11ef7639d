package suite

import (
	"sync/atomic"

	"go.uber.org/zap"
)

// DiskReport is the room on the disk of the store; zero when it is not known.
type DiskReport struct {
	FreeBytes  uint64
	TotalBytes uint64
}

// What has to be free, whichever is more. The file of the store grows by large
// steps, and a commit that finds no room stops the server.
const (
	minFreeBytes = 200 << 20
	minFreeShare = 50 // one part in
)

// almostFull tells whether room has to be made.
func (d DiskReport) almostFull() bool {
	return d.TotalBytes > 0 && d.FreeBytes < max(minFreeBytes, d.TotalBytes/minFreeShare)
}

// diskWatch asks for the room on the disk. It is safe for concurrent use.
type diskWatch struct {
	space  func() (free, total uint64, err error) // nil: not known
	log    *zap.Logger
	failed atomic.Bool
}

// report is the room now. That it cannot be had is logged once, and when it
// can again the next failure will be.
func (d *diskWatch) report() DiskReport {
	if d.space == nil {
		return DiskReport{}
	}
	free, total, err := d.space()
	if err != nil {
		if !d.failed.Swap(true) {
			d.log.Warn("the free room on the disk cannot be read", zap.Error(err))
		}
		return DiskReport{}
	}
	d.failed.Store(false)
	return DiskReport{FreeBytes: free, TotalBytes: total}
}
