package admin_test

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/handler/admin"
)

// apiCall is one call of the API.
type apiCall struct {
	method, path string   // as the document has them
	who          []string // the roles that may make it; nil: anybody
	status       int      // of the answer; 0: 200
	body         string
}

func (c apiCall) id() string { return c.method + " " + c.path }

// calls are all there are.
var calls = []apiCall{
	{method: "GET", path: "/healthz"},
	{method: "GET", path: "/readyz"},
	{method: "GET", path: "/metrics"},
	{method: "GET", path: "/openapi.json", who: forViewers},
	{method: "GET", path: "/api/v1/status", who: forViewers},
	{method: "GET", path: "/api/v1/suites", who: forViewers},
	{method: "POST", path: "/api/v1/suites/{suite_key}/check", who: forOperators},
	{method: "GET", path: "/api/v1/suites/{suite_key}/authorizations", who: forViewers},
	{method: "GET", path: "/api/v1/suites/{suite_key}/authorizations/{corp_id}", who: forViewers},
	{method: "POST", path: "/api/v1/suites/{suite_key}/authorizations/{corp_id}/reveal", who: forOperators},
	{method: "POST", path: "/api/v1/suites/{suite_key}/authorizations/{corp_id}/retry", who: forOperators, status: 202},
	{method: "GET", path: "/api/v1/events", who: forViewers},
	{method: "GET", path: "/api/v1/events/{id}", who: forViewers},
	{method: "POST", path: "/api/v1/events/{id}/repush", who: forOperators, status: 202},
	{method: "POST", path: "/api/v1/repush", who: forOperators, status: 202, body: `{"failed":true,"type":"nothing_of_that_type"}`},
	{method: "GET", path: "/api/v1/repush", who: forViewers},
	{method: "GET", path: "/api/v1/repush/{id}", who: forViewers},
	{method: "GET", path: "/api/v1/rejections", who: forViewers},
	{method: "GET", path: "/api/v1/audit", who: forOperators},
	{method: "POST", path: "/api/v1/backup", who: forOperators},
	{method: "GET", path: "/api/v1/keys", who: forViewers},
	{method: "POST", path: "/api/v1/keys/rotate", who: forOperators, status: 202},
}

var (
	forViewers   = []string{"viewer", "operator"}
	forOperators = []string{"operator"}
)

// bearers are those who try, by token.
var bearers = map[string]string{"": "", wrongToken: "", viewerToken: "viewer", operatorToken: "operator", appToken: "app"}

// wantStatus is how a call is answered to the bearer of a token.
func (c apiCall) wantStatus(token string) int {
	switch role := bearers[token]; {
	case c.who == nil, slices.Contains(c.who, role):
		return cmp.Or(c.status, 200)
	case role == "":
		return 401
	default:
		return 403
	}
}

func TestCallsNeedTheirRole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		before := len(w.audit())
		for _, c := range calls {
			for token := range bearers {
				time.Sleep(time.Minute) // or the wrong tokens would be too many
				audited := len(w.audit())
				want := c.wantStatus(token)
				path := w.path(c)
				prepared := len(w.audit()) - audited
				got := callWith(t, w.srv, c.method, path, bearer(token), c.body)
				if got.StatusCode != want {
					t.Errorf("%s with token %q = %d %s, want %d", c.id(), token, got.StatusCode, got.body, want)
				}
				switch want {
				case 401:
					wantProblem(t, got, 401, "unauthorized")
					if h := got.Header.Get("WWW-Authenticate"); h != `Bearer realm="suitekeeper"` {
						t.Errorf("%s with token %q: WWW-Authenticate = %q, want a Bearer challenge", c.id(), token, h)
					}
				case 403:
					wantProblem(t, got, 403, "forbidden")
				}
				if n := len(w.audit()) - audited - prepared; n != 0 && want/100 == 4 {
					t.Errorf("%s with token %q: %d entries in the audit log, want none of what was refused", c.id(), token, n)
				}
			}
		}
		if len(w.audit()) == before {
			t.Error("nothing was audited, want what the operator did")
		}
	})
}

// TestNoCallIsForAppsYet is what docs and --help say of the role, told by the
// document that all routes are registered in.
func TestNoCallIsForAppsYet(t *testing.T) {
	srv, calls := serve(t, options()), 0
	for path, item := range loadDocument(t).Paths.Map() {
		for method, op := range item.Operations() {
			if op.Security == nil { // healthz, readyz and metrics are for anybody
				continue
			}
			calls++
			path = strings.NewReplacer("{suite_key}", "suite4xxxxxxxxxxxxxxx", "{corp_id}", "ding1", "{id}", "1").Replace(path)
			wantProblem(t, callWith(t, srv, method, path, bearer(appToken), ""), 403, "forbidden")
		}
	}
	if calls < 15 {
		t.Errorf("only %d calls need a role: the test did not test much", calls)
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
			got := callWith(t, srv, http.MethodGet, "/api/v1/suites", http.Header{"Authorization": tt.values}, "")
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
	if got.StatusCode != status || p.Status != status || p.Code != code || p.Title != http.StatusText(status) || p.Detail != p.Message+" "+p.Cure ||
		p.Cure == "" || p.MessageZH == p.Message || p.CureZH == p.Cure || strings.Contains(p.MessageZH+p.CureZH, "未知") {
		t.Errorf("%s = %d with problem %+v, want %d with code %q, its title and a detail", where, got.StatusCode, p, status, code)
	}
}

// decode reads the JSON of a success.
func decode[T any](w *world, got reply) T {
	w.Helper()
	var v T
	if got.StatusCode/100 != 2 {
		w.Fatalf("%s %s = %d %s, want a success", got.Request.Method, got.Request.URL, got.StatusCode, got.body)
	}
	if err := json.Unmarshal([]byte(got.body), &v); err != nil {
		w.Fatalf("%s %s = %s, want JSON: %v", got.Request.Method, got.Request.URL, got.body, err)
	}
	return v
}
