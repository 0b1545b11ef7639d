package handler_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"
	"go.uber.org/zap/zapcore"

	"suitekeeper/suite"
)

// checkCanary fails if a secret or part of a request is in the log or among
// the metrics of f. Secrets, texts and parameters in these tests are marked.
func checkCanary(tb testing.TB, f *fixture) {
	tb.Helper()
	var seen bytes.Buffer
	encoder := zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "msg", StacktraceKey: "stack"})
	for _, line := range f.logs.All() {
		text, err := encoder.EncodeEntry(line.Entry, line.Context)
		if err != nil {
			tb.Fatal(err)
		}
		seen.Write(text.Bytes())
	}
	seen.WriteString(exposition(tb, f))
	for _, r := range f.receiver.rejections() {
		message, cure := r.Explain()
		seen.WriteString(r.Got + message.EN + message.ZH + cure.EN + cure.ZH + "\n")
	}
	for line := range strings.Lines(seen.String()) {
		if strings.Contains(line, "CANARY") {
			tb.Errorf("log, metrics or rejections hold a canary: %s", line)
		}
	}
}

// exposition is what a scrape of f's metrics reads.
func exposition(tb testing.TB, f *fixture) string {
	tb.Helper()
	families, err := f.metrics.Gather()
	if err != nil {
		tb.Fatal(err)
	}
	var out bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&out, family); err != nil {
			tb.Fatal(err)
		}
	}
	return out.String()
}

func TestNoSecretReachesLogMetricsOrRejections(t *testing.T) {
	f := newFixture(t, nil)
	addr := f.start(t)
	ticket := seal(t, suiteOptions, `{"EventType":"suite_ticket","SuiteTicket":"CANARYticket"}`)
	requests := []string{
		pushTo("/callback", ticket),
		pushTo("/callback/"+suiteKey, ticket),
		pushTo("/callback/"+otherKey, ticket),
		pushTo("/callback/nobody", ticket),
		pushTo("/callback", seal(t, suiteOptions, "CANARY no JSON")),
		raw("POST", "/callback?CANARY=%zz", "CANARY"),
		raw("POST", "/callback?"+query(ticket), `{"CANARY":"CANARY","encrypt":"CANARY"}`),
		raw("POST", "/callback?"+query(ticket)+"&nonce=CANARY", body(ticket), "X-Forwarded-For: CANARY"),
		raw("CANARY", "/callback?CANARY", "CANARY"),
		raw("POST", "/callback?"+query(ticket), strings.Repeat("CANARY", 1<<18)),
	}
	for _, e := range wrongPushes(t) {
		requests = append(requests, pushTo("/callback", e))
	}
	for _, r := range requests {
		send(t, addr, r)
	}
	f.receiver.receive = func(context.Context, suite.Push) (suite.Receipt, error) {
		return suite.Receipt{}, errors.New("disk full")
	}
	send(t, addr, pushTo("/callback", ticket))
	checkCanary(t, f)
}

func TestOneLineAPush(t *testing.T) {
	f := newFixture(t, nil)
	addr := f.start(t)
	sound := seal(t, suiteOptions, `{}`)
	requests := []string{pushTo("/callback", sound), pushTo("/callback/nobody", sound), raw("POST", "/callback", "")}
	for _, e := range wrongPushes(t) {
		requests = append(requests, pushTo("/callback", e))
	}
	for _, r := range requests {
		send(t, addr, r)
	}
	send(t, addr, raw("GET", "/healthz", "")) // no push
	if got := f.logs.Len(); got != len(requests) {
		t.Errorf("%d pushes gave %d lines: %v", len(requests), got, f.logs.All())
	}
	line := f.logs.FilterMessage("push accepted").All()
	if len(line) != 1 || line[0].Level != zapcore.InfoLevel {
		t.Fatalf("accepted push gave %v, want one line at level info", line)
	}
	for _, field := range []string{"suite", "type", "outcome", "events", "duplicates", "duration", "remote"} {
		if _, ok := line[0].ContextMap()[field]; !ok {
			t.Errorf("line %v has no field %q", line[0].ContextMap(), field)
		}
	}
}

func TestMetricsCountEveryPushWithBoundedLabels(t *testing.T) {
	f := newFixture(t, nil)
	addr := f.start(t)
	sound := seal(t, suiteOptions, `{}`)
	for range 3 {
		send(t, addr, pushTo("/callback/"+suiteKey, sound))
	}
	for _, path := range []string{"/callback/a", "/callback/b", "/callback/c"} {
		send(t, addr, pushTo(path, sound))
	}
	for _, e := range wrongPushes(t) {
		send(t, addr, pushTo("/callback/"+suiteKey, e))
	}
	send(t, addr, raw("POST", "/callback/"+otherKey, ""))

	const want = `
# HELP suitekeeper_pushes_total Pushes by suite and by what was answered: accepted, or the code of the refusal.
# TYPE suitekeeper_pushes_total counter
suitekeeper_pushes_total{result="accepted",suite="suiteother000000000001"} 0
suitekeeper_pushes_total{result="accepted",suite="suitew9h1bvc3t2rmqaym"} 3
suitekeeper_pushes_total{result="bad_request",suite="suiteother000000000001"} 1
suitekeeper_pushes_total{result="rejected",suite="suitew9h1bvc3t2rmqaym"} 4
suitekeeper_pushes_total{result="unknown_suite",suite="unknown"} 3
# HELP suitekeeper_rejections_total Pushes answered 403, by the true reason.
# TYPE suitekeeper_rejections_total counter
suitekeeper_rejections_total{reason="bad_signature"} 1
suitekeeper_rejections_total{reason="not_json"} 1
suitekeeper_rejections_total{reason="source_not_allowed"} 0
suitekeeper_rejections_total{reason="undecryptable"} 1
suitekeeper_rejections_total{reason="wrong_suite_key"} 1
`
	if err := testutil.GatherAndCompare(f.metrics, strings.NewReader(want), "suitekeeper_pushes_total", "suitekeeper_rejections_total"); err != nil {
		t.Error(err)
	}
	if got := exposition(t, f); !strings.Contains(got, "suitekeeper_push_duration_seconds_count 11\n") {
		t.Errorf("metrics = %s, want 11 observed durations", got)
	}
	problems, err := testutil.GatherAndLint(f.metrics)
	if err != nil || len(problems) != 0 {
		t.Errorf("promlint = %v, %v, want no problems", problems, err)
	}
}
