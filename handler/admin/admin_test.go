package admin_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

func TestNewRefusesWhatCannotWork(t *testing.T) {
	tests := []struct {
		name   string
		change func(*admin.Options)
		want   string
	}{
		{"no keeper", func(o *admin.Options) { o.Keeper = nil }, "Keeper"},
		{"no store", func(o *admin.Options) { o.Store = nil }, "Store"},
		{"no tokens", func(o *admin.Options) { o.Tokens = nil }, "no tokens"},
		{"unnamed token", func(o *admin.Options) { o.Tokens[0].Name = "" }, "name"},
		{"name given twice", func(o *admin.Options) { o.Tokens[0].Name = "ops" }, `"ops"`},
		{"unknown role", func(o *admin.Options) { o.Tokens[0].Role = "admin" }, `role "admin"`},
		{"no hash", func(o *admin.Options) { o.Tokens[0].SHA256 = [32]byte{} }, "empty"},
		{"hash of nothing", func(o *admin.Options) { o.Tokens[0].SHA256 = sha256.Sum256(nil) }, "empty"},
		{"token given twice", func(o *admin.Options) { o.Tokens[0].SHA256 = o.Tokens[1].SHA256 }, "same token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := options()
			tt.change(&o)
			if _, err := admin.New(o); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New(…) = %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestUnknownPathIsNotFound(t *testing.T) {
	srv := serve(t, options())
	for _, path := range []string{"/", "/api/v1", "/api/v1/status/", "/API/v1/status", "/docs", "/schemas/Status.json", "/openapi.yaml"} {
		wantProblem(t, call(t, srv, http.MethodGet, path, appToken), 404, "not_found")
		wantProblem(t, call(t, srv, http.MethodGet, path, ""), 401, "unauthorized")
	}
}

func TestOtherMethodsAreNotAllowed(t *testing.T) {
	srv := serve(t, options())
	allowed := map[string][]string{}
	for _, c := range calls {
		allowed[c.path] = append(allowed[c.path], c.method)
		if c.method == http.MethodGet {
			allowed[c.path] = append(allowed[c.path], http.MethodHead)
		}
	}
	for path, methods := range allowed {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
			if slices.Contains(methods, method) {
				continue
			}
			got := call(t, srv, method, path, operatorToken)
			wantProblem(t, got, 405, "method_not_allowed")
			allow := strings.Split(got.Header.Get("Allow"), ", ")
			slices.Sort(allow)
			slices.Sort(methods)
			if !slices.Equal(allow, methods) {
				t.Errorf("%s %s: Allow = %q, want %q", method, path, allow, methods)
			}
		}
	}
}

func TestHeadAnswersAsGetWithoutBody(t *testing.T) {
	srv := serve(t, options())
	for _, c := range calls[:6] { // of the others net/http does the same
		for token := range bearers {
			got := call(t, srv, http.MethodHead, c.path, token)
			if want := c.wantStatus(token); got.StatusCode != want || got.body != "" {
				t.Errorf("HEAD %s with token %q = %d %q, want %d and no body", c.path, token, got.StatusCode, got.body, want)
			}
		}
	}
}

func TestUnknownParameterIsRefusedAndNotQuoted(t *testing.T) {
	srv := serve(t, options())
	got := call(t, srv, http.MethodGet, "/api/v1/status?suit_key=canary-value", viewerToken)
	wantProblem(t, got, 422, "invalid_request")
	if !strings.Contains(got.body, "suit_key") || strings.Contains(got.body, "canary") {
		t.Errorf("answer = %s, want the parameter's name and not its value", got.body)
	}
	if got := call(t, srv, http.MethodGet, "/healthz?from=balancer", ""); got.StatusCode != 200 {
		t.Errorf("GET /healthz?from=balancer = %d, want 200", got.StatusCode)
	}
}

func TestReadyzGivesTheReason(t *testing.T) {
	o := options()
	var reason error
	o.Ready = func() error { return reason }
	srv := serve(t, o)
	if got := call(t, srv, http.MethodGet, "/readyz", ""); got.StatusCode != 200 || got.body != `{"status":"ready"}`+"\n" {
		t.Errorf("GET /readyz = %d %q, want 200 ready", got.StatusCode, got.body)
	}
	reason = errors.New("store stopped after a failed commit")
	got := call(t, srv, http.MethodGet, "/readyz", "")
	wantProblem(t, got, 503, "not_ready")
	if !strings.Contains(got.body, reason.Error()) {
		t.Errorf("GET /readyz = %s, want the reason %q", got.body, reason)
	}
	if got := call(t, srv, http.MethodGet, "/healthz", ""); got.StatusCode != 200 {
		t.Errorf("GET /healthz of a server that is not ready = %d, want 200: the process lives", got.StatusCode)
	}
}

func TestMetricsComeEvenWhenSomeFail(t *testing.T) {
	reg := prometheus.NewRegistry()
	pushes := prometheus.NewCounter(prometheus.CounterOpts{Name: "suitekeeper_pushes_total", Help: "Pushes."})
	pushes.Add(7)
	reg.MustRegister(pushes, broken{prometheus.NewDesc("suitekeeper_broken", "Fails.", nil, nil)})
	o := options()
	o.Metrics = reg
	core, logs := observer.New(zap.ErrorLevel)
	o.Logger = zap.New(core)
	got := call(t, serve(t, o), http.MethodGet, "/metrics", "")
	if got.StatusCode != 200 || !strings.Contains(got.body, "suitekeeper_pushes_total 7") {
		t.Errorf("GET /metrics = %d %q, want 200 with the counter", got.StatusCode, got.body)
	}
	if !strings.HasPrefix(got.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("GET /metrics: Content-Type = %q, want text/plain", got.Header.Get("Content-Type"))
	}
	if logs.Len() != 1 {
		t.Errorf("log has %d errors, want 1 about what failed", logs.Len())
	}
}

// broken is a collector that cannot collect.
type broken struct{ desc *prometheus.Desc }

func (b broken) Describe(ch chan<- *prometheus.Desc) { ch <- b.desc }
func (b broken) Collect(ch chan<- prometheus.Metric) {
	ch <- prometheus.NewInvalidMetric(b.desc, errors.New("cannot be read"))
}

func TestFailureIsPlainForTheCallerAndFullInTheLog(t *testing.T) {
	tests := []struct {
		name   string
		keeper admin.Keeper
		logged string
	}{
		{"error", keeper{err: errors.New("read the status: bad page")}, "bad page"},
		{"panic", keeperFunc{status: func(context.Context) (suite.Report, error) {
			var missing *suite.Report
			return *missing, nil
		}}, "nil pointer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := options()
			core, logs := observer.New(zap.ErrorLevel)
			o.Keeper, o.Logger = tt.keeper, zap.New(core)
			got := call(t, serve(t, o), http.MethodGet, "/api/v1/status", viewerToken)
			wantProblem(t, got, 500, "internal")
			if strings.Contains(got.body, tt.logged) {
				t.Errorf("answer = %s, want nothing of the cause", got.body)
			}
			if !strings.Contains(logText(logs), tt.logged) {
				t.Errorf("log = %s, want %q in it", logText(logs), tt.logged)
			}
		})
	}
}

func TestPanicWithAValueOfOursLogsItsTypeOnly(t *testing.T) {
	o := options()
	core, logs := observer.New(zap.DebugLevel)
	o.Logger = zap.New(core)
	o.Keeper = keeperFunc{status: func(context.Context) (suite.Report, error) { panic("canary-secret") }}
	wantProblem(t, call(t, serve(t, o), http.MethodGet, "/api/v1/status", viewerToken), 500, "internal")
	if text := logText(logs); strings.Contains(text, "canary") || !strings.Contains(text, "string") {
		t.Errorf("log = %s, want the type of the panic's value and not the value", text)
	}
}

func TestNothingMayBeCachedOrRendered(t *testing.T) {
	srv := serve(t, options())
	for _, path := range []string{"/healthz", "/metrics", "/api/v1/status", "/nowhere"} {
		for _, token := range []string{"", viewerToken} {
			h := call(t, srv, http.MethodGet, path, token).Header
			for name, want := range map[string]string{
				"Cache-Control":           "no-store",
				"X-Content-Type-Options":  "nosniff",
				"Referrer-Policy":         "no-referrer",
				"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
			} {
				if got := h.Get(name); got != want {
					t.Errorf("GET %s: %s = %q, want %q", path, name, got, want)
				}
			}
		}
	}
}

func TestNoTokenComesOutAgain(t *testing.T) {
	o := options()
	core, logs := observer.New(zap.DebugLevel)
	o.Logger = zap.New(core)
	srv := serve(t, o)
	var seen strings.Builder
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		for _, path := range []string{"/healthz", "/readyz", "/metrics", "/api/v1/status", "/api/v1/suites", "/openapi.json", "/nowhere"} {
			for _, token := range []string{"", viewerToken, operatorToken, appToken, wrongToken} {
				got := call(t, srv, method, path, token)
				seen.WriteString(got.body)
				for name, values := range got.Header {
					seen.WriteString(name + strings.Join(values, " "))
				}
			}
		}
	}
	if strings.Contains(seen.String(), "canary") {
		t.Error("an answer holds a token")
	}
	if text := logText(logs); strings.Contains(text, "canary") || !strings.Contains(text, "forbidden") {
		t.Errorf("log = %s, want refusals without tokens", text)
	}
}

// logText is all that was logged, as text.
func logText(logs *observer.ObservedLogs) string {
	var b strings.Builder
	for _, e := range logs.All() {
		b.WriteString(e.Message)
		for k, v := range e.ContextMap() {
			b.WriteString(" " + k + "=")
			if s, ok := v.(string); ok {
				b.WriteString(s)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}
