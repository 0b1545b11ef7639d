package console_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/handler/admin"
)

func TestPagesAskToSignIn(t *testing.T) {
	b := newBrowser(t, newConsole(t, options(newSample(time.Now()))))
	for path, want := range map[string]string{
		"/console/":                         "/console/sign-in",
		"/console/events?type=a&suite=b":    "/console/sign-in?next=%2Fconsole%2Fevents%3Ftype%3Da%26suite%3Db",
		"/console/authorizations/s/ding%2F": "/console/sign-in?next=%2Fconsole%2Fauthorizations%2Fs%2Fding%252F",
	} {
		got := b.get(path)
		if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != want {
			t.Errorf("GET %s = %d to %q, want 303 to %q", path, got.StatusCode, got.Header.Get("Location"), want)
		}
	}
	b.header.Set("Accept", "text/event-stream")
	if got := b.get("/console/"); got.StatusCode != http.StatusNoContent {
		t.Errorf("GET /console/ as a stream = %d, want 204, which ends it", got.StatusCode)
	}
}

func TestSignInLeadsToWherePeopleWanted(t *testing.T) {
	h := newConsole(t, options(newSample(time.Now())))
	for next, want := range map[string]string{
		"":                           "/console/",
		"/console/events?type=a%20b": "/console/events?type=a%20b",
		"/api/v1/status":             "/console/",
		"https://evil.example/":      "/console/",
		"//evil.example/console/":    "/console/",
		`/\evil.example/console/`:    "/console/",
		"/console/\\evil":            "/console/",
		"/console/../api":            "/console/../api", // a browser resolves it on this very server
		"javascript:alert(1)":        "/console/",
	} {
		got := newBrowser(t, h).post("/console/sign-in", url.Values{"token": {viewerToken}, "next": {next}})
		if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != want {
			t.Errorf("sign-in with next %q = %d to %q, want 303 to %q", next, got.StatusCode, got.Header.Get("Location"), want)
		}
	}
}

func TestSignInTakesTokensOfPeople(t *testing.T) {
	tests := []struct {
		name, token string
		status      int
		says        string
	}{
		{"viewer", viewerToken, 303, ""},
		{"operator", operatorToken, 303, ""},
		{"blanks around it", "  " + viewerToken + "\n", 303, ""},
		{"app", appToken, 403, "role app"},
		{"unknown", wrongToken, 403, "does not know that token"},
		{"none", "", 403, "does not know that token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newSample(time.Now())
			b := newBrowser(t, newConsole(t, options(k)))
			got := b.post("/console/sign-in", url.Values{"token": {tt.token}})
			if got.StatusCode != tt.status || !strings.Contains(got.body, tt.says) {
				t.Errorf("sign-in = %d with %q, want %d with %q", got.StatusCode, got.body, tt.status, tt.says)
			}
			if tt.token != "" && strings.Contains(got.body, strings.TrimSpace(tt.token)) {
				t.Error("the page shows the token")
			}
			if in := b.get("/console/").StatusCode == http.StatusOK; in != (tt.status == 303) {
				t.Errorf("signed in = %v, want %v", in, tt.status == 303)
			}
			if got, want := len(k.deeds()), map[bool]int{true: 1}[tt.status == 303]; got != want {
				t.Errorf("the audit log has %d entries, want %d", got, want)
			}
		})
	}
}

func TestSignInIsNotPossibleWithoutItsAuditEntry(t *testing.T) {
	k := newSample(time.Now())
	k.fail = errors.New("disk full")
	b := newBrowser(t, newConsole(t, options(k)))
	if got := b.post("/console/sign-in", url.Values{"token": {operatorToken}}); got.StatusCode != http.StatusInternalServerError {
		t.Errorf("sign-in with an audit log that fails = %d, want 500", got.StatusCode)
	}
	if got := b.get("/console/"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("GET /console/ = %d, want 303: nobody may be signed in", got.StatusCode)
	}
}

func TestSignInAndOutAreAudited(t *testing.T) {
	k := newSample(time.Now())
	b := signedIn(t, newConsole(t, options(k)), operatorToken)
	b.post("/console/sign-out", nil)
	want := []string{"ops (operator, 192.0.2.1): sign in", "ops (operator, 192.0.2.1): sign out"}
	if got := k.deeds(); !slices.Equal(got, want) {
		t.Errorf("audit = %q, want %q", got, want)
	}
}

func TestWrongTokensAreSlowedDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newConsole(t, options(newSample(time.Now())))
		b := newBrowser(t, h)
		for i := range 20 {
			if got := b.post("/console/sign-in", url.Values{"token": {wrongToken}}); got.StatusCode != http.StatusForbidden {
				t.Fatalf("wrong sign-in %d = %d, want 403", i, got.StatusCode)
			}
		}
		got := b.post("/console/sign-in", url.Values{"token": {operatorToken}})
		if got.StatusCode != http.StatusTooManyRequests || !strings.Contains(got.body, "Try again in 6 seconds") {
			t.Errorf("sign-in after 20 wrong ones = %d with %q, want 429 with how long to wait", got.StatusCode, got.body)
		}
		other := newBrowser(t, h)
		other.remote = "192.0.2.2:4711"
		if got := other.post("/console/sign-in", url.Values{"token": {operatorToken}}); got.StatusCode != http.StatusSeeOther {
			t.Errorf("sign-in from another address = %d, want 303", got.StatusCode)
		}
		time.Sleep(7 * time.Second)
		if got := b.post("/console/sign-in", url.Values{"token": {operatorToken}}); got.StatusCode != http.StatusSeeOther {
			t.Errorf("sign-in after the pause = %d, want 303", got.StatusCode)
		}
	})
}

func TestSignInChangesTheSession(t *testing.T) {
	b := signedIn(t, newConsole(t, options(newSample(time.Now()))), viewerToken)
	first := b.cookies["suitekeeper"]
	b.post("/console/sign-in", url.Values{"token": {operatorToken}})
	if second := b.cookies["suitekeeper"]; second == first || second == "" {
		t.Errorf("session after a second sign-in = %q, before %q, want a new one", second, first)
	}
	b.cookies["suitekeeper"] = first
	if got := b.get("/console/"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("GET /console/ with the old session = %d, want 303", got.StatusCode)
	}
}

func TestSessionEnds(t *testing.T) {
	use := func(b *browser, hours int) {
		for range hours {
			time.Sleep(time.Hour)
			b.get("/console/")
		}
	}
	tests := []struct {
		name string
		end  func(b *browser)
		in   bool
	}{
		{"by signing out, even for who kept the cookie", func(b *browser) {
			session := b.cookies["suitekeeper"]
			b.post("/console/sign-out", nil)
			b.cookies["suitekeeper"] = session
		}, false},
		{"after 12 hours in use", func(b *browser) { use(b, 12); time.Sleep(time.Second) }, false},
		{"after 2 hours without use", func(*browser) { time.Sleep(2*time.Hour + time.Minute) }, false},
		{"not before that", func(b *browser) { use(b, 11) }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := signedIn(t, newConsole(t, options(newSample(time.Now()))), operatorToken)
				tt.end(b)
				got := b.get("/console/")
				if in := got.StatusCode == http.StatusOK; in != tt.in {
					t.Errorf("signed in = %v, want %v", in, tt.in)
				}
				const told = "/console/sign-in?ended=true"
				if to := got.Header.Get("Location"); !tt.in && to != told {
					t.Errorf("it leads to %q, want %q", to, told)
				}
			})
		})
	}
}

func TestSessionOutlivesARestartUnlessItsTokenIsGone(t *testing.T) {
	o := options(newSample(time.Now()))
	b := signedIn(t, newConsole(t, o), operatorToken)
	b.handler = newConsole(t, o)
	if got := b.get("/console/"); got.StatusCode != http.StatusOK {
		t.Errorf("GET /console/ after a restart = %d, want 200", got.StatusCode)
	}
	o.Tokens[1].Role = admin.RoleViewer
	b.handler = newConsole(t, o)
	if got := b.get("/console/audit"); got.StatusCode != http.StatusForbidden {
		t.Errorf("GET /console/audit after the role was lowered = %d, want 403", got.StatusCode)
	}
	o.Tokens = o.Tokens[:1]
	b.handler = newConsole(t, o)
	if got := b.get("/console/"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("GET /console/ after the token was taken out = %d, want 303", got.StatusCode)
	}
}
