package main_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// consolePages are the pages of the console, with the filters that people use.
func (r *scaleReceiver) consolePages(size scale) []scaleCall {
	r.Helper()
	r.session = r.signIn()
	const auths, events = "/console/authorizations", "/console/events"
	same := func(path string) func(int) string { return func(int) string { return path } }
	search := func(text func(i int) string) func(int) string {
		return func(round int) string { return auths + "?q=" + url.QueryEscape(text(round*7919%size.corps)) }
	}
	corp := func(i int) string { return corpOf(i * 7919 % size.corps) }
	return []scaleCall{
		{"console, overview", same("/console/"), rows("<article", 2)},
		{"console, authorisations", same(auths), rows("<tr role=\"row\" data-key", 50)},
		{"console, failed", same(auths + "?status=failed"), rows("<h1", 1)},
		{"console, relieved", same(auths + "?status=relieved"), rows("<tr role=\"row\" data-key", 50)},
		{"console, search, corp id", search(corpOf), rows("<tr role=\"row\" data-key", 1)},
		{"console, search, name", search(nameOf), rows("<tr role=\"row\" data-key", 1)},
		{"console, search, many names", search(func(int) string { return "科技" }), rows("<tr role=\"row\" data-key", 50)},
		{"console, search, no name", search(func(int) string { return "没有这样的名字" }), rows("<h1", 1)},
		{"console, one corp", func(i int) string { return auths + "/" + scaleSuite + "/" + corp(i) }, rows("<h1", 1)},
		{"console, events", same(events), rows("<tr role=\"row\" data-key", 50)},
		{"console, events of a corp", func(i int) string { return events + "?corp=" + corp(i) }, rows("<tr role=\"row\" data-key", 1)},
		{"console, events of a type", same(events + "?type=org_dept_modify"), rows("<tr role=\"row\" data-key", 50)},
		{"console, events of no type", same(events + "?type=market_buy"), rows("<h1", 1)},
		{"console, quarantined", same(events + "?outcome=quarantined"), rows("<tr role=\"row\" data-key", 50)},
		{"console, refused pushes", same("/console/rejections"), rows("<h1", 1)},
		{"console, re-push", same("/console/repush"), rows("<h1", 1)},
		{"console, re-push, preview", same("/console/repush?preview=1&type=org_dept_modify&since=24h"), rows("class=\"preview\"", 1)},
		{"console, audit", same("/console/audit"), rows("<tr role=\"row\" data-key", 1)},
	}
}

// rows wants a page with so many pieces of HTML like that.
func rows(html string, least int) func(*testing.T, []byte) int {
	return func(t *testing.T, page []byte) int {
		t.Helper()
		n := strings.Count(string(page), html)
		if n < least {
			t.Errorf("the page has %d times %s, want at least %d: %.300s", n, html, least, page)
		}
		return n
	}
}

// signIn opens a session of the console.
func (r *scaleReceiver) signIn() *http.Cookie {
	r.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm("http://"+r.admin+"/console/sign-in", url.Values{"token": {r.token}})
	must(r.T, err)
	res.Body.Close()
	if len(res.Cookies()) != 1 {
		r.Fatalf("sign-in = %d with cookies %v, want one", res.StatusCode, res.Cookies())
	}
	return res.Cookies()[0]
}
