package console_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"suitekeeper/suite"
)

// pagePaths are all pages of people who have signed in, with who may see them.
var pagePaths = map[string][]string{
	"/console/":               {viewerToken, operatorToken},
	"/console/authorizations": {viewerToken, operatorToken},
	"/console/authorizations/" + string(suiteA) + "/" + string(corpActive): {viewerToken, operatorToken},
	"/console/events":                        {viewerToken, operatorToken},
	"/console/events/" + eventID(3).String(): {viewerToken, operatorToken},
	"/console/rejections":                    {viewerToken, operatorToken},
	"/console/repush":                        {viewerToken, operatorToken},
	"/console/audit":                         {operatorToken},
}

// actions are all forms that change or reveal something.
var actions = []struct {
	name   string
	path   string
	form   url.Values
	deed   string // as the sample writes it down
	status int    // for operators
	to     string
}{
	{
		"retry", "/console/authorizations/" + string(suiteA) + "/" + string(corpFailed) + "/retry", nil,
		"retry " + string(suiteA) + " " + string(corpFailed), 303, "/console/authorizations/" + string(suiteA) + "/" + string(corpFailed),
	},
	{
		"retry of a corp with a strange id", "/console/authorizations/" + string(suiteA) + "/ding%2F5%3F%23%25/retry", nil,
		"retry " + string(suiteA) + " " + string(corpDisabled), 303, "/console/authorizations/" + string(suiteA) + "/ding%2F5%3F%23%25",
	},
	{
		"reveal a code", "/console/authorizations/" + string(suiteA) + "/" + string(corpActive) + "/reveal", nil,
		"reveal code " + string(suiteA) + " " + string(corpActive), 200, "",
	},
	{
		"reveal an event", "/console/events/" + eventID(3).String() + "/reveal", nil,
		"reveal event " + eventID(3).String(), 200, "",
	},
	{
		"process an event again", "/console/events/" + eventID(3).String() + "/repush", nil,
		"replay event " + eventID(3).String(), 303, "/console/events/" + eventID(3).String(),
	},
	{
		"process events again", "/console/repush", url.Values{"suite": {string(suiteA)}, "type": {"change_auth"}, "failed": {"true"}},
		"replay suite " + string(suiteA) + ", type change_auth, failed only", 303, "/console/repush#replays",
	},
}

func TestPagesAreForTheirRoles(t *testing.T) {
	h := newConsole(t, options(newSample(time.Now())))
	for path, may := range pagePaths {
		for _, token := range []string{viewerToken, operatorToken} {
			want := http.StatusForbidden
			if strings.Contains(strings.Join(may, " "), token) {
				want = http.StatusOK
			}
			if got := signedIn(t, h, token).get(path); got.StatusCode != want {
				t.Errorf("GET %s with %s = %d, want %d", path, token, got.StatusCode, want)
			}
		}
	}
}

func TestActionsAreForOperators(t *testing.T) {
	for _, a := range actions {
		t.Run(a.name, func(t *testing.T) {
			k := newSample(time.Now())
			h := newConsole(t, options(k))
			got := signedIn(t, h, operatorToken).post(a.path, a.form)
			if got.StatusCode != a.status || got.Header.Get("Location") != a.to {
				t.Errorf("POST %s = %d to %q, want %d to %q", a.path, got.StatusCode, got.Header.Get("Location"), a.status, a.to)
			}
			deeds := k.deeds()
			if want := "ops (operator, 192.0.2.1): " + a.deed; len(deeds) != 2 || deeds[1] != want {
				t.Errorf("POST %s did %q, want %q after the sign-in", a.path, deeds, want)
			}
		})
	}
}

func TestActionsAreRefused(t *testing.T) {
	tests := []struct {
		name   string
		token  string
		header http.Header
		status int
	}{
		{"to nobody in particular", "", nil, http.StatusSeeOther},
		{"to viewers", viewerToken, nil, http.StatusForbidden},
		{"to another site", operatorToken, http.Header{"Sec-Fetch-Site": {"cross-site"}}, http.StatusForbidden},
		{"to another site of the same domain", operatorToken, http.Header{"Sec-Fetch-Site": {"same-site"}}, http.StatusForbidden},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newSample(time.Now())
			h := newConsole(t, options(k))
			b, before := newBrowser(t, h), 0
			if tt.token != "" {
				b, before = signedIn(t, h, tt.token), 1
			}
			if tt.header != nil {
				b.header = tt.header
			}
			for _, a := range actions {
				got := b.post(a.path, a.form)
				if got.StatusCode != tt.status || strings.Contains(got.body, "CANARY") {
					t.Errorf("%s: POST %s = %d with %q, want %d and nothing shown", a.name, a.path, got.StatusCode, got.body, tt.status)
				}
			}
			if got := k.deeds(); len(got) != before {
				t.Errorf("the keeper was asked for %q, want nothing", got[before:])
			}
		})
	}
}

func TestSignInOfAnotherSiteIsRefused(t *testing.T) {
	b := newBrowser(t, newConsole(t, options(newSample(time.Now()))))
	b.header.Set("Sec-Fetch-Site", "cross-site")
	if got := b.post("/console/sign-in", url.Values{"token": {operatorToken}}); got.StatusCode != http.StatusForbidden || len(b.cookies) != 0 {
		t.Errorf("sign-in from another site = %d with cookies %v, want 403 and none", got.StatusCode, b.cookies)
	}
	b.header = http.Header{"Sec-Fetch-Site": {"none"}, "Origin": {"http://elsewhere.example"}}
	if got := b.post("/console/sign-in", url.Values{"token": {operatorToken}}); got.StatusCode != http.StatusSeeOther {
		t.Errorf("sign-in that nobody's page caused = %d, want 303", got.StatusCode)
	}
}

func TestNothingIsShownWithoutItsAuditEntry(t *testing.T) {
	for _, a := range actions {
		k := newSample(time.Now())
		b := signedIn(t, newConsole(t, options(k)), operatorToken)
		k.fail = errors.New("write the audit log: disk full")
		got := b.post(a.path, a.form)
		if got.StatusCode != http.StatusInternalServerError || strings.Contains(got.body, "CANARY") || strings.Contains(got.body, "disk full") {
			t.Errorf("%s: POST %s = %d with %q, want 500, nothing shown and no cause", a.name, a.path, got.StatusCode, got.body)
		}
	}
}

func TestWhatCannotBeDoneIsSaidOnThePage(t *testing.T) {
	corp := "/console/authorizations/" + string(suiteA) + "/" + string(corpActive)
	tests := []struct {
		path string
		err  error
		says string
	}{
		{corp + "/retry", suite.ErrNothingToRetry, "there is nothing to try again"},
		{corp + "/reveal", suite.ErrNoCode, "there is no permanent code"},
		{"/console/repush", suite.ErrReplayRuns, "Wait until that has ended"},
	}
	form := url.Values{"failed": {"true"}}
	for _, tt := range tests {
		k := newSample(time.Now())
		b := signedIn(t, newConsole(t, options(k)), operatorToken)
		k.fail = tt.err
		got := b.post(tt.path, form)
		to, _, _ := strings.Cut(got.Header.Get("Location"), "#")
		if got.StatusCode != http.StatusSeeOther {
			t.Fatalf("POST %s = %d, want 303", tt.path, got.StatusCode)
		}
		if page := b.get(to); !strings.Contains(page.body, tt.says) {
			t.Errorf("the page after POST %s does not say %q", tt.path, tt.says)
		}
		if page := b.get(to); strings.Contains(page.body, tt.says) {
			t.Errorf("the page after POST %s says %q twice", tt.path, tt.says)
		}
	}
}

// Whoever forgets to say which events are meant does not mean all of them.
func TestEventsOfEverySuiteAreNotProcessedAgain(t *testing.T) {
	k := newSample(time.Now())
	b := signedIn(t, newConsole(t, options(k)), operatorToken)
	before := len(k.deeds())
	for _, form := range []url.Values{nil, {"failed": {"false"}}, {"suite": {""}, "type": {"change_auth"}}, {"corp": {string(corpActive)}, "since": {"1h"}}} {
		got := b.post("/console/repush", form)
		if to := got.Header.Get("Location"); got.StatusCode != http.StatusSeeOther || to != "/console/repush" {
			t.Errorf("POST /console/repush of %v = %d to %q, want 303 to the page", form, got.StatusCode, to)
		}
		if page := b.get("/console/repush"); !strings.Contains(page.body, "Which events?") || !strings.Contains(page.body, "Choose a suite") {
			t.Errorf("the page after POST /console/repush of %v does not say what to do", form)
		}
	}
	if got := k.deeds(); len(got) != before {
		t.Errorf("the keeper was asked for %q, want nothing", got[before:])
	}
	page := b.get("/console/repush?preview=1&type=change_auth").body
	if strings.Contains(page, `class="does"`) || !strings.Contains(page, "Which events?") {
		t.Error("a preview of every suite can be started, or the page does not say what to choose")
	}
}

// previewing is a Keeper whose previews come to that.
type previewing struct {
	*sample
	preview suite.ReplayPreview
}

func (p previewing) PreviewReplay(context.Context, suite.ReplayQuery) (suite.ReplayPreview, error) {
	return p.preview, nil
}

// A preview that looked at as much as it may and found nothing does not say that
// nothing is like that, and what it did not look at can be processed.
func TestPreviewThatSawTooLittleCanBeStarted(t *testing.T) {
	for capped, says := range map[bool]string{true: "too many events to preview them all", false: "No stored event is like that."} {
		k := previewing{newSample(time.Now()), suite.ReplayPreview{Types: map[string]int{}, Capped: capped}}
		page := signedIn(t, newConsole(t, options(k)), operatorToken).get("/console/repush?preview=1&suite=" + string(suiteA)).body
		if startable := strings.Contains(page, `class="does"`); !strings.Contains(page, says) || startable != capped {
			t.Errorf("a preview with nothing found, capped %v, can be started: %v, want that %v and %q", capped, startable, capped, says)
		}
	}
}

// The only suite need not be chosen.
func TestOnlySuiteIsTheOneMeant(t *testing.T) {
	page := signedIn(t, newConsole(t, options(emptySample(time.Now()))), operatorToken).get("/console/repush").body
	if want := `<input type="hidden" name="suite" value="` + string(suiteB) + `">`; !strings.Contains(page, want) {
		t.Errorf("the form of the only suite has no %s", want)
	}
}

func TestAddressOfAnActionLeadsToItsPage(t *testing.T) {
	b := signedIn(t, newConsole(t, options(newSample(time.Now()))), viewerToken)
	for _, a := range actions[:5] {
		want := a.path[:strings.LastIndexByte(a.path, '/')]
		if got := b.get(a.path); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != want {
			t.Errorf("GET %s = %d to %q, want 303 to %q", a.path, got.StatusCode, got.Header.Get("Location"), want)
		}
	}
}
