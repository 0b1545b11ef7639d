package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/zap"

	keeper "suitekeeper/cmd/suitekeeper"
)

var jsonLog = keeper.LogConfiguration{Level: "info", Format: "json"}

// logLine is a line of the log, as far as the tests here look at it.
type logLine struct {
	Msg     string
	N       int
	Dropped int
}

func logLines(t *testing.T, text []byte) (all []logLine) {
	t.Helper()
	for dec := json.NewDecoder(bytes.NewReader(text)); dec.More(); {
		var line logLine
		if err := dec.Decode(&line); err != nil {
			t.Fatalf("the log is no sequence of JSON objects: %v", err)
		}
		all = append(all, line)
	}
	return all
}

func TestWhoLogsNeverWaitsAndHearsHowMuchWasDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, stderr := io.Pipe()
		log, queue := keeper.NewQueuedLogger(jsonLog, stderr)
		go queue.Run()
		const written = 5000
		start, long := time.Now(), strings.Repeat("x", 1000)
		for n := range written { // far more than may wait
			log.Info("line", zap.Int("n", n), zap.String("filler", long))
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("%d lines to a reader that does not read took %v, want no time", written, took)
		}
		go func() {
			synctest.Wait() // until what was dropped is told
			log.Info("later")
			queue.Close()
			stderr.Close()
		}()
		text, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		lines := logLines(t, text)
		kept, dropped := 0, 0
		for _, line := range lines[:len(lines)-1] {
			want := logLine{Msg: "line", N: kept + dropped}
			if line.Dropped > 0 { // they are missing just here
				want = logLine{Msg: fmt.Sprintf("%d log lines dropped", line.Dropped), Dropped: line.Dropped}
				dropped += line.Dropped
			} else {
				kept++
			}
			if line != want {
				t.Fatalf("the log has %+v, want %+v", line, want)
			}
		}
		if kept+dropped != written || kept < 900 || kept > 2100 {
			t.Errorf("of %d lines %d were kept and %d told to be dropped, want 1 to 2 MiB of them kept", written, kept, dropped)
		}
		if got := lines[len(lines)-1].Msg; got != "later" {
			t.Errorf("last line = %q, want what was logged later", got)
		}
		if got := testutil.ToFloat64(queue.Lost()); got != float64(dropped) {
			t.Errorf("%v lines counted as dropped, want %d", got, dropped)
		}
	})
}

// stuck is a writer that takes nothing until it is closed.
type stuck chan struct{}

func (s stuck) Write(p []byte) (int, error) {
	<-s
	return len(p), nil
}

func TestStuckReaderDoesNotKeepTheProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stderr := make(stuck)
		defer close(stderr)
		log, queue := keeper.NewQueuedLogger(jsonLog, stderr)
		go queue.Run()
		log.Info("line")
		start := time.Now()
		queue.Close()
		if got := keeper.Run(t.Context(), []string{"no such command"}, nil, io.Discard, stderr); got != 2 {
			t.Errorf("a wrong command line ended with %d, want 2", got)
		}
		if took, want := time.Since(start), 2*time.Second; took != want {
			t.Errorf("closing the log and telling an error took %v, want %v", took, want)
		}
	})
}

// moody fails until it is told otherwise.
type moody struct {
	bytes.Buffer
	good bool
}

func (m *moody) Write(p []byte) (int, error) {
	if !m.good {
		return 0, errors.New("no space left on device")
	}
	return m.Buffer.Write(p)
}

func TestLinesThatCannotBeWrittenAreToldLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var disk moody
		log, queue := keeper.NewQueuedLogger(jsonLog, &disk)
		go queue.Run()
		log.Info("lost")
		log.Info("lost")
		synctest.Wait()
		disk.good = true
		log.Info("kept")
		queue.Close()
		log.Info("too late")
		got := logLines(t, disk.Bytes())
		if len(got) != 2 || got[0].Msg != "kept" || got[1].Msg != "2 log lines dropped" {
			t.Errorf("log = %+v, want the line kept and that 2 were dropped", got)
		}
		if n := testutil.ToFloat64(queue.Lost()); n != 3 {
			t.Errorf("%v lines counted as dropped, want 3", n)
		}
	})
}

// TestPushesAreAnsweredWhileNobodyReadsTheLog runs serve with a standard error
// that takes nothing, as a pipe whose reader hangs.
func TestPushesAreAnsweredWhileNobodyReadsTheLog(t *testing.T) {
	reader, stderr := io.Pipe()
	r := newTestReceiver(t, "http://127.0.0.1:1")
	r.callback, r.admin = "http://"+freeAddress(t), "http://"+freeAddress(t)
	r.cfg.Data = t.TempDir()
	config := writeConfig(t, fmt.Sprintf("{listen: %q, admin: {listen: %q}, data: %s, dingtalk: {oapi_url: %q, api_url: %q}, suites: [{key: %s, secret: s, token: %s, aes_key: %s}]}",
		strings.TrimPrefix(r.callback, "http://"), strings.TrimPrefix(r.admin, "http://"), r.cfg.Data, "http://127.0.0.1:1", "http://127.0.0.1:1",
		sampleSuite.Key, sampleSuite.Token.Reveal(), sampleSuite.AESKey.Reveal()))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	status := make(chan int, 1)
	go func() {
		status <- keeper.Run(ctx, []string{"serve", "--config", config}, nil, io.Discard, stderr)
		stderr.Close()
	}()
	r.untilServing()
	r.client.Timeout = 10 * time.Second
	const pushes = 20
	for i := range pushes {
		got, err := r.push(sampleSuite, fmt.Sprintf(`{"EventType":"user_add_org","CorpId":"ding1","UserId":["u%d"]}`, i))
		if err == nil {
			err = successFor(sampleSuite, got)
		}
		if err != nil {
			t.Fatalf("push %d: %v", i, err)
		}
	}
	if a := r.get(r.admin+"/metrics", ""); !strings.Contains(a.body, "\nsuitekeeper_log_lines_dropped_total 0\n") {
		t.Error("/metrics does not tell how many lines of the log were dropped")
	}
	cancel()
	accepted := 0
	for lines := bufio.NewScanner(reader); lines.Scan(); {
		if strings.Contains(lines.Text(), `"msg":"push accepted"`) {
			accepted++
		}
	}
	if got := <-status; got != 0 || accepted != pushes {
		t.Errorf("serve ended with %d and had logged %d pushes, want 0 and, as the log is read at last, %d", got, accepted, pushes)
	}
}

// untilServing waits until the listener for callbacks answers.
func (r *testReceiver) untilServing() {
	r.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		if a, err := r.do(http.MethodGet, r.callback+"/healthz", ""); err == nil && a.status == http.StatusOK {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			r.Fatal("waited in vain until serve answers")
		}
	}
}
