package main_test

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDiskThatBecomesReadOnlyIsNeverASuccess has the kernel do with the disk of
// the real binary what it does after an error: let nobody write to it any more.
// The binary ends and names the folder and the cure, and so does each start until
// the disk is mounted anew. Then everything is there that was acknowledged.
func TestDiskThatBecomesReadOnlyIsNeverASuccess(t *testing.T) {
	v, d := newPowerless(t, builtBinary(t))
	v.start()
	must(t, v.dingTalk.PushTicket(v.suite.Key))
	stopPushing := v.pushEvery(50*time.Millisecond, 4)
	v.authorize(2)
	v.wantPushes(50)
	d.command("mount", "-o", "remount,abort", d.image, d.folder)
	v.awaitEnd()
	v.wantFailStop(syscall.EROFS, syscall.EIO) // the latter is what a flush under way is told
	v.launch()
	v.wantReadOnly()
	d.unmount()
	d.mount()
	v.wantNothingLost()
	v.start()
	v.wantPushes(50)
	v.wantNoComplaints()
	v.stop()
	stopPushing()
	t.Log(v.survive())
}

// TestStartOnAReadOnlyDiskSaysSo starts the real binary where there is no data
// folder yet, and where there is one.
func TestStartOnAReadOnlyDiskSaysSo(t *testing.T) {
	v, d := newPowerless(t, builtBinary(t))
	for range 2 {
		d.unmount()
		d.mount("ro")
		v.launch()
		v.wantReadOnly()
		d.unmount()
		d.mount()
		v.start()
		v.wantNoComplaints()
		v.stop()
	}
}

// wantReadOnly wants the binary to end since its disk takes no writes.
func (v *victim) wantReadOnly() {
	v.Helper()
	v.awaitEnd()
	v.wantFailStop(syscall.EROFS)
	if !strings.Contains(v.log.tail(), "can only be read") {
		v.Errorf("the hint does not tell that the disk can only be read:\n%s", v.log.tail())
	}
}
