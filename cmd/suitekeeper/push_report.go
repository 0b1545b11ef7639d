package main

import (
	"fmt"
	"strings"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// loadReport is the result of a load test. Latencies are those of all pushes
// that were answered or given up.
type loadReport struct {
	Event             string         `json:"event"`
	URL               string         `json:"url"`
	Concurrency       int            `json:"concurrency"`
	Seconds           float64        `json:"seconds"`
	Pushed            int            `json:"pushed"`
	Accepted          int            `json:"accepted"`
	PushedPerSecond   float64        `json:"pushed_per_second"`
	AcceptedPerSecond float64        `json:"accepted_per_second"`
	Latency           latencies      `json:"latency_ms"`
	Wrong             []wrongAnswers `json:"wrong"`
	Interrupted       bool           `json:"interrupted"`
}

// latencies are in milliseconds.
type latencies struct {
	P50  float64 `json:"p50"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

// wrongAnswers counts the answers that were wrong for one reason.
type wrongAnswers struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
	reason dingtalktest.Reason
}

// What a load test says.
var (
	loadSoFar       = suite.Text{EN: "%4.0fs  %d pushed, %.0f/s, %d wrong", ZH: "%4.0f 秒  已推送 %d，每秒 %.0f，不正确 %d"}
	loadTo          = suite.Text{EN: "%s to %s, at most %d at once", ZH: "%s 推送到 %s，最多同时 %d 个"}
	loadInterrupted = suite.Text{EN: "interrupted: this is the report so far", ZH: "已中断：以下为截至目前的结果"}
	loadPushed      = suite.Text{EN: "  pushed    %d in %.1f s, %.0f/s", ZH: "  已推送    %d，用时 %.1f 秒，每秒 %.0f"}
	loadAccepted    = suite.Text{EN: "  accepted  %d, %.0f/s", ZH: "  应答正确  %d，每秒 %.0f"}
	loadLatency     = suite.Text{
		EN: "  latency   p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, max %.1f ms",
		ZH: "  耗时      p50 %.1f 毫秒，p99 %.1f 毫秒，p99.9 %.1f 毫秒，最长 %.1f 毫秒",
	}
	loadWrong = suite.Text{EN: "  wrong     %d", ZH: "  不正确    %d"}
)

// loading tells how far a load test is.
func (v view) loading(c *loadCount) string {
	elapsed := time.Since(c.began).Seconds()
	return v.say(loadSoFar, elapsed, c.pushed, float64(c.pushed)/elapsed, c.pushed-c.accepted)
}

// loaded tells what came of a load test.
func (v view) loaded(r loadReport) string {
	lines := []string{v.say(loadTo, r.Event, r.URL, r.Concurrency)}
	if r.Interrupted {
		lines = append(lines, v.say(loadInterrupted))
	}
	lines = append(lines,
		v.say(loadPushed, r.Pushed, r.Seconds, r.PushedPerSecond),
		v.say(loadAccepted, r.Accepted, r.AcceptedPerSecond),
		v.say(loadLatency, r.Latency.P50, r.Latency.P99, r.Latency.P999, r.Latency.Max),
		v.say(loadWrong, r.Pushed-r.Accepted))
	for _, wrong := range r.Wrong {
		lines = append(lines, fmt.Sprintf("    %8d  %s", wrong.Count, v.say(verdict(wrong.reason))))
	}
	return strings.Join(lines, "\n") + "\n"
}
