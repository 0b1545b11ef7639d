package main_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// scaleEnv set to "full" has TestScale work at the size that is promised to be
// fast. See "make scale". scaleDirEnv names a folder to keep what was filled in,
// for further runs.
const (
	scaleEnv    = "TEST_SCALE"
	scaleDirEnv = "TEST_SCALE_DIR"
)

// What is promised at the full size.
const (
	readyWithin  = time.Second
	answerWithin = 50 * time.Millisecond // p95, warm
	mostResident = 150 << 20             // without the mapped data file
)

// scale is how much there is in the store.
type scale struct {
	corps, events   int
	failed, audited int // authorisations, and things that people did
	full            bool
}

func scaleOf(t *testing.T) scale {
	t.Helper()
	switch v := os.Getenv(scaleEnv); v {
	case "":
		return scale{corps: 3000, events: 6000, failed: 60, audited: 60}
	case "full":
		return scale{corps: 1_000_000, events: 2_000_000, failed: 2000, audited: 10_000, full: true}
	default:
		t.Fatalf("%s=%q, want full or nothing", scaleEnv, v)
		return scale{}
	}
}

// TestScale fills a data folder, has the real binary serve it, and times what
// operators ask for. At the small size, which always runs, it looks at the
// answers alone; at the full one it wants them as fast as promised.
func TestScale(t *testing.T) {
	size := scaleOf(t)
	r := newScaleReceiver(t)
	r.filled(size)

	ready, began := r.start(), time.Now()
	r.refusals()
	event := r.repushes()
	calls := append(r.calls(size, event), r.consolePages(size, event)...)
	rounds := 200
	if !size.full {
		rounds = 3
	}
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "call\tentries\tp50 ms\tp95 ms\tmax ms\t")
	for _, c := range calls {
		took, entries := r.time(c, rounds)
		fmt.Fprintf(w, "%s\t%d\t%.1f\t%.1f\t%.1f\t\n", c.name, entries, ms(at(took, 50)), ms(at(took, 95)), ms(took[len(took)-1]))
		if size.full && at(took, 95) > answerWithin {
			t.Errorf("%s: p95 is %v, want at most %v", c.name, at(took, 95), answerWithin)
		}
	}
	w.Flush()
	resident := r.resident()
	r.searchesAll(size)
	checked := r.checked().Sub(began)
	r.kill()
	again := r.start()
	t.Logf("ready after %v, the data file read to its end %v later; ready after %v when it had been killed, %d MB resident without the data file\n%s",
		ready.Round(time.Millisecond), checked.Round(time.Second), again.Round(time.Millisecond), resident>>20, &table)
	if size.full && max(ready, again) > readyWithin {
		t.Errorf("ready after %v, and after %v when it had been killed, want %v", ready, again, readyWithin)
	}
	if size.full && resident > mostResident {
		t.Errorf("%d MB resident without the data file, want at most %d MB", resident>>20, mostResident>>20)
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// at is a percentile of sorted times.
func at(sorted []time.Duration, percent int) time.Duration {
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}

func fileSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	return info.Size()
}

// scaleReceiver is the real binary over a data folder that this process filled.
type scaleReceiver struct {
	*testing.T
	dir, data        string
	binary           string
	callbacks, admin string // addresses
	cmd              *exec.Cmd
	log              bytes.Buffer
	token            string
	session          *http.Cookie // of the console; nil: not signed in
}

func newScaleReceiver(t *testing.T) *scaleReceiver {
	t.Helper()
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	if kept := os.Getenv(scaleDirEnv); kept != "" {
		data = kept
	}
	r := &scaleReceiver{T: t, dir: dir, data: data, binary: builtBinary(t), callbacks: freeAddress(t), admin: freeAddress(t)}
	must(t, os.WriteFile(r.config(), fmt.Appendf(nil, `
listen: %s
admin: {listen: %s}
data: %s
dingtalk: {oapi_url: "http://127.0.0.1:1", api_url: "http://127.0.0.1:1"}
suites:
  - {key: %s, secret: %[6]s, token: %s, aes_key: %s}
  - {key: %[5]s, secret: %s, token: %s, aes_key: %s}
`, r.callbacks, r.admin, data, scaleSuite, quietSuite, scaleSecret, scaleToken, scaleAESKey), 0o600))
	t.Cleanup(r.stop)
	return r
}

func (r *scaleReceiver) config() string   { return filepath.Join(r.dir, "suitekeeper.yaml") }
func (r *scaleReceiver) dataFile() string { return filepath.Join(r.data, "suitekeeper.db") }

// start starts the binary and returns how long it took to become ready.
func (r *scaleReceiver) start() time.Duration {
	r.Helper()
	r.cmd = exec.Command(r.binary, "serve", "--config", r.config())
	r.cmd.Stderr = &r.log
	started := time.Now()
	must(r.T, r.cmd.Start())
	for time.Since(started) < time.Minute {
		if status, _, err := r.get("/readyz"); err == nil && status == 200 {
			took := time.Since(started)
			token, err := os.ReadFile(filepath.Join(r.data, "admin.token"))
			must(r.T, err)
			r.token = strings.TrimSpace(string(token))
			return took
		}
		time.Sleep(5 * time.Millisecond)
	}
	r.stop()
	r.Fatalf("the receiver did not become ready:\n%s", r.log.String())
	return 0
}

// checked waits until the data file was read to its end, which a start puts off,
// and tells when that was. Whoever is killed before has the next start read it.
func (r *scaleReceiver) checked() time.Time {
	r.Helper()
	for began := time.Now(); time.Since(began) < 10*time.Minute; time.Sleep(10 * time.Millisecond) {
		if info, err := os.Stat(r.dataFile() + ".sound"); err == nil {
			return info.ModTime()
		}
	}
	r.Fatalf("%s was not read to its end", r.dataFile())
	return time.Time{}
}

func (r *scaleReceiver) kill() {
	must(r.T, r.cmd.Process.Kill())
	_ = r.cmd.Wait() // tells that it was killed
	r.cmd = nil
}

func (r *scaleReceiver) stop() {
	if r.cmd == nil {
		return
	}
	_ = r.cmd.Process.Signal(os.Interrupt)
	if err := r.cmd.Wait(); err != nil {
		r.Errorf("serve ended with %v:\n%s", err, r.log.String())
	}
	r.cmd = nil
}

// time makes a call again and again, and returns the sorted times and how many
// entries the first answer had.
func (r *scaleReceiver) time(c scaleCall, rounds int) (took []time.Duration, entries int) {
	r.Helper()
	const warmUp = 10
	for i := range warmUp + rounds {
		start := time.Now()
		status, body, err := c.ask(r, i)
		elapsed := time.Since(start)
		if err != nil || status != 200 {
			r.Fatalf("%s: %s = %d, %v: %.300s", c.name, c.path(i), status, err, body)
		}
		if i == 0 {
			entries = c.check(r.T, body)
		}
		if i >= warmUp {
			took = append(took, elapsed)
		}
	}
	slices.Sort(took)
	return took, entries
}
