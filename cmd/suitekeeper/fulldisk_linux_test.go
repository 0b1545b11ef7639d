package main_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"suitekeeper/suite/dingtalk/dingtalktest"
)

// TestFullDiskRefusesAndRecovers fills the disk of the real binary while events
// are pushed and a corp authorises. What finds no room is answered 503 and the
// operators are told; what was begun ends all the same. The binary may be stopped
// and killed meanwhile. Once there is room it goes on by itself.
func TestFullDiskRefusesAndRecovers(t *testing.T) {
	d := newDisk(t)
	v := newCramped(t, filepath.Join(d.folder, "data"))
	ballast := filepath.Join(d.folder, "ballast")
	v.becomesFull(func() { fillDisk(t, ballast) })
	v.wantFull("no space left on device")
	v.terminate()
	v.launch()
	v.wantFull("no space left on device")
	v.kill()
	v.launch()
	v.wantFull("no space left on device")
	must(t, os.Remove(ballast))
	v.wantRecovered()
}

// TestLimitOfFileSizesRefusesAndRecovers does the same with the limit that
// "ulimit -f" sets, as prlimit changes it for a process that runs.
func TestLimitOfFileSizesRefusesAndRecovers(t *testing.T) {
	v := newCramped(t, filepath.Join(t.TempDir(), "data"))
	var before unix.Rlimit
	limit := func(to unix.Rlimit) {
		t.Helper()
		must(t, unix.Prlimit(v.cmd.Process.Pid, unix.RLIMIT_FSIZE, &to, nil))
	}
	must(t, unix.Prlimit(v.cmd.Process.Pid, unix.RLIMIT_FSIZE, nil, &before))
	v.becomesFull(func() {
		info, err := os.Stat(filepath.Join(v.data, "suitekeeper.db"))
		must(t, err)
		limit(unix.Rlimit{Cur: uint64(info.Size()), Max: before.Max})
	})
	v.wantFull("file too large")
	limit(before)
	v.wantRecovered()
}

// cramped is a victim that comes to have no room for its data.
type cramped struct {
	*victim
	pushed int // large events
}

// newCramped starts one for which two corps are active.
func newCramped(t *testing.T, data string) *cramped {
	t.Helper()
	v := &cramped{victim: newVictim(t, builtBinary(t), data, 0)}
	v.start()
	must(t, v.dingTalk.PushTicket(v.suite.Key))
	v.authorize(2)
	v.awaitAllActive()
	return v
}

// becomesFull takes the room away while a permanent code is being exchanged, and
// pushes events until that shows. The code is kept nevertheless.
func (v *cramped) becomesFull(takeRoom func()) {
	v.Helper()
	must(v, v.dingTalk.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Delay: 2 * time.Second}))
	v.authorize(1)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	must(v, v.dingTalk.Wait(ctx, func() bool { return v.dingTalk.Counts().Queued == 0 })) // its push was stored
	takeRoom()
	for v.alert("disk_full").Code == "" {
		if ctx.Err() != nil {
			v.Fatalf("a full disk raised no alert: %s", v.status())
		}
		for range 20 {
			v.pushLarge()
		}
	}
	if v.allActivated() {
		v.Fatal("the exchange ended before the disk was full: the test did not test much")
	}
	must(v, v.dingTalk.Wait(ctx, v.allExchanged))
}

// allExchanged tells whether every corp has been activated, with whatever waits.
func (v *cramped) allExchanged() bool {
	s, _ := v.dingTalk.Suite(v.suite.Key)
	return !slices.ContainsFunc(s.Corps, func(c dingtalktest.CorpState) bool { return c.ActivatedAt.IsZero() })
}

// pushLarge pushes an event of 20 kB.
func (v *cramped) pushLarge() {
	v.Helper()
	v.pushed++
	_, err := v.dingTalk.PushEvent(v.suite.Key, fmt.Appendf(nil,
		`{"EventType":"user_add_org","CorpId":"dinglarge","UserId":["%d%s"],"TimeStamp":%d}`, v.pushed, strings.Repeat("u", 20<<10), time.Now().UnixMilli()))
	must(v, err)
}

// wantFull wants the binary to say that there is no room, and why, and to refuse
// pushes, but to serve its operators.
func (v *cramped) wantFull(cause string) {
	v.Helper()
	v.await("it is not ready for want of room", func() bool { return strings.Contains(v.readiness(), cause) })
	if a := v.alert("disk_full"); !strings.Contains(a.Message, cause) || !strings.Contains(a.Cure, "Make room") {
		v.Errorf("the alert of a full disk is %+v, want it to name %q and a cure", a, cause)
	}
	before := v.dingTalk.Counts()
	v.await("more pushes are refused", func() bool {
		v.pushLarge() // some may find room that others have left
		return v.dingTalk.Counts().Refused > before.Refused+20
	})
	s, _ := v.dingTalk.Suite(v.suite.Key)
	for _, c := range s.Corps {
		out := v.run("auths", "reveal", c.ID, "--admin", "http://"+v.admin, "--token-file", filepath.Join(v.data, "admin.token"))
		if !strings.Contains(string(out), c.PermanentCode) {
			v.Errorf("reveal of the permanent code of %s on a full disk prints %s, want %s", c.ID, out, c.PermanentCode)
		}
	}
}

// wantRecovered wants the binary, which nobody has started again, to store what
// it has refused, and to have lost nothing.
func (v *cramped) wantRecovered() {
	v.Helper()
	v.await("it is ready again", v.ready)
	v.awaitAllActive() // without an alert, and with nothing to be pushed again
	if info, err := os.Stat(filepath.Join(v.data, "suitekeeper.reserve")); err != nil || info.Size() != 4<<20 {
		v.Errorf("the reserve is not there again: %v", err)
	}
	v.terminate()
	v.wantAllActive()
	l := v.wantNothingLost()
	pushes := v.dingTalk.Pushes()
	for _, p := range pushes {
		if wronglyAnswered(p) {
			v.Errorf("a push was answered %d (%s), want success or 503", p.Status, p.Reason)
		}
	}
	v.Logf("%s; %d pushes were answered 503 for want of room", l, wantSoonRefused(v, pushes))
}

// await waits for something, looking again and again.
func (v *victim) await(what string, cond func() bool) {
	v.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	late := time.After(patience)
	for !cond() {
		select {
		case <-look.C:
		case <-late:
			v.Fatalf("waited in vain until %s; it is %q; log:\n%s", what, v.readiness(), v.log.tail())
		}
	}
}

// readiness is what the binary says of it, or nothing while it does not answer.
func (v *victim) readiness() string {
	res, err := http.Get("http://" + v.admin + "/readyz")
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body) // what there is of it
	return string(text)
}

// fillDisk makes a file that takes all the room that is left.
func fillDisk(tb testing.TB, path string) {
	tb.Helper()
	f, err := os.Create(path)
	must(tb, err)
	defer f.Close()
	size := int64(0)
	for step := int64(64 << 20); step >= 4<<10; {
		err := unix.Fallocate(int(f.Fd()), 0, size, step)
		switch {
		case err == nil:
			size += step
		case errors.Is(err, unix.ENOSPC):
			step /= 2
		default:
			must(tb, err)
		}
	}
}
