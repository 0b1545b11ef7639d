package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"suitekeeper/handler/console"
)

func TestEveryAnswerIsProtected(t *testing.T) {
	h := newConsole(t, options(newSample(time.Now())))
	b := signedIn(t, h, operatorToken)
	asset := regexp.MustCompile(`/console/static/[^"]*\.css`).FindString(b.get("/console/").body)
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
			"form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Referrer-Policy":              "same-origin",
		"X-Content-Type-Options":       "nosniff",
		"Cache-Control":                "no-store",
	}
	for _, path := range []string{"/console/", "/console/events", "/console/nothing", "/console/sign-in", "/console/static/nothing.css", asset} {
		got := b.get(path)
		for name, value := range want {
			if name == "Cache-Control" && path == asset {
				value = "public, max-age=31536000, immutable"
			}
			if got.Header.Get(name) != value {
				t.Errorf("GET %s: %s = %q, want %q", path, name, got.Header.Get(name), value)
			}
		}
	}
	if got := newBrowser(t, h).get("/console/"); got.Header.Get("Content-Security-Policy") == "" || got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the way to the sign-in has the headers %v, want a policy and no-store", got.Header)
	}
}

// What the policy forbids would not work, and nobody would see why.
func TestPagesKeepToThePolicy(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<style|<script(?:[^>]*)>[^<]|\sstyle=|\son[a-z]+=|javascript:|data:`)
	elsewhere := regexp.MustCompile(`(?:src|href|action)="(?:https?:)?//[^"]*"`)
	for _, v := range sampleViews() {
		body := sampleBrowser(t, v, "en").get(v.path).body
		if found := inline.FindString(body); found != "" {
			t.Errorf("%s has %q inline", v.name, found)
		}
		for _, found := range elsewhere.FindAllString(body, -1) {
			if found != `href="https://open-dev.dingtalk.com"` {
				t.Errorf("%s refers to %s", v.name, found)
			}
		}
	}
}

func TestAssetsAreNamedByTheirContents(t *testing.T) {
	b := signedIn(t, newConsole(t, options(newSample(time.Now()))), viewerToken)
	for name, kind := range map[string]string{
		"console.*.css": "text/css; charset=utf-8", "console.*.js": "text/javascript; charset=utf-8", "icon.*.svg": "image/svg+xml",
	} {
		pattern := "/console/static/" + strings.Replace(regexp.QuoteMeta(name), `\*`, "[0-9a-f]{12}", 1)
		path := regexp.MustCompile(pattern).FindString(b.get("/console/").body)
		if got := b.get(path); path == "" || got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != kind {
			t.Errorf("GET %q (%s) = %d of type %q, want 200 of type %q", path, name, got.StatusCode, got.Header.Get("Content-Type"), kind)
		}
		if got := b.get("/console/static/" + strings.Replace(name, "*.", "", 1)); got.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s without its hash = %d, want 404", name, got.StatusCode)
		}
	}
}

func TestCookieOfTheSession(t *testing.T) {
	for _, secure := range []bool{false, true} {
		o := options(newSample(time.Now()))
		o.Secure = secure
		got := newBrowser(t, newConsole(t, o)).post("/console/sign-in", url.Values{"token": {operatorToken}})
		cookies := got.Cookies()
		if len(cookies) != 1 {
			t.Fatalf("sign-in sets the cookies %v, want one", cookies)
		}
		c, name := cookies[0], map[bool]string{false: "suitekeeper", true: "__Host-suitekeeper"}[secure]
		if c.Name != name || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Secure != secure || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 {
			t.Errorf("with TLS %v the cookie is %q, want %s, HttpOnly, SameSite=Strict, Secure only with TLS, ending with the browser", secure, c.Raw, name)
		}
	}
}

func TestLookingLeavesNoCookie(t *testing.T) {
	b := newBrowser(t, newConsole(t, options(newSample(time.Now()))))
	for _, path := range []string{"/console/sign-in", "/console/"} {
		if got := b.get(path); len(got.Cookies()) != 0 {
			t.Errorf("GET %s sets the cookies %v, want none", path, got.Cookies())
		}
	}
}

func TestOptionsAreRequired(t *testing.T) {
	for name, spoil := range map[string]func(*console.Options){
		"Keeper":   func(o *console.Options) { o.Keeper = nil },
		"Tokens":   func(o *console.Options) { o.Tokens = nil },
		"Sessions": func(o *console.Options) { o.Sessions = nil },
		"Store":    func(o *console.Options) { o.Store = nil },
		"Throttle": func(o *console.Options) { o.Throttle = nil },
	} {
		o := options(newSample(time.Now()))
		spoil(&o)
		if _, err := console.New(o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("New without %s = %v, want an error that names it", name, err)
		}
	}
}

func TestMethodsAndPathsThatAreNone(t *testing.T) {
	b := signedIn(t, newConsole(t, options(newSample(time.Now()))), operatorToken)
	for _, tt := range []struct {
		method, path string
		status       int
	}{
		{http.MethodHead, "/console/events", 200},
		{http.MethodDelete, "/console/events", 405},
		{http.MethodPost, "/console/audit", 405},
		{http.MethodGet, "/console", 301},
		{http.MethodGet, "/console/events/", 404},
		{http.MethodGet, "/console/events/no-id", 404},
		{http.MethodGet, "/console/authorizations?suite=unknown", 404},
		{http.MethodGet, "/console/authorizations/" + string(suiteA) + "/unknown", 404},
		{http.MethodGet, "/console/events?since=yesterday", 400},
	} {
		if got := b.do(tt.method, tt.path, nil); got.StatusCode != tt.status {
			t.Errorf("%s %s = %d, want %d", tt.method, tt.path, got.StatusCode, tt.status)
		}
	}
}
