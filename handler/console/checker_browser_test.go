package console_test

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestCheckerFindsWhatIsWrong keeps the checker itself honest: each rule is
// broken on its own, in every way that it knows.
func TestCheckerFindsWhatIsWrong(t *testing.T) {
	bad := readBadPages(t)
	srv := serve(t, bad)
	chrome := startChromium(t)
	chrome.do(chromedp.Navigate(srv.URL + "/page.html"))
	silent := eval[[]string](chrome, a11y+"; a11y.rules()")
	for _, name := range bad.names {
		rule, _, isBad := strings.Cut(name, "/")
		t.Run(name, func(t *testing.T) {
			got := chrome.with(t).rulesBroken(srv.URL + "/" + strings.ReplaceAll(name, " ", "%20"))
			var want []string
			if isBad {
				want = []string{rule}
			}
			if !slices.Equal(got, want) {
				t.Errorf("the checker finds %q, want %q", got, want)
			}
		})
		silent = slices.DeleteFunc(silent, func(r string) bool { return r == rule })
	}
	if len(silent) > 0 {
		t.Errorf("no bad page breaks the rules %q", silent)
	}
}

// rulesBroken are the names of the rules that the page at url breaks, in a
// window of 1280 pixels.
func (c *chromium) rulesBroken(url string) (rules []string) {
	c.t.Helper()
	c.as(1280, "light")
	c.do(chromedp.Navigate(url))
	for _, f := range slices.Concat(c.check("en", 1280), c.checkKeyboard()) {
		rules = append(rules, f.Rule)
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

// badPages serves the pages of testdata/bad.txtar.
type badPages struct {
	files map[string][]byte
	names []string // of the pages
}

func readBadPages(t testing.TB) *badPages {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/bad.txtar")
	if err != nil {
		t.Fatal(err)
	}
	bad := &badPages{files: map[string][]byte{}}
	for _, f := range archive.Files {
		data := f.Data
		if strings.Contains(f.Name, "/") {
			data = withFault(bad.files["page.html"], data)
		}
		if bytes.HasPrefix(data, []byte("<!doctype")) {
			bad.names = append(bad.names, f.Name)
		}
		bad.files[f.Name] = data
	}
	return bad
}

// withFault puts a fault into a page.
func withFault(page, fault []byte) []byte {
	place := []byte("<!-- fault -->")
	if first, rest, ok := bytes.Cut(fault, []byte("\n")); ok && bytes.HasPrefix(first, []byte("instead of: ")) {
		place, fault = bytes.TrimPrefix(first, []byte("instead of: ")), rest
	}
	return bytes.Replace(page, place, bytes.TrimSuffix(fault, []byte("\n")), 1)
}

func (p *badPages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	data, ok := p.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	kind := "text/html; charset=utf-8"
	for ending, other := range map[string]string{".css": "text/css", ".svg": "image/svg+xml"} {
		if strings.HasSuffix(name, ending) {
			kind = other
		}
	}
	w.Header().Set("Content-Type", kind)
	w.Write(data)
}

// TestBrowserComplaintsAreHeard makes sure that a page which the browser has
// something against fails its test.
func TestBrowserComplaintsAreHeard(t *testing.T) {
	policy := newBrowser(t, newConsole(t, options(emptySample(time.Now())))).get("/console/sign-in").Header.Get("Content-Security-Policy")
	chrome := startChromium(t)
	for _, tt := range []struct{ name, page, says string }{
		{"a style attribute", `<p style="color: red">text</p>`, "Content Security Policy"},
		{"a style element", `<style>p { color: red }</style>`, "Content Security Policy"},
		{"a script", `<script>1</script>`, "Content Security Policy"},
		{"a handler", `<img src="/nothing" onerror="1">`, "Content Security Policy"},
		{"another site", `<img src="http://127.0.0.1:1/x.svg">`, "Content Security Policy"},
		{"a file that is not there", `<img src="/nothing">`, "404"},
		{"a script that reports", `<script src="/report.js"></script>`, "console.error"},
		{"a script that throws", `<script src="/throw.js"></script>`, "thrown"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			mux := http.NewServeMux()
			answer := func(path, kind, text string) {
				mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", kind)
					w.Header().Set("Content-Security-Policy", policy)
					w.Write([]byte(text))
				})
			}
			answer("/page", "text/html", "<!doctype html>"+tt.page)
			answer("/favicon.ico", "image/svg+xml", "<svg/>")
			answer("/report.js", "text/javascript", `console.error("reported")`)
			answer("/throw.js", "text/javascript", `throw new Error("thrown")`)
			srv := serve(t, mux)
			chrome := chrome.with(t)
			chrome.do(chromedp.Navigate(srv.URL + "/page"))
			heard := chrome.heard()
			if !slices.ContainsFunc(heard, func(v complaint) bool { return strings.Contains(v.text, tt.says) }) {
				t.Errorf("the browser complains %q, want one with %q", heard, tt.says)
			}
		})
	}
}
