package main_test

import (
	"io"
	"net/http"
	"net/http/httptest"
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
		"http://127.0.0.1:8082":     "http://127.0.0.1:8082/console/",
		"http://[::1]:8082/":        "http://[::1]:8082/console/",
		"https://127.0.0.1:8443":    "",
		"http://egress.internal":    "",
		"http://10.0.0.1:8082":      "",
	} {
		if got := keeper.DeveloperConsole(keeper.DingTalkConfiguration{OAPIURL: api}); got != want {
			t.Errorf("developerConsole(%q) = %q, want %q", api, got, want)
		}
	}
}
