package main_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	keeper "suitekeeper/cmd/suitekeeper"
)

func loadReportOf(t testing.TB, r result) (report keeper.LoadReport) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.stdout), &report); err != nil {
		t.Fatalf("load test printed %+v: %v", r, err)
	}
	return report
}

func TestLoadPushesUniqueEvents(t *testing.T) {
	for _, args := range [][]string{
		{"user_add_org", "--rate", "0"},
		{"suite_ticket", "--rate", "500", "--data", `{"SuiteTicket":"same","TimeStamp":1}`},
		{"suite_ticket", "--rate", "500", "--sync"},
		{"-", "--data", `{"EventType":"x"}`},
	} {
		r := newReceiver(t, nil)
		got := r.push(t, args[0], append(args[1:], "--for", "200ms", "--concurrency", "4", "-o", "json")...)
		report := loadReportOf(t, got)
		slices.Sort(r.got)
		distinct := len(slices.Compact(r.got))
		if got.status != 0 || report.Pushed < 10 || report.Accepted != report.Pushed || distinct != report.Pushed {
			t.Errorf("push %v: status %d, %+v, %d distinct messages; want status 0 and every push another, accepted", args, got.status, report, distinct)
		}
		if l := report.Latency; l.P50 <= 0 || l.P50 > l.P99 || l.P99 > l.P999 || l.P999 > l.Max || report.AcceptedPerSecond <= 0 {
			t.Errorf("push %v: %+v, want latencies in order and a throughput", args, report)
		}
	}
}

// TestLoadWantsEachURLChecksOwnRandom has a receiver answer every third push wrongly.
func TestLoadWantsEachURLChecksOwnRandom(t *testing.T) {
	t.Setenv("SUITEKEEPER_SUITE_URL_CHECK_REPLY", "random")
	for _, args := range [][]string{
		{"check_update_suite_url"},
		{"-", "--data", `{"EventType":"check_update_suite_url","Random":"given"}`},
		{"user_add_org", "--data", `{"Random":"not of a URL check"}`},
	} {
		var mu sync.Mutex
		answered, wrong := 0, 0
		r := newReceiver(t, nil)
		r.answer = func(w http.ResponseWriter, _ *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			all := r.messages(t)
			m, right := all[len(all)-1], "success"
			if m["EventType"] == "check_update_suite_url" {
				right = m["Random"].(string)
			}
			if answered++; answered%3 == 0 {
				wrong++
				right = "another"
			}
			r.reply(w, right, nil)
		}
		got := r.push(t, args[0], append(args[1:], "--rate", "200", "--for", "150ms", "--concurrency", "1", "-o", "json")...)
		report := loadReportOf(t, got)
		if wrong == 0 || report.Pushed != answered || report.Accepted != answered-wrong {
			t.Errorf("push %v: %+v, want %d answers taken as right and %d as wrong", args, report, answered-wrong, wrong)
		}
	}
}

func TestLoadGroupsWrongAnswersByReason(t *testing.T) {
	var n atomic.Int64
	r := newReceiver(t, nil)
	r.answer = func(w http.ResponseWriter, _ *http.Request) {
		switch n.Add(1) % 4 {
		case 0:
			panic(http.ErrAbortHandler)
		case 1:
			http.Error(w, "busy", http.StatusServiceUnavailable)
		default:
			r.reply(w, "success", nil)
		}
	}
	got := r.push(t, "user_add_org", "--rate", "400", "--for", "200ms", "-o", "json")
	report := loadReportOf(t, got)
	counts := map[string]int{}
	for _, w := range report.Wrong {
		counts[w.Reason] = w.Count
	}
	if got.status != 1 || len(counts) != 2 || counts["status 503, not 200"] == 0 || counts["no answer: EOF"] == 0 {
		t.Errorf("status %d, %+v, want status 1 and both reasons", got.status, report)
	}
	if report.Accepted == 0 || report.Accepted+counts["status 503, not 200"]+counts["no answer: EOF"] != report.Pushed {
		t.Errorf("%+v, want right and wrong answers to be all", report)
	}
}

func TestLoadEndsWithAReportWhenInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var n atomic.Int64
	r := newReceiver(t, nil)
	r.answer = func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1) == 20 {
			interrupt()
		}
		r.reply(w, "success", nil)
	}
	got := runCommand(ctx, "", "push", "user_add_org", "--to", r.URL, "--suite-key", pushSuite, "--token", goodToken,
		"--aes-key", goodAESKey, "--rate", "0", "--for", "20s", "--concurrency", "2", "-o", "json")
	if report := loadReportOf(t, got); got.status != 0 || !report.Interrupted || report.Seconds > 15 || report.Accepted != report.Pushed {
		t.Errorf("interrupted load test: status %d, %+v, want the report so far", got.status, report)
	}
	if int(n.Load()) != len(r.got) || n.Load() < 20 {
		t.Errorf("%d answers for %d pushes, want all that were under way answered", n.Load(), len(r.got))
	}
}

func TestLoadPrintsAReportForPeople(t *testing.T) {
	r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "busy", http.StatusServiceUnavailable) })
	got := r.push(t, "user_add_org", "--rate", "100", "--for", "1100ms")
	for _, want := range []string{"at most 64 at once", "  pushed    1", "  accepted  0, 0/s", "  latency   p50 ", "  status 503, not 200"} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("report %q lacks %q", got.stdout, want)
		}
	}
	if !strings.Contains(got.stderr, "   1s  ") || !strings.Contains(got.stderr, "were answered wrongly") {
		t.Errorf("stderr = %q, want the progress and the failure", got.stderr)
	}
}
