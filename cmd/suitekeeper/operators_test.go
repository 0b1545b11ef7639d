package main_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	keeper "suitekeeper/cmd/suitekeeper"
)

func TestConsoleStandsBeforeTheAPI(t *testing.T) {
	says := func(what string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, what) })
	}
	h := keeper.WithConsole(says("api"), says("console"))
	for _, tt := range []struct{ method, path, says, to string }{
		{"GET", "/", "", "/console/"},
		{"HEAD", "/", "", "/console/"},
		{"POST", "/", "api", ""},
		{"GET", "/console", "console", ""},
		{"GET", "/console/events?type=a", "console", ""},
		{"POST", "/console/repush", "console", ""},
		{"GET", "/consoles", "api", ""},
		{"GET", "/api/v1/status", "api", ""},
		{"GET", "/metrics", "api", ""},
		{"GET", "//", "api", ""},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(tt.method, "http://127.0.0.1"+tt.path, nil))
		if to := w.Header().Get("Location"); to != tt.to || (tt.says != "" && w.Body.String() != tt.says) {
			t.Errorf("%s %s is answered by %q and leads to %q, want %q and %q", tt.method, tt.path, w.Body, to, tt.says, tt.to)
		}
	}
}

func TestDeveloperConsoleOfTheStandIn(t *testing.T) {
	for api, want := range map[string]string{
		"https://oapi.dingtalk.com": "",
		"http://127.0.0.1:8082":     "http://127.0.0.1:8082/console/#{suite_key}",
		"http://[::1]:8082/":        "http://[::1]:8082/console/#{suite_key}",
		"https://127.0.0.1:8443":    "",
		"http://egress.internal":    "",
		"http://10.0.0.1:8082":      "",
	} {
		if got := keeper.DeveloperConsole(keeper.DingTalkConfiguration{OAPIURL: api}); got != want {
			t.Errorf("developerConsole(%q) = %q, want %q", api, got, want)
		}
	}
}

// TestConsoleSessionOpensTheAPI signs in and calls the API with the cookie
// alone, as a page of the console does.
func TestConsoleSessionOpensTheAPI(t *testing.T) {
	r := newTestReceiver(t, "http://127.0.0.1:9", keeper.SuiteConfiguration{
		Key: benchSuite, Secret: "benchsecret", Token: benchToken, AESKey: benchAESKey,
	})
	r.start()
	r.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	token, err := os.ReadFile(filepath.Join(r.cfg.Data, "admin.token"))
	r.must(err)
	in, err := r.do(http.MethodPost, r.admin+"/console/sign-in", url.Values{"token": {strings.TrimSpace(string(token))}}.Encode(),
		"Content-Type", "application/x-www-form-urlencoded")
	r.must(err)
	cookie, _, _ := strings.Cut(in.header.Get("Set-Cookie"), ";")
	for want, cookie := range map[int]string{http.StatusOK: cookie, http.StatusUnauthorized: cookie + "x"} {
		got, err := r.do(http.MethodGet, r.admin+"/api/v1/audit", "", "Cookie", cookie)
		r.must(err)
		if got.status != want {
			t.Errorf("GET /api/v1/audit with the cookie %q = %d %s, want %d", cookie, got.status, got.body, want)
		}
	}
}
