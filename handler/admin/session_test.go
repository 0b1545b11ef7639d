package admin_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/getkin/kin-openapi/openapi3"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"suitekeeper/handler/admin"
	"suitekeeper/handler/console"
)

// withConsole gives a world the console, as serve does.
func withConsole(w *world, o *admin.Options) {
	w.Helper()
	pages, err := console.New(console.Options{
		Keeper: w.keeper, Tokens: o.Tokens, Sessions: memstore.NewWithCleanupInterval(0), Throttle: admin.NewThrottle(), Store: o.Store,
	})
	w.must(err)
	w.console, o.Sessions = inMemory(pages), pages
}

// signIn is what a browser sends that is signed in to the console.
func (w *world) signIn(token string) http.Header {
	w.Helper()
	resp := w.postForm("/console/sign-in", http.Header{}, url.Values{"token": {token}})
	if len(resp.Cookies()) != 1 {
		w.Fatalf("sign-in = %d with the cookies %v, want one", resp.StatusCode, resp.Cookies())
	}
	cookie := resp.Cookies()[0]
	return http.Header{"Cookie": {cookie.Name + "=" + cookie.Value}, "Sec-Fetch-Site": {"same-origin"}}
}

// postForm sends a form of the console, and follows no redirect.
func (w *world) postForm(path string, header http.Header, form url.Values) *http.Response {
	w.Helper()
	req, err := http.NewRequestWithContext(w.Context(), http.MethodPost, w.console.URL+path, strings.NewReader(form.Encode()))
	w.must(err)
	req.Header = header.Clone()
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := w.console.client.Transport.RoundTrip(req)
	w.must(err)
	w.must(resp.Body.Close())
	return resp
}

// with is a header with another value.
func with(h http.Header, name, value string) http.Header {
	h = h.Clone()
	h.Set(name, value)
	return h
}

func TestSessionOpensWhatItsTokenDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withConsole)
		for _, token := range []string{viewerToken, operatorToken} {
			browser := w.signIn(token)
			for _, c := range calls {
				path := w.path(c)
				audited := len(w.audit())
				got := callWith(t, w.srv, c.method, path, browser.Clone(), c.body)
				want := c.wantStatus(token)
				if got.StatusCode != want {
					t.Errorf("%s in the session of %q = %d %s, want %d", c.id(), token, got.StatusCode, got.body, want)
				}
				if n := len(w.audit()) - audited; n != 0 && want == 403 {
					t.Errorf("%s in the session of %q: %d entries in the audit log, want none of what was refused", c.id(), token, n)
				}
				w.settle() // a repush runs
			}
		}
		got := callWith(t, w.srv, http.MethodPost, authorizationsPath+"/"+activeCorp+"/reveal", w.signIn(operatorToken), "")
		if e := w.audit()[0]; got.StatusCode != 200 || e.Actor != "ops" || e.Role != "operator" || e.Action != "reveal_permanent_code" {
			t.Errorf("reveal in the session of an operator = %d, audited as %+v, want 200 and the name of the token", got.StatusCode, e)
		}
	})
}

// A session comes along with whatever a browser sends, and a payload is
// revealed by a GET.
func TestSessionOpensNothingToPagesFromElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withConsole)
		browser := w.signIn(operatorToken)
		reveal := "/api/v1/events/" + w.eventOf("tmp_auth_code").ID + "?reveal=true"
		retry := authorizationsPath + "/" + activeCorp + "/retry"
		before := len(w.audit())
		for _, site := range []string{"cross-site", "same-site"} {
			foreign := with(browser, "Sec-Fetch-Site", site)
			wantProblem(t, callWith(t, w.srv, http.MethodGet, reveal, foreign.Clone(), ""), 403, "cross_origin")
			wantProblem(t, callWith(t, w.srv, http.MethodGet, "/api/v1/status", foreign.Clone(), ""), 403, "cross_origin")
			wantProblem(t, callWith(t, w.srv, http.MethodPost, retry, foreign.Clone(), ""), 403, "cross_origin")
		}
		old := with(browser, "Origin", "https://evil.example") // an old browser
		old.Del("Sec-Fetch-Site")
		wantProblem(t, callWith(t, w.srv, http.MethodGet, reveal, old.Clone(), ""), 403, "cross_origin")
		wantProblem(t, callWith(t, w.srv, http.MethodPost, retry, old.Clone(), ""), 403, "cross_origin")
		if n := len(w.audit()) - before; n != 0 {
			t.Errorf("%d audit entries were written for what other pages sent, want none", n)
		}
		if got := callWith(t, w.srv, http.MethodGet, reveal, browser.Clone(), ""); got.StatusCode != 200 {
			t.Errorf("GET %s of an own page = %d, want 200", reveal, got.StatusCode)
		}
	})
}

func TestSessionIsOverAsInTheConsole(t *testing.T) {
	const path = "/api/v1/status"
	tests := map[string]func(w *world, browser http.Header){
		"when the person signs out": func(w *world, browser http.Header) {
			w.postForm("/console/sign-out", browser, nil)
		},
		"twelve hours after the sign-in": func(w *world, browser http.Header) {
			for range 13 {
				callWith(w, w.console, http.MethodGet, "/console/", browser.Clone(), "")
				time.Sleep(time.Hour)
			}
		},
		"after two hours without a page, whatever is called": func(w *world, browser http.Header) {
			for range 4 {
				if got := callWith(w, w.srv, http.MethodGet, path, browser.Clone(), ""); got.StatusCode != 200 {
					w.Fatalf("GET %s in a session = %d, want 200", path, got.StatusCode)
				}
				time.Sleep(31 * time.Minute)
			}
		},
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, withConsole)
				browser := w.signIn(operatorToken)
				end(w, browser)
				got := callWith(t, w.srv, http.MethodGet, path, browser.Clone(), "")
				wantProblem(t, got, 401, "unauthorized")
				if !strings.Contains(got.body, "a browser that is signed in to the console") {
					t.Errorf("GET %s in a session that is over = %s, want what the call needs", path, got.body)
				}
			})
		})
	}
}

func TestBearerWinsOverTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withConsole)
		retry := authorizationsPath + "/" + activeCorp + "/retry"
		for _, tt := range []struct {
			session, header string
			status          int
			code            string
		}{
			{operatorToken, "Bearer " + viewerToken, 403, "forbidden"},
			{operatorToken, "Bearer " + wrongToken, 401, "unauthorized"},
			{operatorToken, "Basic " + operatorToken, 401, "unauthorized"},
			{operatorToken, "", 401, "unauthorized"},
			{viewerToken, "Bearer " + operatorToken, 202, ""},
		} {
			got := callWith(t, w.srv, http.MethodPost, retry, with(w.signIn(tt.session), "Authorization", tt.header), "")
			if tt.code != "" {
				wantProblem(t, got, tt.status, tt.code)
			} else if got.StatusCode != tt.status {
				t.Errorf("POST retry with %q in the session of %q = %d, want %d", tt.header, tt.session, got.StatusCode, tt.status)
			}
		}
	})
}

// brokenSessions cannot tell who is signed in.
type brokenSessions struct{}

func (brokenSessions) Session(*http.Request) (t admin.Token, ok bool, err error) {
	return t, false, errors.New("read a session: bad page")
}
func (brokenSessions) SessionCookie() string { return "session" }

func TestSessionThatCannotBeReadOpensNothing(t *testing.T) {
	o := options()
	core, logs := observer.New(zap.ErrorLevel)
	o.Sessions, o.Logger = brokenSessions{}, zap.New(core)
	srv := serve(t, o)
	wantProblem(t, callWith(t, srv, http.MethodGet, "/api/v1/status", http.Header{}, ""), 500, "internal")
	if !strings.Contains(logText(logs), "bad page") {
		t.Errorf("log = %s, want the cause in it", logText(logs))
	}
	if got := call(t, srv, http.MethodGet, "/api/v1/status", viewerToken); got.StatusCode != 200 {
		t.Errorf("GET with a token = %d, want 200", got.StatusCode)
	}
}

func TestDocumentTellsOfTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withConsole)
		got := w.call(http.MethodGet, "/openapi.json", viewerToken)
		var doc openapi3.T
		w.must(json.Unmarshal([]byte(got.body), &doc))
		if s := doc.Components.SecuritySchemes["session"]; s == nil || s.Value.In != "cookie" || s.Value.Name != "suitekeeper" {
			t.Errorf("/openapi.json describes the session as %+v, want the cookie suitekeeper", s)
		}
		for _, c := range calls {
			var roles []string
			if s := doc.Paths.Value(c.path).GetOperation(c.method).Security; s != nil {
				for _, requirement := range *s {
					roles = append(roles, requirement["session"]...)
				}
			}
			if !slices.Equal(roles, c.who) {
				t.Errorf("/openapi.json: roles of %s in a session = %q, want %q", c.id(), roles, c.who)
			}
		}
	})
}
