package main_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"suitekeeper/suite/dingtalk/dingtalktest"
)

// failsAfter is how long a call of a test takes to fail. Answers to what was
// committed before are out by then, so that those after it are to what was not.
const failsAfter = 500 * time.Millisecond

// TestIOErrorIsNeverASuccess has the disk of the real binary fail at the N-th
// flush or write, while events are pushed and corps authorise. From then on
// nothing is acknowledged and the binary is not ready. It ends and says why, and
// its next start is clean with all that was acknowledged.
func TestIOErrorIsNeverASuccess(t *testing.T) {
	needStrace(t)
	v := newVictim(t, builtBinary(t), filepath.Join(t.TempDir(), "data"), 20*time.Millisecond)
	v.start()
	must(t, v.dingTalk.PushTicket(v.suite.Key))
	v.stop()
	stopPushing := v.pushEvery(50*time.Millisecond, 4)
	faults := ioFaults(t)
	shown := newProgress(t, "I/O errors", len(faults))
	refused, serving := 0, 0
	for i, f := range faults {
		before := len(v.dingTalk.Pushes())
		d := v.doom(f)
		ready := d.awaitReady()
		upAt := time.Now()
		v.authorize(1)
		d.awaitFailStop()
		failed, ok := d.failed()
		if !ok {
			t.Fatalf("%s: the receiver ended without the fault:\n%s", f, v.log.tail())
		}
		if !ready {
			upAt = failed.end
		} else {
			serving++
		}
		refused += d.wantNoFalseSuccess(v.dingTalk.Pushes()[before:], upAt, failed)
		v.wantNothingLost()
		v.start()
		v.wantNoComplaints()
		v.stop()
		if t.Failed() {
			break
		}
		shown.done(i + 1)
	}
	stopPushing()
	l := v.survive()
	t.Logf("%d I/O errors, %d of them while it served: %s; %d pushes were answered 503", len(faults), serving, l, refused)
	if refused < serving || serving < len(faults)/2 {
		t.Error("too few pushes met the errors: the test did not test much")
	}
}

// ioFaults are those of a usual run, or each of the first calls of a thread.
func ioFaults(tb testing.TB) (faults []fault) {
	flushes, writes := []int{2, 5}, []int{1, 4, 11}
	if n := torture(tb, 0, 60); n > 0 {
		flushes, writes = nil, nil
		for i := range n {
			flushes, writes = append(flushes, i+1), append(writes, i+1)
		}
	}
	for _, n := range flushes {
		faults = append(faults, fault{"fdatasync", n, failsAfter})
	}
	for _, n := range writes {
		faults = append(faults, fault{"pwrite64", n, failsAfter})
	}
	return faults
}

// wantNoFalseSuccess checks how pushes were answered around a call that failed,
// by a receiver that was up at a time. It counts the 503. Whom it has not got to
// yet when it ends finds the connection closed.
func (d *doomed) wantNoFalseSuccess(pushes []dingtalktest.Push, upAt time.Time, failed tampered) (refused int) {
	d.Helper()
	var served []dingtalktest.Push
	for _, p := range pushes {
		switch answered := p.At.Add(p.Took); {
		case p.OK && p.At.After(failed.begin): // it can be part of a later commit only
			d.Errorf("%s: a push was acknowledged that began %s after the call that failed: %s", d.fault, p.At.Sub(failed.begin), p.Message)
		case wronglyAnswered(p), !p.OK && p.Status == 0 && !tooLate(p) && p.At.After(upAt) && answered.Before(failed.end):
			d.Errorf("%s: a push %s before the failure was answered %d (%s) after %s, want success or 503", d.fault, failed.end.Sub(p.At), p.Status, p.Reason, p.Took)
		}
		if p.At.After(upAt) {
			served = append(served, p)
		}
	}
	soon := failsAfter / 5
	if d.lastReady.After(failed.end.Add(soon)) {
		d.Errorf("%s: the receiver said that it is ready %s after the call had failed", d.fault, d.lastReady.Sub(failed.end))
	}
	for line := range strings.Lines(d.log.String()) {
		var entry struct {
			Msg string
			TS  time.Time
		}
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "push accepted" && entry.TS.After(failed.end.Add(-soon)) {
			d.Errorf("%s: a push was acknowledged %s after the call had failed: %s", d.fault, entry.TS.Sub(failed.end), line)
		}
	}
	return wantSoonRefused(d, served)
}

// wronglyAnswered tells whether a push was answered, but neither rightly nor 503.
func wronglyAnswered(p dingtalktest.Push) bool {
	return !p.OK && p.Status != 0 && p.Status != http.StatusServiceUnavailable
}

// tooLate tells whether a push was answered when DingTalk had given up waiting,
// or not at all.
func tooLate(p dingtalktest.Push) bool { return p.Took >= slowestAnswer }

// wantSoonRefused counts the pushes that were answered 503 and wants that to have
// come while DingTalk still waits. Of this machine's time others may take as much
// as they like, but not that of one answer in ten.
func wantSoonRefused(tb testing.TB, pushes []dingtalktest.Push) (refused int) {
	tb.Helper()
	late := 0
	for _, p := range pushes {
		if p.Status == http.StatusServiceUnavailable {
			refused++
		}
		if !p.OK && tooLate(p) {
			late++
		}
	}
	if late > 1+refused/10 {
		tb.Errorf("%d pushes were not answered in %s, and %d were answered 503, want almost all in time", late, slowestAnswer, refused)
	}
	return refused
}

// TestIOErrorInTheFirstStartHarmsNothing has each call fail in turn by which the
// binary makes its data folder. It says why and what to do, and can be started
// again.
func TestIOErrorInTheFirstStartHarmsNothing(t *testing.T) {
	needStrace(t)
	step := 1 // of the calls, one in five in a usual run
	if torture(t, 0, 1) == 0 {
		step = 5
	}
	ends := 0
	for _, call := range []string{"fdatasync", "pwrite64", "fsync", "fallocate", "linkat"} {
		for n := 1; ; n += step {
			v := newVictim(t, builtBinary(t), filepath.Join(t.TempDir(), "data"), 0)
			d := v.doom(fault{call: call, nth: n})
			up := d.awaitReady()
			if up {
				must(t, v.cmd.Process.Kill())
				<-d.end
				v.cmd = nil
			} else {
				d.awaitFailStop()
				ends++
			}
			_, met := d.failed()
			v.start()
			v.wantNoComplaints()
			v.stop()
			v.wantNoLeftovers()
			if up && !met || t.Failed() {
				break
			}
		}
	}
	t.Logf("%d first starts ended with an I/O error", ends)
	if ends < 5 {
		t.Errorf("only %d first starts met an I/O error: the test did not test much", ends)
	}
}
