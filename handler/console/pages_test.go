package console_test

import (
	"flag"
	"fmt"
	"html/template"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"suitekeeper/suite"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sampleView is one page as somebody sees it.
type sampleView struct {
	name   string // of its golden file
	path   string
	token  string                  // empty: nobody is signed in
	sample func(time.Time) *sample // nil: newSample
	again  bool                    // it is another page of the table with other contents
	status int                     // 0: 200
}

// sampleViews are all pages, each in the ways in which it may look.
func sampleViews() []sampleView {
	corp := func(id string) string { return "/console/authorizations/" + string(suiteA) + "/" + id }
	return []sampleView{
		{name: "signin", path: "/console/sign-in?next=%2Fconsole%2Fevents"},
		{name: "overview", path: "/console/", token: operatorToken},
		{name: "overview-viewer", path: "/console/", token: viewerToken, again: true},
		{name: "overview-empty", path: "/console/", token: operatorToken, sample: emptySample},
		{name: "overview-crowded", path: "/console/", token: operatorToken, sample: crowdedSample, again: true},
		{name: "signin-ended", path: "/console/sign-in?ended=true&next=%2Fconsole%2Fevents"},
		{name: "authorizations-crowded", path: "/console/authorizations", token: operatorToken, sample: crowdedSample, again: true},
		{name: "authorizations", path: "/console/authorizations", token: operatorToken},
		{name: "authorizations-none", path: "/console/authorizations?status=failed&q=nobody", token: operatorToken},
		{name: "authorizations-short", path: "/console/authorizations?q=far", token: operatorToken, again: true},
		{name: "authorizations-empty", path: "/console/authorizations", token: operatorToken, sample: emptySample},
		{name: "corp-active", path: corp(string(corpActive)), token: operatorToken},
		{name: "corp-refused", path: corp(string(corpPending)), token: operatorToken, sample: crowdedSample, again: true},
		{name: "corp-active-viewer", path: corp(string(corpActive)), token: viewerToken, again: true},
		{name: "corp-pending", path: corp(string(corpPending)), token: operatorToken},
		{name: "corp-failed", path: corp(string(corpFailed)), token: operatorToken},
		{name: "corp-relieved", path: corp(string(corpRelieved)), token: operatorToken},
		{name: "corp-disabled", path: corp("ding%2F5%3F%23%25"), token: operatorToken},
		{name: "events", path: "/console/events", token: operatorToken},
		{name: "events-filtered", path: "/console/events?outcome=quarantined&since=24h&cursor=x", token: operatorToken, again: true},
		{name: "events-empty", path: "/console/events?corp=nobody", token: operatorToken, sample: emptySample},
		{name: "event", path: "/console/events/" + eventID(3).String(), token: operatorToken},
		{name: "event-row", path: "/console/events/" + eventID(2).String(), token: viewerToken},
		{name: "event-quarantined", path: "/console/events/" + eventID(4).String(), token: operatorToken},
		{name: "rejections", path: "/console/rejections", token: viewerToken},
		{name: "rejections-crowded", path: "/console/rejections", token: viewerToken, sample: crowdedSample, again: true},
		{name: "rejections-empty", path: "/console/rejections", token: viewerToken, sample: emptySample},
		{name: "repush", path: "/console/repush", token: operatorToken},
		{name: "repush-crowded", path: "/console/repush", token: operatorToken, sample: crowdedSample, again: true},
		{name: "repush-preview", path: "/console/repush?preview=1&type=change_auth&since=24h&failed=true", token: operatorToken},
		{name: "repush-viewer", path: "/console/repush", token: viewerToken, again: true},
		{name: "repush-boundless", path: "/console/repush?preview=1&type=change_auth", token: operatorToken},
		{name: "repush-empty", path: "/console/repush?preview=1&suite=" + string(suiteB), token: operatorToken, sample: emptySample},
		{name: "audit", path: "/console/audit", token: operatorToken},
		{name: "audit-empty", path: "/console/audit", token: operatorToken, sample: emptySample},
		{name: "error-forbidden", path: "/console/audit", token: viewerToken, status: http.StatusForbidden},
		{name: "error-missing", path: "/console/nothing", token: viewerToken, status: http.StatusNotFound},
		{name: "error-query", path: "/console/events?cursor=bad", token: viewerToken, status: http.StatusBadRequest},
	}
}

var assetHash = regexp.MustCompile(`\.[0-9a-f]{12}\.`)

// The golden files are what people get to see. Refresh them with -update, and
// look at what has changed.
func TestPagesLookAsTheyDid(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		for _, v := range sampleViews() {
			t.Run(v.name+"-"+lang, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { // where it is always the same time
					got := sampleBrowser(t, v, lang).get(v.path)
					if want := max(v.status, http.StatusOK); got.StatusCode != want {
						t.Errorf("GET %s = %d, want %d", v.path, got.StatusCode, want)
					}
					wantGolden(t, v.name+"-"+lang, settled(got.body))
				})
			})
		}
	}
}

// settled is a page without what changes elsewhere: the contents of assets, and
// the texts of the catalogue.
func settled(page string) string {
	for _, r := range newSample(time.Now()).refuse.Rejections {
		message, cure := r.Explain()
		for name, text := range map[string]suite.Text{"message": message, "cure": cure} {
			for _, words := range []string{text.EN, text.ZH} {
				page = strings.ReplaceAll(page, template.HTMLEscapeString(words), fmt.Sprintf("[%s of %s]", name, r.Reason))
			}
		}
	}
	return assetHash.ReplaceAllString(page, ".")
}

// sampleBrowser is signed in to a console of the sample.
func sampleBrowser(t testing.TB, v sampleView, lang string) *browser {
	t.Helper()
	world := newSample
	if v.sample != nil {
		world = v.sample
	}
	h := newConsole(t, options(world(time.Now())))
	b := newBrowser(t, h)
	if v.token != "" {
		b = signedIn(t, h, v.token)
	}
	b.cookies["suitekeeper_language"] = lang
	return b
}

func wantGolden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden.html")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the page differs from %s (-want +got):\n%s", file, diff)
	}
}

func TestOverviewBoundsAlertsThatAreAlike(t *testing.T) {
	const corps = 60
	v := sampleView{path: "/console/", token: operatorToken, sample: func(now time.Time) *sample {
		s := newSample(now)
		for i := range corps {
			s.report.Alerts = append(s.report.Alerts, suite.Alert{Code: suite.AlertReauthorizeNeeded, Severity: suite.SeverityWarning, Suite: suiteA, Corp: suite.CorpID(fmt.Sprintf("dingalike%d", i))})
		}
		return s
	}}
	page := sampleBrowser(t, v, "en").get(v.path).body
	if n := strings.Count(page, `data-key="reauthorize_needed `); n != 43 {
		t.Errorf("the page has %d alerts of %d, want 43", n, corps)
	}
	for _, want := range []string{"57 more:", "The other 17 are in the list of failed authorisations", "/console/authorizations?status=failed&amp;suite=" + string(suiteA)} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestCorpSaysThatOlderEventsAreElsewhere(t *testing.T) {
	v := sampleView{path: "/console/authorizations/" + string(suiteA) + "/" + string(corpActive), token: operatorToken}
	const words = "Older events are not in this list."
	if page := sampleBrowser(t, v, "en").get(v.path).body; strings.Contains(page, words) {
		t.Errorf("the page of a corp with few events says %q", words)
	}
	v.sample = crowdedSample
	if page := sampleBrowser(t, v, "en").get(v.path).body; !strings.Contains(page, words) {
		t.Errorf("the page of a corp with many events does not say %q:\n%s", words, page)
	}
}
