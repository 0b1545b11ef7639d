package admin_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"suitekeeper/handler/admin"
)

// calls are all paths that can be asked for, and which tokens open them.
var calls = []struct {
	path  string
	opens map[string]int // by token; what is not named is answered 401
}{
	{"/healthz", open},
	{"/readyz", open},
	{"/metrics", open},
	{"/api/v1/status", forViewers},
	{"/api/v1/suites", forViewers},
	{"/openapi.json", forViewers},
}

var (
	open       = map[string]int{"": 200, wrongToken: 200, viewerToken: 200, operatorToken: 200, appToken: 200}
	forViewers = map[string]int{"": 401, wrongToken: 401, viewerToken: 200, operatorToken: 200, appToken: 403}
)

func TestCallsNeedTheirRole(t *testing.T) {
	srv := serve(t, options())
	for _, c := range calls {
		for token, want := range c.opens {
			got := call(t, srv, http.MethodGet, c.path, token)
			if got.StatusCode != want {
				t.Errorf("GET %s with token %q = %d, want %d", c.path, token, got.StatusCode, want)
			}
			switch want {
			case 401:
				wantProblem(t, got, 401, "unauthorized")
				if h := got.Header.Get("WWW-Authenticate"); h != `Bearer realm="suitekeeper"` {
					t.Errorf("GET %s with token %q: WWW-Authenticate = %q, want a Bearer challenge", c.path, token, h)
				}
			case 403:
				wantProblem(t, got, 403, "forbidden")
			}
		}
	}
}

func TestAuthorizationIsOneBearerToken(t *testing.T) {
	srv := serve(t, options())
	tests := []struct {
		name   string
		values []string
		want   int
	}{
		{"scheme in lower case", []string{"bearer " + viewerToken}, 200},
		{"blanks around", []string{"Bearer   " + viewerToken + " "}, 200},
		{"no token", []string{"Bearer "}, 401},
		{"no scheme", []string{viewerToken}, 401},
		{"another scheme", []string{"Basic " + viewerToken}, 401},
		{"two headers", []string{"Bearer " + viewerToken, "Bearer " + viewerToken}, 401},
		{"two tokens", []string{"Bearer " + viewerToken + " " + operatorToken}, 401},
		{"beginning of a token", []string{"Bearer " + viewerToken[:8]}, 401},
		{"more than a token", []string{"Bearer " + viewerToken + "x"}, 401},
		{"token in another case", []string{"Bearer CANARY-VIEWER-9B1DEB4D3B7D"}, 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := callWith(t, srv, http.MethodGet, "/api/v1/suites", http.Header{"Authorization": tt.values})
			if got.StatusCode != tt.want {
				t.Errorf("GET with Authorization %q = %d, want %d", tt.values, got.StatusCode, tt.want)
			}
		})
	}
}

// wantProblem checks that an answer is a problem of RFC 9457 with that code.
func wantProblem(t *testing.T, got reply, status int, code string) {
	t.Helper()
	where := got.Request.Method + " " + got.Request.URL.Path
	if ct := got.Header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("%s: Content-Type = %q, want application/problem+json", where, ct)
	}
	var p admin.Problem
	if err := json.Unmarshal([]byte(got.body), &p); err != nil {
		t.Fatalf("%s = %q, want JSON: %v", where, got.body, err)
	}
	if got.StatusCode != status || p.Status != status || p.Code != code || p.Title != http.StatusText(status) || p.Detail == "" {
		t.Errorf("%s = %d with problem %+v, want %d with code %q, its title and a detail", where, got.StatusCode, p, status, code)
	}
}
