package main_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// consolePages are the pages of the console, with the filters that people use.
func (r *scaleReceiver) consolePages(size scale, event string) []scaleCall {
	r.Helper()
	r.session = r.signIn()
	const auths, events = "/console/authorizations", "/console/events"
	same := func(path string) func(int) string { return func(int) string { return path } }
	search := func(text func(i int) string) func(int) string {
		return func(round int) string { return auths + "?q=" + url.QueryEscape(text(round*7919%size.corps)) }
	}
	corp := func(i int) string { return corpOf(i * 7919 % size.corps) }
	get := func(name string, path func(int) string, check func(*testing.T, []byte) int) scaleCall {
		return scaleCall{name: name, path: path, check: check}
	}
	const row, api = "<tr role=\"row\" data-key", "/api/v1/suites/" + scaleSuite + "/authorizations"
	return []scaleCall{
		get("console, overview", same("/console/"), rows("<article", 2)),
		get("console, authorisations", same(auths), rows(row, 50)),
		get("console, authorisations, page 20", same(auths+"?suite="+scaleSuite+r.far(api+"?limit=50")), rows(row, 50)),
		get("console, failed", same(auths+"?status=failed"), rows(row, 50)),
		get("console, relieved", same(auths+"?status=relieved"), rows(row, 50)),
		get("console, search, corp id", search(corpOf), rows(row, 1)),
		get("console, search, name", search(nameOf), rows(row, 1)),
		get("console, search, many names", search(func(int) string { return "科技" }), rows(row, 50)),
		get("console, search, no name", search(func(int) string { return "没有这样的名字" }), rows("<h1", 1)),
		get("console, one corp", func(i int) string { return auths + "/" + scaleSuite + "/" + corp(i) }, rows("<h1", 1)),
		get("console, events", same(events), rows(row, 50)),
		get("console, events of a corp", func(i int) string { return events + "?corp=" + corp(i) }, rows(row, 1)),
		get("console, events of a type", same(events+"?type=org_dept_modify"), rows(row, 50)),
		get("console, events of no type", same(events+"?type=market_buy"), rows("<h1", 1)),
		get("console, quarantined", same(events+"?outcome=quarantined"), rows(row, 50)),
		get("console, events, page 20", same(events+"?type="+r.far("/api/v1/events?limit=50")), rows(row, 50)),
		get("console, one event", same(events+"/"+event), rows("<h1", 1)),
		get("console, refused pushes", same("/console/rejections"), rows(row, 50)),
		get("console, re-push", same("/console/repush"), rows("/retry", 10)),
		get("console, re-push, preview of all", same("/console/repush?preview=1&suite="+scaleSuite), rows("class=\"preview\"", 1)),
		get("console, re-push, preview of what failed", same("/console/repush?preview=1&failed=true"), rows("class=\"preview\"", 1)),
		get("console, re-push, preview", same("/console/repush?preview=1&type=org_dept_modify&since=24h"), rows("class=\"preview\"", 1)),
		get("console, audit", same("/console/audit"), rows(row, 50)),
		get("console, audit, page 20", same("/console/audit?"+strings.TrimPrefix(r.far("/api/v1/audit?limit=50"), "&")), rows(row, 10)),
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
