package main_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// scaleCall is something that operators ask for.
type scaleCall struct {
	name  string
	path  func(round int) string // another one each round, where that makes sense
	check func(t *testing.T, body []byte) (entries int)
	body  string // posted; empty: it is a GET
}

// ask makes the call.
func (c scaleCall) ask(r *scaleReceiver, round int) (status int, body []byte, err error) {
	if c.body != "" {
		return r.ask(http.MethodPost, c.path(round), c.body)
	}
	return r.get(c.path(round))
}

// calls are all lists of the admin API, with the filters that people use.
// Event is the id of some event.
func (r *scaleReceiver) calls(size scale, event string) []scaleCall {
	r.Helper()
	auths := "/api/v1/suites/" + scaleSuite + "/authorizations"
	same := func(path string) func(int) string { return func(int) string { return path } }
	search := func(text func(i int) string) func(int) string {
		return func(round int) string { return auths + "?search=" + url.QueryEscape(text(round*7919%size.corps)) }
	}
	now := time.Now()
	get := func(name string, path func(int) string, check func(*testing.T, []byte) int) scaleCall {
		return scaleCall{name: name, path: path, check: check}
	}
	dryRun := func(name, filter string, check func(*testing.T, []byte) int) scaleCall {
		return scaleCall{name, same("/api/v1/repush"), check, `{"dry_run":true,` + filter + `}`}
	}
	list := []scaleCall{
		get("status", same("/api/v1/status"), atLeast("alerts", 1)),
		get("suites", same("/api/v1/suites"), atLeast("suites", 2)),
		get("authorisations", same(auths), atLeast("authorizations", 50)),
		get("authorisations, 500", same(auths+"?limit=500"), atLeast("authorizations", 500)),
		get("authorisations, failed", same(auths+"?status=failed"), atLeast("authorizations", 50)),
		get("authorisations, failed, 500", same(auths+"?status=failed&limit=500"), atLeast("authorizations", min(size.failed, 150))),
		get("search, failed by corp id", func(i int) string {
			return auths + "?status=failed&search=ding" + hexOf(i%size.failed, 5)[:6]
		}, atLeast("authorizations", 1)),
		get("authorisations, pending", same(auths+"?status=pending"), atLeast("authorizations", 50)),
		get("authorisations, relieved", same(auths+"?status=relieved"), atLeast("authorizations", 50)),
		get("authorisations, disabled", same(auths+"?status=disabled"), atLeast("authorizations", 1)),
		get("search, corp id", search(corpOf), atLeast("authorizations", 1)),
		get("search, begin of a corp id", search(func(i int) string { return strings.ToUpper(corpOf(i)[:9]) }), atLeast("authorizations", 1)),
		get("search, name", search(nameOf), atLeast("authorizations", 1)),
		get("search, part of a name", search(func(i int) string { return string([]rune(nameOf(i))[2:6]) }), atLeast("authorizations", 1)),
		get("search, two characters", search(func(i int) string { return string([]rune(nameOf(i))[1:3]) }), atLeast("authorizations", 1)),
		get("search, many names", search(func(int) string { return "科技" }), atLeast("authorizations", 50)),
		get("search, one character", search(func(int) string { return "岳" }), atLeast("authorizations", 50)),
		get("search, one letter", search(func(int) string { return "z" }), atLeast("authorizations", 0)),
		get("search, no name", search(func(int) string { return "没有这样的名字" }), atLeast("authorizations", 0)),
		get("search, no English name", search(func(int) string { return "works trading" }), atLeast("authorizations", 0)),
		get("search, failed with a name", same(auths+"?status=failed&search="+url.QueryEscape("科技")), atLeast("authorizations", 0)),
		get("one authorisation", func(i int) string { return auths + "/" + corpOf(i*7919%size.corps) }, anything),
		get("events", same("/api/v1/events"), atLeast("events", 50)),
		get("events, 500", same("/api/v1/events?limit=500"), atLeast("events", 500)),
		get("events of a corp", func(i int) string { return "/api/v1/events?corp_id=" + corpOf(i*7919%size.corps) }, atLeast("events", 1)),
		get("events of a corp and type", func(i int) string {
			return "/api/v1/events?type=org_suite_auth&corp_id=" + corpOf(i*7919%size.corps)
		}, atLeast("events", 1)),
		get("events of a type", same("/api/v1/events?type=org_dept_modify"), atLeast("events", 50)),
		get("events of a rare type", same("/api/v1/events?type=suite_relieve"), atLeast("events", 50)),
		get("events of no type", same("/api/v1/events?type=market_buy"), atLeast("events", 0)),
		get("events of a suite", same("/api/v1/events?suite_key="+scaleSuite), atLeast("events", 50)),
		get("events of a quiet suite", same("/api/v1/events?suite_key="+quietSuite), atLeast("events", 20)),
		get("events, quarantined", same("/api/v1/events?outcome=quarantined"), atLeast("events", 50)),
		get("events, stale", same("/api/v1/events?outcome=stale"), atLeast("events", 0)),
		get("events since", same("/api/v1/events?since=1h&type=user_add_org"), atLeast("events", 0)),
		get("events, oldest first", same("/api/v1/events?order=asc&since="+url.QueryEscape(now.Add(-time.Hour).Format(time.RFC3339))), atLeast("events", 0)),
		get("one event", same("/api/v1/events/"+event), anything),
		get("rejections", same("/api/v1/rejections"), atLeast("rejections", 50)),
		get("rejections, 500", same("/api/v1/rejections?limit=500"), atLeast("rejections", 200)),
		get("audit", same("/api/v1/audit"), atLeast("entries", 50)),
		get("audit, 500", same("/api/v1/audit?limit=500"), atLeast("entries", min(size.audited, 500))),
		get("re-push", same("/api/v1/repush"), atLeast("repushes", 20)),
		dryRun("re-push, dry run", `"suite_key":"`+scaleSuite+`"`, counted("events", 1)),
		dryRun("re-push, dry run of a type", `"suite_key":"`+scaleSuite+`","type":"org_dept_modify","since":"24h"`, counted("events", 0)),
		dryRun("re-push, dry run of what failed", `"failed":true`, counted("events", min(size.failed/2, 500))),
	}
	far := func(name, first, entries string) scaleCall {
		return get(name, same(first+r.far(first)), atLeast(entries, 1))
	}
	return append(list,
		far("authorisations, page 20", auths+"?limit=500", "authorizations"),
		far("authorisations, failed, page 20", auths+"?limit=50&status=failed", "authorizations"),
		far("events, page 20", "/api/v1/events?limit=500", "events"),
		far("audit, page 20", "/api/v1/audit?limit=500", "entries"))
}

// far is the cursor of a page far behind the first, as far as there are so
// many, as a parameter.
func (r *scaleReceiver) far(first string) (cursor string) {
	r.Helper()
	for range 19 {
		_, body, err := r.get(first + cursor)
		must(r.T, err)
		var list struct {
			Next string `json:"next_cursor"`
		}
		must(r.T, json.Unmarshal(body, &list))
		if list.Next == "" {
			break
		}
		cursor = "&cursor=" + url.QueryEscape(list.Next)
	}
	return cursor
}

// searchesAll looks for a text that many blocks of authorisations might hold,
// page after page, and wants exactly the corps that have it in their names: what
// bounds one answer loses none and tells none twice.
func (r *scaleReceiver) searchesAll(size scale) {
	r.Helper()
	const text = "works 0"
	var want, got []string
	for i := range size.corps {
		if strings.Contains(strings.ToLower(nameOf(i)), text) {
			want = append(want, corpOf(i))
		}
	}
	first := "/api/v1/suites/" + scaleSuite + "/authorizations?limit=500&search=" + url.QueryEscape(text)
	answers := 0
	for path := first; path != ""; answers++ {
		status, body, err := r.get(path)
		must(r.T, err)
		var list struct {
			Authorizations []struct {
				Corp string `json:"corp_id"`
			} `json:"authorizations"`
			Next string `json:"next_cursor"`
		}
		must(r.T, json.Unmarshal(body, &list))
		if status != http.StatusOK {
			r.Fatalf("GET %s = %d: %.300s", path, status, body)
		}
		for _, a := range list.Authorizations {
			got = append(got, a.Corp)
		}
		if path = ""; list.Next != "" {
			path = first + "&cursor=" + url.QueryEscape(list.Next)
		}
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		r.Errorf("a search for %q found %d corps in %d answers, want %d, each once and in order", text, len(got), answers, len(want))
	}
	r.Logf("a search for %q found %d of %d corps in %d answers", text, len(got), len(want), answers)
}

// atLeast wants so many entries under that name.
func atLeast(name string, least int) func(*testing.T, []byte) int {
	return func(t *testing.T, body []byte) int {
		t.Helper()
		var answer map[string]json.RawMessage
		must(t, json.Unmarshal(body, &answer))
		var entries []json.RawMessage
		must(t, json.Unmarshal(answer[name], &entries))
		if len(entries) < least {
			t.Errorf("the answer has %d %s, want at least %d: %.300s", len(entries), name, least, body)
		}
		return len(entries)
	}
}

// counted wants such a number, or more, under that name.
func counted(name string, least int) func(*testing.T, []byte) int {
	return func(t *testing.T, body []byte) int {
		t.Helper()
		var answer map[string]json.RawMessage
		must(t, json.Unmarshal(body, &answer))
		var n int
		must(t, json.Unmarshal(answer[name], &n))
		if n < least {
			t.Errorf("the answer has %d %s, want at least %d: %.300s", n, name, least, body)
		}
		return n
	}
}

func anything(*testing.T, []byte) int { return 1 }

// get asks the admin listener.
func (r *scaleReceiver) get(path string) (status int, body []byte, err error) {
	return r.ask(http.MethodGet, path, "")
}

func (r *scaleReceiver) ask(method, path, send string) (status int, body []byte, err error) {
	req, err := http.NewRequestWithContext(r.Context(), method, "http://"+r.admin+path, strings.NewReader(send))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+r.token)
	if r.session != nil {
		req.AddCookie(r.session)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, err
}

// resident is how much memory the binary holds, without the data file that is
// mapped into it.
func (r *scaleReceiver) resident() (bytes int64) {
	r.Helper()
	f, err := os.Open(fmt.Sprintf("/proc/%d/smaps", r.cmd.Process.Pid))
	if os.IsNotExist(err) {
		return 0 // no such thing on this system
	}
	must(r.T, err)
	defer f.Close()
	mapped := false
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		switch {
		case len(fields) == 0:
		case !strings.HasSuffix(fields[0], ":"): // a mapping begins
			mapped = strings.Contains(lines.Text(), r.dataFile())
		case fields[0] == "Rss:" && !mapped:
			n, err := strconv.ParseInt(fields[1], 10, 64)
			must(r.T, err)
			bytes += n << 10
		}
	}
	must(r.T, lines.Err())
	return bytes
}
