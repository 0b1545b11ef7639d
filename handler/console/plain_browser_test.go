package console_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestConsoleWorksWithoutJavaScript signs in, goes everywhere and does
// everything with scripts switched off.
func TestConsoleWorksWithoutJavaScript(t *testing.T) {
	k := newSample(time.Now())
	srv := serve(t, newConsole(t, options(k)))
	chrome := startChromium(t)
	chrome.do(call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	chrome.as(1280, "light")

	chrome.do(chromedp.Navigate(srv.URL + "/console/"))
	chrome.on("/console/sign-in", chrome.leads(chromedp.SendKeys(chromedp.CSS("#token"), wrongToken+kb.Enter)), http.StatusForbidden)
	chrome.on("/console/", chrome.leads(chromedp.SendKeys(chromedp.CSS("#token"), operatorToken+kb.Enter)), http.StatusOK)
	if !eval[bool](chrome, `document.querySelector("#link").hidden`) {
		t.Fatal("the script of the console runs, and should not")
	}

	for i, path := range []string{"", "authorizations", "events", "rejections", "repush", "audit"} {
		chrome.on("/console/"+path, chrome.click(fmt.Sprintf(".bar nav li:nth-child(%d) a", i+1)), http.StatusOK)
		if here := eval[int](chrome, `document.querySelectorAll(".bar nav a[aria-current=page]").length`); here != 1 {
			t.Errorf("the navigation of /console/%s marks %d pages, want 1", path, here)
		}
	}

	chrome.click(`.bar nav a[href$="/authorizations"]`)
	chrome.leads(chromedp.SendKeys(chromedp.CSS("#q"), string(corpFailed)+kb.Enter))
	chrome.on("/console/authorizations/"+string(suiteA)+"/"+string(corpFailed), chrome.click("tbody th a"), http.StatusOK)
	chrome.said(chrome.click(`form[action$="/retry"] button`))
	chrome.do(chromedp.Navigate(srv.URL + "/console/authorizations/" + string(suiteA) + "/" + string(corpActive)))
	chrome.click(`form[action$="/reveal"] button`)
	if got := eval[string](chrome, `document.querySelector("#code").innerText`); got != canaryCode {
		t.Errorf("the page shows %q, want the permanent code", got)
	}

	chrome.click(`.bar nav a[href$="/events"]`)
	chrome.click(`form.filter button`)
	chrome.click("tbody th a")
	chrome.said(chrome.click(`form[action$="/repush"] button`))

	chrome.click(`.bar nav a[href$="/repush"]`)
	chrome.click("#choose button")
	chrome.do(chromedp.WaitVisible(chromedp.CSS(".preview")))

	chrome.click(`form[action$="/language"] button`)
	if got := eval[string](chrome, "document.documentElement.lang"); got != "zh-CN" {
		t.Errorf("language = %q after switching, want zh-CN", got)
	}
	chrome.on("/console/sign-in", chrome.click(`form[action$="/sign-out"] button`), http.StatusOK)

	var got []string
	for _, d := range k.deeds() {
		_, what, _ := strings.Cut(d, ": ")
		got = append(got, what)
	}
	want := []string{
		"sign in", fmt.Sprintf("retry %s %s", suiteA, corpFailed), fmt.Sprintf("reveal code %s %s", suiteA, corpActive),
		fmt.Sprintf("replay event %s", eventID(5)), "sign out",
	}
	if !slices.Equal(got, want) {
		t.Errorf("what was done = %q, want %q", got, want)
	}
}

// on checks where the browser came, and how.
func (c *chromium) on(path string, status, want int) {
	c.t.Helper()
	got, _, _ := strings.Cut(eval[string](c, "location.pathname"), "?")
	if got != path || status != want {
		c.t.Fatalf("came to %s with status %d, want %s with %d", got, status, path, want)
	}
}

// said checks that the page says what came of something that was done.
func (c *chromium) said(status int) {
	c.t.Helper()
	if status != http.StatusOK {
		c.t.Errorf("status = %d, want %d", status, http.StatusOK)
	}
	c.do(chromedp.WaitVisible(chromedp.CSS(".flash")))
}
