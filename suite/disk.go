package suite

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// DiskReport is the room on the disk of the store; zero when it is not known.
type DiskReport struct {
	FreeBytes  uint64
	TotalBytes uint64
}

// FullReport tells since when the store finds no room on its disk, and why; zero
// when it does.
type FullReport struct {
	Since time.Time
	Cause Phrase
}

// alert says that too, and how much room there is.
func (f FullReport) alert(disk DiskReport) Alert {
	detail := f.Cause.Text()
	if disk.TotalBytes > 0 {
		free := disk.free()
		detail = Text{EN: free.EN + " (" + detail.EN + ")", ZH: free.ZH + "（" + detail.ZH + "）"}
	}
	return newAlert(AlertDiskFull, "", "", f.Since, Values{Detail: detail})
}

// What has to be free, whichever is more. The file of the store grows by large
// steps, and a push that finds no room is refused.
const (
	minFreeBytes = 200 << 20
	minFreeShare = 50 // one part in
)

// almostFull tells whether room has to be made.
func (d DiskReport) almostFull() bool {
	return d.TotalBytes > 0 && d.FreeBytes < max(minFreeBytes, d.TotalBytes/minFreeShare)
}

// Alert is what is to be said of so little room, and whether anything is.
func (d DiskReport) Alert(now time.Time) (Alert, bool) {
	if !d.almostFull() {
		return Alert{}, false
	}
	return d.alert(now), true
}

func (d DiskReport) alert(since time.Time) Alert {
	return newAlert(AlertDiskAlmostFull, "", "", since, Values{Detail: d.free()})
}

// free says how much room there is.
func (d DiskReport) free() Text {
	free, total := byteSize(d.FreeBytes), byteSize(d.TotalBytes)
	return Text{EN: fmt.Sprintf("%s of %s are free", free, total), ZH: fmt.Sprintf("剩余 %s，共 %s", free, total)}
}

// byteSize writes a number of bytes with three digits or a little more.
func byteSize(n uint64) string {
	const step = 1 << 10
	size, unit := float64(n), "B"
	for _, u := range []string{"KB", "MB", "GB", "TB", "PB"} {
		if size < step {
			break
		}
		size, unit = size/step, u
	}
	if size < 10 && unit != "B" {
		return fmt.Sprintf("%.1f %s", size, unit)
	}
	return fmt.Sprintf("%.0f %s", size, unit)
}

// diskLookedAtEvery is how often it is seen whether the disk is almost full, so
// that the alert says since when, also to whoever looks later.
const diskLookedAtEvery = time.Minute

// diskWatch asks for the room on the disk. It is safe for concurrent use.
type diskWatch struct {
	space  func() (free, total uint64, err error) // nil: not known
	log    *zap.Logger
	failed atomic.Bool
	since  atomic.Pointer[time.Time] // when it became almost full; nil: it is not
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
	r := DiskReport{FreeBytes: free, TotalBytes: total}
	if now := time.Now().UTC(); r.almostFull() {
		d.since.CompareAndSwap(nil, &now)
	} else {
		d.since.Store(nil)
	}
	return r
}

// alert says that the disk is almost full, if the report does.
func (d *diskWatch) alert(r DiskReport) (Alert, bool) {
	since := d.since.Load()
	if since == nil || !r.almostFull() {
		return Alert{}, false
	}
	return r.alert(*since), true
}

// run looks at the disk until ctx ends.
func (d *diskWatch) run(ctx context.Context) error {
	tick := time.NewTicker(diskLookedAtEvery)
	defer tick.Stop()
	for {
		d.report()
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}
