package console_test

import (
	_ "embed"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

//go:embed testdata/a11y.js
var a11y string

// deed is what somebody does on a page, and comes to another one.
type deed struct {
	sampleView
	do func(*chromium) (status int)
}

// deeds are those whose pages no address leads to, and a page that is too long
// for a golden file.
func deeds() []deed {
	corp := "/console/authorizations/" + string(suiteA) + "/"
	press := func(selector string) func(*chromium) int {
		return func(c *chromium) int { return c.click(selector) }
	}
	return []deed{
		{sampleView{name: "signin-refused", path: "/console/sign-in", status: http.StatusForbidden}, func(c *chromium) int {
			return c.leads(chromedp.SendKeys(chromedp.CSS("#token"), wrongToken+kb.Enter))
		}},
		{sampleView{name: "corp-revealed", path: corp + string(corpActive), token: operatorToken}, press(`form[action$="/reveal"] button`)},
		{sampleView{name: "corp-crowded", path: corp + string(corpActive), token: operatorToken, sample: crowdedSample, again: true}, nil},
		{sampleView{name: "corp-retried", path: corp + string(corpFailed), token: operatorToken}, press(`form[action$="/retry"] button`)},
		{sampleView{name: "event-revealed", path: "/console/events/" + eventID(3).String(), token: operatorToken}, press(`form[action$="/reveal"] button`)},
	}
}

// finding is what the checker has to say against a page.
type finding struct{ Rule, Where, Why string }

func (f finding) String() string { return f.Rule + ": " + f.Where + " " + f.Why }

// TestPagesAreAccessible has a browser lay out every page, in both languages,
// wide and narrow, light and dark, and checks what a machine can check.
func TestPagesAreAccessible(t *testing.T) {
	chrome := startChromium(t)
	all := deeds()
	for _, v := range sampleViews() {
		all = append(all, deed{sampleView: v})
	}
	languages, looks, keyboard := []string{"en", "zh"}, looks, []look{looks[0], looks[3]}
	if raced {
		languages, looks, keyboard = languages[:1], looks[:1], looks[:1]
	}
	for _, lang := range languages {
		for _, d := range all {
			if d.again && (raced || lang == "zh") { // its words are on the other page, too
				continue
			}
			t.Run(d.name+"-"+lang, func(t *testing.T) {
				chrome := chrome.with(t)
				meant := chrome.open(d, lang)
				for _, l := range looks {
					chrome.as(l.width, l.scheme)
					for _, f := range chrome.check(lang, l.width) {
						t.Errorf("%s: %s", l, f)
					}
					chrome.window(l.width, eval[int64](chrome, "document.documentElement.scrollHeight"))
					chrome.screenshot(d.name + "-" + lang + "-" + l.String())
				}
				for _, l := range keyboard {
					chrome.as(l.width, l.scheme)
					for _, f := range chrome.checkKeyboard() {
						t.Errorf("%s: %s", l, f)
					}
				}
				chrome.do(chromedp.Navigate("about:blank")) // which ends the stream
				for _, v := range chrome.heard(meant...) {
					t.Errorf("the browser complains of %s: %s", v.url, v.text)
				}
			})
		}
	}
}

// open shows a page of a fresh console, and returns its address if it is meant
// to be an error.
func (c *chromium) open(d deed, lang string) (meant []string) {
	c.t.Helper()
	b := sampleBrowser(c.t, d.sampleView, lang)
	srv := serve(c.t, b.handler)
	c.take(srv.URL, b.cookies)
	c.as(1280, "light")
	status := c.leads(chromedp.Navigate(srv.URL + d.path))
	if d.do != nil {
		status = d.do(c)
	}
	if want := max(d.status, http.StatusOK); status != want {
		c.t.Fatalf("status of %s = %d, want %d", d.path, status, want)
	}
	if d.status != 0 {
		meant = []string{eval[string](c, "location.href")}
	}
	return meant
}

// check applies the rules that need nobody to press anything.
func (c *chromium) check(lang string, width int64) []finding {
	c.t.Helper()
	tag := map[string]string{"en": "en", "zh": "zh-CN"}[lang]
	c.do(chromedp.Evaluate[chromedp.Void](a11y))
	return eval[[]finding](c, fmt.Sprintf("a11y.check({lang: %q, width: %d})", tag, width))
}

// checkKeyboard goes through the page with Tab.
func (c *chromium) checkKeyboard() (findings []finding) {
	c.t.Helper()
	c.do(chromedp.Evaluate[chromedp.Void](a11y))
	stops := eval[int](c, "a11y.watchFocus()")
	for range 2 { // places that scroll are stops, too, which only Tab finds
		c.do(chromedp.KeyEvent(strings.Repeat(kb.Tab, stops+2)))
		findings = eval[[]finding](c, "a11y.focusFindings()")
		if !slices.ContainsFunc(findings, func(f finding) bool { return f.Rule == "reach" }) {
			break
		}
	}
	return findings
}

// TestEveryPageIsLookedAt keeps the table of pages complete: it asks the list
// of routes.
func TestEveryPageIsLookedAt(t *testing.T) {
	source, err := os.ReadFile("console.go")
	if err != nil {
		t.Fatal(err)
	}
	routes := regexp.MustCompile(`get\(root(?:\+"([^"]*)")?, c\.page`).FindAllSubmatch(source, -1)
	if len(routes) < 9 {
		t.Fatalf("found %d pages in console.go, want at least 9", len(routes))
	}
	for _, route := range routes {
		pattern := "/console/" + regexp.MustCompile(`:\w+`).ReplaceAllString(string(route[1]), "[^/]+")
		matches := regexp.MustCompile("^" + pattern + "$").MatchString
		if !slices.ContainsFunc(sampleViews(), func(v sampleView) bool {
			path, _, _ := strings.Cut(v.path, "?")
			return matches(path) && v.status == 0
		}) {
			t.Errorf("no sample view is of %s", pattern)
		}
	}
}
