package main_test

import (
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// tortureEnv set to "full" has the tests that break the receiver do so as often
// as is promised. See "make torture".
const tortureEnv = "TORTURE"

// torture is how often to break it: briefly in a usual run, and less than that
// beside the race detector, which does not watch the binary.
func torture(tb testing.TB, briefly, fully int) int {
	tb.Helper()
	switch v := os.Getenv(tortureEnv); v {
	case "":
		if raced {
			return min(briefly, 1+briefly/4)
		}
		return briefly
	case "full":
		return fully
	default:
		tb.Fatalf("%s=%q, want full or nothing", tortureEnv, v)
		return 0
	}
}

// often counts to n, and on, at most to ten times as many, while it has not met
// what is to be seen: the moments of what breaks the receiver are those of chance.
func often(n int, met func() bool) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; i < n || i < 10*n && !met(); i++ {
			if !yield(i) {
				return
			}
		}
	}
}

// promised tells whether times count: of this machine's others may take as much
// as they like in a usual run.
func promised(tb testing.TB) bool { return torture(tb, 0, 1) == 1 }

// progress tells how far a long test is, so that nobody takes it for stuck.
type progress struct {
	testing.TB
	what        string
	total       int
	began, told time.Time
}

func newProgress(tb testing.TB, what string, total int) *progress {
	return &progress{TB: tb, what: what, total: total, began: time.Now(), told: time.Now()}
}

// done tells that so many are done, but not too often.
func (p *progress) done(n int) {
	if time.Since(p.told) < 10*time.Second {
		return
	}
	p.told = time.Now()
	p.Logf("%d of %d %s after %s", n, p.total, p.what, time.Since(p.began).Round(time.Second))
}

// built is the binary as users have it, made once for all tests.
var built struct {
	once sync.Once
	dir  string
	out  []byte
	err  error
}

// builtBinary returns the path of the real binary. It is called suitekeeper.
func builtBinary(tb testing.TB) string {
	tb.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "suitekeeper"); built.err == nil {
			built.out, built.err = build(built.dir)
		}
	})
	if built.err != nil {
		tb.Fatalf("go build: %v\n%s", built.err, built.out)
	}
	return filepath.Join(built.dir, "suitekeeper")
}

// build makes the binary in a folder, with what else go build is to be told.
func build(dir string, flags ...string) (out []byte, err error) {
	args := append([]string{"build", "-o", filepath.Join(dir, "suitekeeper")}, flags...)
	return exec.Command("go", append(args, ".")...).CombinedOutput()
}

// TestMain removes in the end what the tests built.
func TestMain(m *testing.M) {
	status := m.Run()
	if err := os.RemoveAll(built.dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(status)
}
