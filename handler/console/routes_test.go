package console_test

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"suitekeeper/handler/console"
)

// openRoutes take forms of anybody: they sign in, sign out and choose a
// language. All others are for operators.
var openRoutes = map[string]struct {
	path string
	form url.Values
}{
	"/console/sign-in":  {"/console/sign-in", url.Values{"token": {operatorToken}}},
	"/console/sign-out": {"/console/sign-out", nil},
	"/console/language": {"/console/language", url.Values{"language": {"zh"}}},
}

// origins are where a form may come from, and whether that is this console.
var origins = map[string]struct {
	header http.Header
	own    bool
}{
	"this console":                     {http.Header{"Sec-Fetch-Site": {"same-origin"}}, true},
	"this console, of an old browser":  {http.Header{"Sec-Fetch-Site": {}, "Origin": {"http://example.com"}}, true},
	"another site":                     {http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}, false},
	"another site, of an old browser":  {http.Header{"Sec-Fetch-Site": {}, "Origin": {"https://evil.example"}}, false},
	"another site of the same domain":  {http.Header{"Sec-Fetch-Site": {"same-site"}, "Origin": {"http://other.example.com"}}, false},
	"another port, of an old browser":  {http.Header{"Sec-Fetch-Site": {}, "Origin": {"http://example.com:8080"}}, false},
	"a frame without an origin":        {http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"null"}}, false},
	"a frame, of an old browser":       {http.Header{"Sec-Fetch-Site": {}, "Origin": {"null"}}, false},
	"what claims an unknown relation":  {http.Header{"Sec-Fetch-Site": {"same-origin, cross-site"}}, false},
	"another site with a header twice": {http.Header{"Sec-Fetch-Site": {"cross-site", "same-origin"}}, false},
}

// formRoutes are all routes of the router's own list that take forms.
func formRoutes(t *testing.T) (patterns []string) {
	t.Helper()
	c, err := console.New(options(newSample(time.Now())))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range console.Routes(c) {
		switch r.Method {
		case http.MethodPost:
			patterns = append(patterns, r.Path)
		case http.MethodGet, http.MethodHead:
		default:
			t.Errorf("%s %s: forms are sent by POST, and nothing else changes anything", r.Method, r.Path)
		}
	}
	return patterns
}

var parameter = regexp.MustCompile(`:\w+`)

// formOf is a form for a route, and whether it is for operators only. A route
// that is in neither table is one that nobody has thought about.
func formOf(t *testing.T, pattern string) (path string, form url.Values, guarded bool) {
	t.Helper()
	if open, ok := openRoutes[pattern]; ok {
		return open.path, open.form, false
	}
	match := regexp.MustCompile("^" + parameter.ReplaceAllString(pattern, "[^/]+") + "$")
	for _, a := range actions {
		if match.MatchString(a.path) {
			return a.path, a.form, true
		}
	}
	t.Fatalf("POST %s stands neither in actions nor in openRoutes: say what it does, and for whom it is", pattern)
	return "", nil, false
}

// Every route that changes or reveals something wants the role, and a form of
// this very console.
func TestEveryFormWantsItsRoleAndItsOrigin(t *testing.T) {
	patterns := formRoutes(t)
	if want := 8; len(patterns) != want {
		t.Errorf("the console takes forms at %d routes, want %d: %q", len(patterns), want, patterns)
	}
	for _, pattern := range patterns {
		path, form, guarded := formOf(t, pattern)
		k := newSample(time.Now())
		h := newConsole(t, options(k))
		for _, token := range []string{"", viewerToken, operatorToken} {
			for _, from := range slices.Sorted(maps.Keys(origins)) {
				b := newBrowser(t, h)
				if token != "" {
					b = signedIn(t, h, token)
				}
				cookies, before := maps.Clone(b.cookies), len(k.deeds())
				b.header = origins[from].header
				got := b.post(path, form)
				may := origins[from].own && (!guarded || token == operatorToken)
				sent := guarded && strings.HasPrefix(got.Header.Get("Location"), "/console/sign-in")
				if may && (sent || got.StatusCode != http.StatusOK && got.StatusCode != http.StatusSeeOther) {
					t.Errorf("POST %s by %q from %s = %d, want it done", path, token, from, got.StatusCode)
				}
				if may {
					continue
				}
				if want := refusedWith(origins[from].own, token); got.StatusCode != want || strings.Contains(got.body, "CANARY") {
					t.Errorf("POST %s by %q from %s = %d, want %d and nothing shown", path, token, from, got.StatusCode, want)
				}
				if deeds := k.deeds(); len(deeds) != before || !maps.Equal(b.cookies, cookies) {
					t.Errorf("POST %s by %q from %s did %q and left the cookies %v, want nothing done", path, token, from, deeds[before:], b.cookies)
				}
			}
		}
	}
}

// Every page but those that anybody may see sends whoever has not signed in to
// do so. A page that is in no table is one that nobody has thought about.
func TestEveryPageWantsASignIn(t *testing.T) {
	c, err := console.New(options(newSample(time.Now())))
	if err != nil {
		t.Fatal(err)
	}
	open := append(formRoutes(t), "/console", "/console/sign-in", "/console/static/:file") // addresses of forms lead to pages
	b, seen := newBrowser(t, c), 0
	for _, r := range console.Routes(c) {
		if r.Method == http.MethodPost || r.Path != "/console/repush" && slices.Contains(open, r.Path) {
			continue
		}
		match := regexp.MustCompile("^" + parameter.ReplaceAllString(r.Path, "[^/]+") + "$")
		paths := slices.DeleteFunc(slices.Collect(maps.Keys(pagePaths)), func(path string) bool { return !match.MatchString(path) })
		if len(paths) == 0 {
			t.Errorf("%s %s stands not in pagePaths: say for whom it is", r.Method, r.Path)
			continue
		}
		seen++
		got := b.do(r.Method, paths[0], nil)
		if got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/console/sign-in") || got.body != "" {
			t.Errorf("%s %s of nobody = %d to %q with %q, want 303 to the sign-in", r.Method, paths[0], got.StatusCode, got.Header.Get("Location"), got.body)
		}
	}
	if want := 2 * len(pagePaths); seen != want { // by GET and by HEAD
		t.Errorf("%d pages were tried, want %d", seen, want)
	}
}

// refusedWith is the status for who may not: nobody is sent to sign in, if it
// is this console that asks.
func refusedWith(own bool, token string) int {
	if own && token == "" {
		return http.StatusSeeOther
	}
	return http.StatusForbidden
}

// A link does nothing, wherever it is.
func TestLinksChangeNothing(t *testing.T) {
	for _, pattern := range formRoutes(t) {
		path, form, _ := formOf(t, pattern)
		k := newSample(time.Now())
		b := signedIn(t, newConsole(t, options(k)), operatorToken)
		before := len(k.deeds())
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions} {
			if got := b.do(method, path+"?"+form.Encode(), nil); strings.Contains(got.body, "CANARY") {
				t.Errorf("%s %s shows a secret", method, path)
			}
		}
		if deeds := k.deeds(); len(deeds) != before {
			t.Errorf("requests of %s that are no POST did %q, want nothing", path, deeds[before:])
		}
	}
}
