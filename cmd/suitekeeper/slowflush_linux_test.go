package main_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSlowFlushesAreAnswered503InTime has the disk of the real binary take 2 s for
// each flush, of which a commit makes two. Pushes are answered 503 within the
// budget, and pushed again; what was flushed meanwhile is recognised. When
// flushes are quick again it goes on by itself, with everything stored once.
func TestSlowFlushesAreAnswered503InTime(t *testing.T) {
	needStrace(t)
	v := newVictim(t, builtBinary(t), filepath.Join(t.TempDir(), "data"), 0)
	v.start()
	must(t, v.dingTalk.PushTicket(v.suite.Key))
	v.authorize(1)
	v.awaitAllActive()
	stopPushing := v.pushEvery(50*time.Millisecond, 2)
	v.wantPushes(5)
	before := v.dingTalk.Counts().Refused
	slow := v.slowFlushes(2 * time.Second)
	v.await("pushes are refused", func() bool { return v.dingTalk.Counts().Refused >= before+20 })
	if !v.ready() {
		t.Errorf("the receiver is not ready while its disk is slow: %s", v.readiness())
	}
	if a := v.alert("store_slow"); !strings.Contains(a.Cure, "iostat") {
		t.Errorf("alert %+v, want one that tells how to find what keeps the disk busy", a)
	}
	v.authorize(1)
	v.await("two flushes were slow", func() bool { return len(tamperedCalls(t, slow.trace)) >= 2 })
	slow.end()
	v.wantPushes(20)
	stopPushing()
	v.awaitAllActive() // with nothing that is still to be pushed
	v.stop()
	v.wantAllActive()
	l := v.wantNothingLost()
	flushes, pushes := tamperedCalls(t, slow.trace), v.dingTalk.Pushes()
	for _, p := range pushes {
		answered := p.At.Add(p.Took)
		for _, f := range flushes {
			if p.OK && p.At.After(f.begin) && answered.Before(f.end) {
				t.Errorf("a push was acknowledged in the middle of a flush, %s before it ended: %s", f.end.Sub(answered), p.Message)
			}
		}
		if !p.OK && p.Status != http.StatusServiceUnavailable && !tooLate(p) {
			t.Errorf("a push was answered %d (%s) after %s, want success or 503", p.Status, p.Reason, p.Took)
		}
	}
	refused := wantSoonRefused(t, pushes)
	retried, missing := v.retried()
	t.Logf("%d flushes of 2 s: %s; %d pushes were answered 503, %d events came with a retry", len(flushes), l, refused, retried)
	if retried == 0 || len(missing) > 0 {
		t.Errorf("%d events came with a retry and %d did not come, want all of some", retried, len(missing))
	}
}
