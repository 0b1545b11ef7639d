package main

import (
	"fmt"
	"io"
	"strings"
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
}

func (r loadReport) print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s to %s, at most %d at once\n", r.Event, r.URL, r.Concurrency)
	if r.Interrupted {
		b.WriteString("interrupted: this is the report so far\n")
	}
	fmt.Fprintf(&b, "  pushed    %d in %.1f s, %.0f/s\n", r.Pushed, r.Seconds, r.PushedPerSecond)
	fmt.Fprintf(&b, "  accepted  %d, %.0f/s\n", r.Accepted, r.AcceptedPerSecond)
	fmt.Fprintf(&b, "  latency   p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, max %.1f ms\n",
		r.Latency.P50, r.Latency.P99, r.Latency.P999, r.Latency.Max)
	fmt.Fprintf(&b, "  wrong     %d\n", r.Pushed-r.Accepted)
	for _, wrong := range r.Wrong {
		fmt.Fprintf(&b, "    %8d  %s\n", wrong.Count, wrong.Reason)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
