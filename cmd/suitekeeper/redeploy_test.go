//go:build unix

package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// redeployRate is how many pushes come in a second while the receiver is
// started again and again, and slowestAnswer what DingTalk waits at least.
const (
	redeployRate  = 500
	slowestAnswer = 1200 * time.Millisecond
)

// TestRedeployWithSocketsRefusesNothing restarts the real binary under load as
// systemd does that holds its sockets. No connection is refused, no answer is
// wrong, everything is stored, and exchanges go on where they were.
func TestRedeployWithSocketsRefusesNothing(t *testing.T) {
	restarts := torture(t, 4, 50)
	u := newUnit(newVictim(t, builtBinary(t), filepath.Join(t.TempDir(), "data"), 60*time.Millisecond))
	u.start()
	must(t, u.dingTalk.PushTicket(u.suite.Key))
	load := u.load(redeployRate)
	shown := newProgress(t, "restarts", restarts)
	for restart := range restarts {
		u.authorize(1)
		u.reload(restart%2 == 0)
		pause(time.Second)
		u.terminate()
		u.wantNoComplaints()
		u.start()
		shown.done(restart + 1)
	}
	report := load.end()
	u.awaitAllActive()
	u.terminate()
	u.wantNoComplaints()
	u.wantAllActive()
	u.wantNothingLost()

	t.Logf("%d restarts: %d pushes, of which %d were answered rightly; p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, slowest %.1f ms; wrong: %+v",
		restarts, report.Pushed, report.Accepted, report.Latency.P50, report.Latency.P99, report.Latency.P999, report.Latency.Max, report.Wrong)
	for _, w := range report.Wrong {
		if !mayBeLate(w.Reason) || promised(t) {
			t.Errorf("%d pushes: %s", w.Count, w.Reason)
		}
	}
	if slowest := time.Duration(report.Latency.Max * float64(time.Millisecond)); promised(t) && slowest >= slowestAnswer {
		t.Errorf("the slowest answer took %s, want less than %s", slowest, slowestAnswer)
	}
	kept, err := readKept(context.Background(), u.data)
	must(t, err)
	stored := 0
	for payload, times := range kept.events {
		if strings.Contains(payload, `"PushId"`) {
			stored++
			if times != 1 {
				t.Errorf("a push is stored %d times: %s", times, payload)
			}
		}
	}
	if stored < report.Accepted || stored > report.Pushed {
		t.Errorf("%d pushes are stored, want all that were accepted, %d", stored, report.Accepted)
	}
	if report.Pushed < restarts*redeployRate/4 {
		t.Errorf("only %d pushes: the test did not test much", report.Pushed)
	}
}

// mayBeLate tells whether a push may have failed since this machine was busy with
// others: it was answered too late, or stored too late, or came just when its
// connection was ended, which had not been used for a second.
func mayBeLate(reason string) bool {
	return slices.ContainsFunc([]string{" within ", "status 503", "server closed idle connection", "EOF"},
		func(s string) bool { return strings.Contains(reason, s) })
}

// TestRedeployWithoutSocketsIsMadeUpByRetries restarts the real binary, which
// opens its sockets itself, so that pushes are refused meanwhile. DingTalk's two
// retries, after 10 s and 30 s, bring every one of them. Nobody restarts twice
// within those: the next restart waits until all have come.
func TestRedeployWithoutSocketsIsMadeUpByRetries(t *testing.T) {
	restarts := torture(t, 2, 50)
	v := newVictim(t, builtBinary(t), filepath.Join(t.TempDir(), "data"), 60*time.Millisecond, func(o *dingtalktest.Options) {
		o.Scale, o.Retries = 0.2, nil // DingTalk's own
	})
	v.start()
	must(t, v.dingTalk.PushTicket(v.suite.Key))
	stopPushing := v.push()
	shown := newProgress(t, "restarts", restarts)
	for restart := range restarts {
		v.authorize(1)
		pause(time.Second)
		v.terminate()
		v.wantNoComplaints()
		v.start()
		v.awaitRetries()
		shown.done(restart + 1)
	}
	stopPushing()
	v.awaitAllActive() // and no push waits
	v.terminate()
	v.wantNoComplaints()
	v.wantAllActive()
	l := v.wantNothingLost()
	retried, missing := v.retried()
	for _, p := range missing {
		t.Errorf("an event was refused in each of %d attempts: %s: %s", p.Attempt, p.Reason, p.Message)
	}
	t.Logf("%d restarts: %s; %d events came only with a retry", restarts, l, retried)
	if retried == 0 {
		t.Error("no push failed: the test did not test much")
	}
}

// retried counts the events that came only with a retry, and returns the last
// attempts of those that have not come.
func (v *victim) retried() (came int, missing []dingtalktest.Push) {
	failed, accepted := map[int64]dingtalktest.Push{}, map[int64]bool{}
	for _, p := range v.dingTalk.Pushes() {
		if p.OK {
			accepted[p.ID] = true
		} else {
			failed[p.ID] = p
		}
	}
	for id, p := range failed {
		if !accepted[id] {
			missing = append(missing, p)
		}
	}
	return len(failed) - len(missing), missing
}

// awaitRetries waits until what failed has come, or will not come any more.
func (v *victim) awaitRetries() {
	v.Helper()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	late := time.After(patience)
	for {
		_, missing := v.retried()
		if !slices.ContainsFunc(missing, func(p dingtalktest.Push) bool { return p.Attempt < 3 }) {
			return
		}
		select {
		case <-look.C:
		case <-late:
			v.Fatalf("%d events were not pushed again", len(missing))
		}
	}
}

// terminate ends the binary as systemd does.
func (v *victim) terminate() {
	v.Helper()
	must(v, v.cmd.Process.Signal(syscall.SIGTERM))
	if err := v.cmd.Wait(); err != nil {
		v.Errorf("a clean stop ended with %v:\n%s", err, v.log.tail())
	}
	v.cmd = nil
}

// unit is a victim as systemd runs it: its sockets stay open, and it tells how
// it stands.
type unit struct {
	*victim
	sockets []*os.File
	notify  string      // the address of the socket that it tells
	told    chan string // what it told
	other   string      // a suite that comes and goes
}

func newUnit(v *victim) *unit {
	v.Helper()
	u := &unit{victim: v, told: make(chan string, 10_000)}
	for _, address := range []string{v.callback, v.admin} {
		l, err := net.Listen("tcp", address)
		must(v, err)
		f, err := l.(*net.TCPListener).File()
		must(v, err)
		v.Cleanup(func() {
			f.Close()
			l.Close()
		})
		u.sockets = append(u.sockets, f)
	}
	dir, err := os.MkdirTemp("", "sk") // the address of a socket must be short
	must(v, err)
	u.notify = filepath.Join(dir, "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: u.notify, Net: "unixgram"})
	must(v, err)
	v.Cleanup(func() {
		conn.Close()
		os.RemoveAll(dir)
	})
	go u.listen(conn)
	return u
}

// listen hears what the process tells until the socket is closed.
func (u *unit) listen(conn *net.UnixConn) {
	text := make([]byte, 4096)
	for {
		n, err := conn.Read(text)
		if err != nil {
			return
		}
		for line := range strings.Lines(string(text[:n])) {
			u.told <- strings.TrimSpace(line)
		}
	}
}

// awaitTold waits until the process has told all of that, in whatever order.
func (u *unit) awaitTold(wants ...string) {
	u.Helper()
	late := time.After(patience)
	var told []string
	for len(wants) > 0 {
		select {
		case line := <-u.told:
			told = append(told, line)
			wants = slices.DeleteFunc(wants, func(want string) bool { return want == line })
		case <-late:
			u.kill()
			u.Fatalf("the receiver did not tell %q, only %q:\n%s", wants, told, u.log.tail())
		}
	}
}

// start starts the binary with the sockets and waits until it says that it is
// ready. Pushes may have come before.
func (u *unit) start() {
	u.Helper()
	u.log = &logbook{}
	// LISTEN_PID is the process's own, so only that itself can set it.
	u.cmd = exec.Command("/bin/sh", "-c", `LISTEN_PID=$$; export LISTEN_PID; exec "$0" "$@"`, u.binary, "serve", "--config", u.config)
	u.cmd.Env = append(os.Environ(), "LISTEN_FDS=2", "LISTEN_FDNAMES=callback:admin", "NOTIFY_SOCKET="+u.notify, "WATCHDOG_USEC=20000000")
	u.cmd.ExtraFiles = u.sockets
	u.cmd.Stderr = u.log
	must(u, u.cmd.Start())
	u.awaitTold("READY=1", "WATCHDOG=1")
}

// reload has the binary take up a suite that comes, or goes.
func (u *unit) reload(comes bool) {
	u.Helper()
	text, err := os.ReadFile(u.config)
	must(u, err)
	before := strings.TrimSuffix(string(text), u.other)
	if u.other = ""; comes {
		u.other = "  - {key: suiteother, secret: othersecret, token: othertoken0123456789x, aes_key: otherkeyotherkeyotherkeyotherkeyotherkey123}\n"
	}
	must(u, os.WriteFile(u.config, []byte(before+u.other), 0o600))
	must(u, u.cmd.Process.Signal(syscall.SIGHUP))
	u.awaitTold("RELOADING=1", "READY=1", "STATUS=serving "+map[bool]string{true: "2 suites", false: "1 suite"}[comes])
}

// terminate also wants the process to tell that it stops.
func (u *unit) terminate() {
	u.Helper()
	u.victim.terminate()
	u.awaitTold("STOPPING=1")
}

// load is "suitekeeper push" at work.
type load struct {
	testing.TB
	cmd      *exec.Cmd
	out, err bytes.Buffer
}

// load begins to push so many events a second, each on a connection of its own
// if it must.
func (v *victim) load(rate int) *load {
	v.Helper()
	l := &load{TB: v.TB, cmd: exec.Command(v.binary, "push", "user_add_org", "--to", "http://"+v.callback+"/callback/"+v.suite.Key,
		"--config", v.config, "--suite-key", v.suite.Key, "--rate", fmt.Sprint(rate), "--for", "1h", "--concurrency", "2000", "-o", "json")}
	l.cmd.Stdout, l.cmd.Stderr = &l.out, &l.err
	must(v, l.cmd.Start())
	v.Cleanup(func() {
		if l.cmd.ProcessState == nil {
			_ = l.cmd.Process.Kill()
			_ = l.cmd.Wait()
		}
	})
	return l
}

// end ends it and returns what came of it.
func (l *load) end() (report keeper.LoadReport) {
	l.Helper()
	must(l, l.cmd.Process.Signal(os.Interrupt))
	_ = l.cmd.Wait() // with status 1 if some answers were wrong
	if err := json.Unmarshal(l.out.Bytes(), &report); err != nil {
		l.Fatalf("the load test ended without a report: %v: %s", err, l.err.String())
	}
	return report
}
