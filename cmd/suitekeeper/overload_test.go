//go:build !race

// The race detector would slow who pours more than who is poured over.

package main_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"suitekeeper/suite/dingtalk/dingtalktest"
)

// What is promised of a receiver that gets more than it can take.
const (
	overloadFactor  = 3
	overloadMemory  = 300 << 20       // bytes of its own
	overloadAnswer  = time.Second     // to 999 in 1000 pushes
	overloadRecover = 5 * time.Second // after the load's end
	callsPerSecond  = 300 + 200*3/2   // at most, half a second being what calls may take longer to arrive: see dingtalk.Options.Rate
)

// TestOverloadIsRefusedAndPasses pours three times as much over the real binary
// as it can take, while corps authorise. What it acknowledges it has, the rest it
// refuses, and nothing else is answered; the workers go on meanwhile.
func TestOverloadIsRefusedAndPasses(t *testing.T) {
	length, corps := torture(t, 3, 30), torture(t, 30, 600)
	v := newVictim(t, builtBinary(t), filepath.Join(t.TempDir(), "data"), 60*time.Millisecond)
	v.start()
	must(t, v.dingTalk.PushTicket(v.suite.Key))
	apart(t, v.cmd.Process.Pid)
	memory := watchMemory(t, v.cmd.Process.Pid)
	f := newFlood(v, 4000)
	f.saturate(256, 10_000) // now it is warm
	sustainable := f.saturate(256, torture(t, 15_000, 100_000))
	v.authorize(corps)
	active := make(chan int)
	time.AfterFunc(time.Duration(length)*time.Second, func() { active <- len(v.dingTalk.Activations()) })
	drops := f.pour(overloadFactor*sustainable, time.Duration(length)*time.Second)
	activated := <-active
	after, recovered := f.recover(drops[len(drops)-1].due)
	poured := f.look(drops)
	v.awaitAllActive()
	own := memory()
	if a := v.alert("overloaded"); len(poured.refused) > 0 && !strings.Contains(a.Cure, "allowed_sources") {
		t.Errorf("alert %+v, want one that tells how to keep others out", a)
	}
	v.stop()
	v.wantAllActive()
	v.wantNothingLost()

	t.Logf("%d a second are sustainable; of %d times as many in %d s %d were accepted and %d refused; %d of %d corps became active meanwhile; "+
		"at most %d MB of memory; back to normal after %v", sustainable, overloadFactor, length, len(poured.good), len(poured.refused),
		activated, corps, own>>20, recovered.Round(time.Millisecond))
	t.Logf("accepted: %s", quantiles(poured.good))
	t.Logf("refused: %s", quantiles(poured.refused))
	t.Logf("both, without the time until they were sent: %s", quantiles(poured.answered))
	if len(poured.refused) == 0 || activated == 0 {
		t.Errorf("%d were refused and %d corps became active meanwhile, want some of both", len(poured.refused), activated)
	}
	if own > overloadMemory {
		t.Errorf("%d MB of memory were used, want at most %d MB", own>>20, overloadMemory>>20)
	}
	if len(poured.wrong) > 0 {
		t.Errorf("answered otherwise: %v, want nothing", poured.wrong)
	}
	if late := quantile(slices.Concat(poured.good, poured.refused), 99.9); promised(t) && (late > overloadAnswer || recovered > overloadRecover) {
		t.Errorf("answers took %v, and the way back to normal %v, want at most %v and %v", late, recovered, overloadAnswer, overloadRecover)
	}
	if promised(t) && (len(poured.good) < sustainable*length/4 || activated < corps) {
		t.Errorf("%d pushes were accepted and %d of %d corps activated meanwhile, want a quarter of the usual rate at least, and all",
			len(poured.good), activated, corps)
	}
	if most := v.mostCalls(time.Second); most > callsPerSecond {
		t.Errorf("%d calls of DingTalk's API in a second, want at most %d", most, callsPerSecond)
	}
	v.wantStored(append(poured.accepted, after.accepted...))
}

// wantStored wants each of the texts stored once.
func (v *victim) wantStored(texts []string) {
	v.Helper()
	kept, err := readKept(context.Background(), v.data)
	must(v, err)
	for _, text := range texts {
		if kept.events[text] != 1 {
			v.Fatalf("an acknowledged push is stored %d times: %.200s", kept.events[text], text)
		}
	}
}

// TestLargeBodiesAreBoundedByTheirBytes pushes bodies of almost 1 MiB over many
// connections: memory stays bounded, and a small push is taken soon after.
func TestLargeBodiesAreBoundedByTheirBytes(t *testing.T) {
	v := newVictim(t, builtBinary(t), filepath.Join(t.TempDir(), "data"), 0)
	v.start()
	memory := watchMemory(t, v.cmd.Process.Pid)
	f := newFlood(v, 200)
	f.padding = 700 << 10 // which base64 makes a third longer
	drops := f.pour(100, time.Duration(torture(t, 2, 10))*time.Second)
	f.padding = 0
	after, recovered := f.recover(drops[len(drops)-1].due)
	poured := f.look(drops)
	own := memory()
	v.stop()
	t.Logf("%d large bodies were accepted and %d refused; at most %d MB of memory; back to normal after %v",
		len(poured.good), len(poured.refused), own>>20, recovered.Round(time.Millisecond))
	if promised(t) && len(poured.refused) == 0 {
		t.Error("no body was refused, want some to be: the test did not test much")
	}
	if !promised(t) { // net/http leaves half a second to read a refusal, and others may take that
		maps.DeleteFunc(poured.wrong, func(what string, n int) bool {
			return (what == "no answer: broken pipe" || what == "no answer: connection reset by peer") && n <= 1+len(poured.refused)/50
		})
	}
	if len(poured.wrong) > 0 || own > overloadMemory || promised(t) && recovered > overloadRecover {
		t.Errorf("answered otherwise: %v; %d MB of memory, back to normal after %v, want nothing, at most %d MB and %v",
			poured.wrong, own>>20, recovered, overloadMemory>>20, overloadRecover)
	}
	v.wantStored(append(poured.accepted, after.accepted...))
}

// recover pushes a little until all of it is accepted, and returns what came of
// it, and when that was, counted from the end of the load.
func (f *flood) recover(end time.Time) (all tide, after time.Duration) {
	f.Helper()
	for {
		after = time.Since(end)
		t := f.look(f.pour(50, time.Second/2))
		all.accepted = append(all.accepted, t.accepted...)
		if len(t.refused)+len(t.wrong) == 0 {
			return all, after
		}
		if after > patience {
			f.Fatalf("a light load is still not taken: %d of 25 refused, and %v", len(t.refused), t.wrong)
		}
	}
}

// mostCalls returns how many calls were made at most in any span of that length.
func (v *victim) mostCalls(span time.Duration) (most int) {
	calls := v.dingTalk.Calls()
	slices.SortFunc(calls, func(a, b dingtalktest.Call) int { return a.At.Compare(b.At) })
	from := 0
	for i, c := range calls {
		for c.At.Sub(calls[from].At) >= span {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

// apart gives the process a processor of its own, and this one the others: what
// pours may not take from what is poured over.
func apart(tb testing.TB, pid int) {
	tb.Helper()
	last := runtime.NumCPU() - 1
	if last == 0 {
		return // there is nothing to set apart
	}
	if _, err := exec.LookPath("taskset"); err != nil {
		tb.Skipf("who pours and who is poured over cannot be set apart: %v", err)
	}
	pin := func(processors string, pid int) {
		if out, err := exec.Command("taskset", "-a", "-c", "-p", processors, strconv.Itoa(pid)).CombinedOutput(); err != nil {
			tb.Fatalf("taskset: %v: %s", err, out)
		}
	}
	pin(strconv.Itoa(last), pid)
	pin(fmt.Sprintf("0-%d", last-1), os.Getpid())
	tb.Cleanup(func() { pin(fmt.Sprintf("0-%d", last), os.Getpid()) })
}

// watchMemory looks at the memory of a process again and again, without mapped
// files. What it returns ends that, and returns the most that there was.
func watchMemory(tb testing.TB, pid int) (most func() int) {
	tb.Helper()
	anon := 0
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)); err == nil {
				_, value, _ := strings.Cut(string(text), "RssAnon:")
				kB := 0
				_, _ = fmt.Sscan(value, &kB) // 0 is complained about in the end
				anon = max(anon, kB<<10)
			}
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	})
	return func() int {
		close(done)
		watching.Wait()
		if anon == 0 {
			tb.Error("the system does not tell how much memory a process has of its own")
		}
		return anon
	}
}
