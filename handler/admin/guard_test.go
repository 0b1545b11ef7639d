package admin_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"suitekeeper/handler/admin"
)

func TestTwentyWrongTokensAreEnough(t *testing.T) {
	o := options()
	o.Throttle = admin.NewThrottle()
	srv := serve(t, o)
	for range 20 {
		wantProblem(t, call(t, srv, http.MethodGet, "/api/v1/suites", wrongToken), 401, "unauthorized")
	}
	for _, path := range []string{"/api/v1/suites", "/nowhere"} {
		got := call(t, srv, http.MethodGet, path, viewerToken)
		wantProblem(t, got, 429, "too_many_attempts")
		if after := got.Header.Get("Retry-After"); after != "6" {
			t.Errorf("GET %s after 20 wrong tokens: Retry-After = %q, want 6", path, after)
		}
	}
	wantProblem(t, call(t, srv, http.MethodGet, "/api/v1/suites", ""), 401, "unauthorized")
	if got := call(t, srv, http.MethodGet, "/healthz", wrongToken); got.StatusCode != 200 {
		t.Errorf("GET /healthz after 20 wrong tokens = %d, want 200", got.StatusCode)
	}
	if _, pause := o.Throttle.Try("127.0.0.1", right); pause == 0 {
		t.Error("the throttle that was given is not the one in use")
	}
}

func TestRightTokensAreNeverTooMany(t *testing.T) {
	srv := serve(t, options())
	for range 30 {
		if got := call(t, srv, http.MethodGet, "/api/v1/suites", viewerToken); got.StatusCode != 200 {
			t.Fatalf("GET /api/v1/suites = %d, want 200 however often", got.StatusCode)
		}
		wantProblem(t, call(t, srv, http.MethodGet, "/api/v1/suites", ""), 401, "unauthorized")
	}
}

func TestPagesOfOtherSitesMayNotChangeAnything(t *testing.T) {
	srv := serve(t, options())
	tests := []struct {
		name   string
		header http.Header
		want   int
	}{
		{"program", http.Header{}, 405},
		{"own page", http.Header{"Sec-Fetch-Site": {"same-origin"}}, 405},
		{"typed address", http.Header{"Sec-Fetch-Site": {"none"}}, 405},
		{"other site", http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403},
		{"other host of the same site", http.Header{"Sec-Fetch-Site": {"same-site"}}, 403},
		{"own page of an old browser", http.Header{"Origin": {srv.URL}}, 405},
		{"other site in an old browser", http.Header{"Origin": {"https://evil.example"}}, 403},
		{"page without origin", http.Header{"Origin": {"null"}}, 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.header.Set("Authorization", "Bearer "+operatorToken)
			got := callWith(t, srv, http.MethodPost, "/api/v1/suites", tt.header, "")
			if tt.want == 403 {
				wantProblem(t, got, 403, "cross_origin")
			} else if got.StatusCode != tt.want {
				t.Errorf("POST with %v = %d, want %d", tt.header, got.StatusCode, tt.want)
			}
			if got := callWith(t, srv, http.MethodGet, "/api/v1/suites", tt.header, ""); got.StatusCode != 200 {
				t.Errorf("GET with %v = %d, want 200: it changes nothing", tt.header, got.StatusCode)
			}
		})
	}
}

func TestWhatOtherSitesSendIsNotDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		before := len(w.audit())
		for _, c := range calls {
			if c.method != http.MethodPost {
				continue
			}
			header := bearer(operatorToken)
			header.Set("Sec-Fetch-Site", "cross-site")
			path := w.path(c)
			got := callWith(t, w.srv, c.method, path, header, c.body)
			wantProblem(t, got, 403, "cross_origin")
		}
		if n := len(w.audit()); n != before {
			t.Errorf("%d audit entries were written for what other sites sent, want none", n-before)
		}
	})
}

func TestParametersMeanOneThing(t *testing.T) {
	srv := serve(t, options())
	for _, query := range []string{"a=%zz", "a=1;b=2", "a=1&a=2", "a=1&a=1"} {
		wantProblem(t, call(t, srv, http.MethodGet, "/api/v1/suites?"+query, viewerToken), 422, "invalid_request")
	}
}
