package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// fault is a system call that fails with EIO instead of being made: the nth of a
// thread, for strace counts those of each.
type fault struct {
	call string
	nth  int
	late time.Duration // how long it takes to fail
}

func (f fault) String() string { return fmt.Sprintf("%s %d", f.call, f.nth) }

// needStrace skips the test where strace is missing or must not be used.
func needStrace(tb testing.TB) {
	tb.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		tb.Skipf("system calls cannot be made to fail: %v", err)
	}
	if os.Geteuid() != 0 {
		tb.Skip("only root can trace a process that lets no other read its memory")
	}
	if out, err := exec.Command("strace", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		tb.Skipf("nothing can be traced here: %v: %s", err, out)
	}
}

// doomed is a victim that runs with a fault.
type doomed struct {
	*victim
	fault     fault
	trace     string // what strace wrote
	end       chan error
	lastReady time.Time // when it was asked last of the times that it said to be ready
}

// doom starts the victim with the fault. Strace is a child of the binary, which
// so ends as it would without.
func (v *victim) doom(f fault) *doomed {
	v.Helper()
	d := &doomed{victim: v, fault: f, trace: filepath.Join(v.TempDir(), "trace"), end: make(chan error, 1)}
	inject := fmt.Sprintf("inject=%s:error=EIO:when=%d", f.call, f.nth)
	if f.late > 0 {
		inject += fmt.Sprintf(":delay_enter=%d", f.late.Microseconds())
	}
	v.under = []string{"strace", "-D", "-f", "--seccomp-bpf", "-ttt", "-T", "-s", "0", "-e", "signal=none",
		"-o", d.trace, "-e", "trace=" + f.call, "-e", inject}
	v.launch()
	v.under = nil
	cmd := v.cmd
	go func() { d.end <- cmd.Wait() }()
	return d
}

// awaitReady waits until the binary takes pushes, or has ended.
func (d *doomed) awaitReady() (ready bool) {
	d.Helper()
	return !d.watch("the receiver neither came up nor ended", func() bool { return !d.lastReady.IsZero() })
}

// awaitFailStop waits until the binary ends by itself, and wants it to say why
// and what to do.
func (d *doomed) awaitFailStop() {
	d.Helper()
	d.watch("the receiver did not end", func() bool { return false })
	d.wantFailStop(syscall.EIO)
}

// watch asks again and again whether the binary is ready, until it has ended or
// cond holds.
func (d *doomed) watch(otherwise string, cond func() bool) (ended bool) {
	d.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	late := time.After(patience)
	for !cond() {
		select {
		case err := <-d.end:
			d.end <- err
			return true
		case <-late:
			d.abandon(otherwise)
		case <-look.C:
		}
		if asked := time.Now(); d.ready() {
			d.lastReady = asked
		}
	}
	return false
}

func (d *doomed) abandon(why string) {
	d.Helper()
	_ = d.cmd.Process.Kill()
	<-d.end
	d.cmd = nil
	d.Fatalf("%s: %s:\n%s", d.fault, why, d.log.tail())
}

// failed returns the first call that did; ok is false if none came so far.
func (d *doomed) failed() (first tampered, ok bool) {
	d.Helper()
	for _, c := range tamperedCalls(d, d.trace) {
		if !ok || c.end.Before(first.end) {
			first, ok = c, true
		}
	}
	return first, ok
}

// tampered is a call that strace made fail, or held up.
type tampered struct{ begin, end time.Time }

var tamperedLine = regexp.MustCompile(`(?m)^\d+ +([0-9.]+) (<\.\.\. )?.* \((?:INJECTED|DELAYED)\).* <([0-9.]+)>$`)

// tamperedCalls reads them from what strace has written so far.
func tamperedCalls(tb testing.TB, trace string) (calls []tampered) {
	tb.Helper()
	for _, m := range tamperedLine.FindAllStringSubmatch(read(tb, trace), -1) {
		at, err := strconv.ParseFloat(m[1], 64)
		must(tb, err)
		took, err := time.ParseDuration(m[3] + "s")
		must(tb, err)
		c := tampered{begin: time.UnixMicro(int64(at * 1e6))}
		if m[2] != "" { // the line tells when the call went on
			c.begin = c.begin.Add(-took)
		}
		c.end = c.begin.Add(took)
		calls = append(calls, c)
	}
	return calls
}

// tracer is strace at work on a process that runs already.
type tracer struct {
	testing.TB
	cmd   *exec.Cmd
	trace string
}

// slowFlushes has every flush of the victim take that much longer.
func (v *victim) slowFlushes(by time.Duration) *tracer {
	v.Helper()
	tr := &tracer{TB: v.TB, trace: filepath.Join(v.TempDir(), "trace")}
	tr.cmd = exec.Command("strace", "-f", "-p", strconv.Itoa(v.cmd.Process.Pid), "-ttt", "-T", "-e", "signal=none", "-o", tr.trace,
		"-e", "trace=fdatasync", "-e", fmt.Sprintf("inject=fdatasync:delay_enter=%d", by.Microseconds()))
	must(v, tr.cmd.Start())
	v.Cleanup(tr.end)
	return tr
}

// end lets the process go on undisturbed.
func (tr *tracer) end() {
	if tr.cmd.ProcessState == nil {
		_ = tr.cmd.Process.Signal(os.Interrupt)
		_ = tr.cmd.Wait() // strace ends by the signal
	}
}
