package console_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/html"

	"suitekeeper/suite"
)

// What Chinese readers know by its English name: names of ours and of DingTalk's,
// settings, units, and what stands for a value.
var knownToChinese = strings.Fields(`
	suitekeeper DingTalk ISV English SyncHTTP HTTP HTTPS Stream JSON UTF URL IP IPs SSD TLS NTP DNS API id ID Allow corpId SuiteKey SuiteTicket AuthCode
	AES key token secret app viewer operator Host SuiteSecret SIGHUP success random curl dingtalk suites errcode
	KB MB GB TB KiB MiB GiB ms CST UTC bolt ops screen`)

// sampleValues are what the sample's suites, corps and DingTalk say themselves.
var sampleValues = strings.NewReplacer("<script>alert(1)</script>", "", "manager01", "", "“nobody”", "", "A/B & Söhne", "", "something_new", "",
	"访问ip不在白名单之中,request ip=203.0.113.7", "")

// What is no language: addresses, settings and files with dots, names with
// underlines, ids of corps and suites, placeholders, commands that a cure gives.
var noLanguage = regexp.MustCompile(`suitekeeper (?:backup FILE|verify)|'suitekeeper [a-z ]+'|\s--[a-z]+(?:-[a-z]+)*|GET /[\w/]+|timedatectl set-ntp true|iostat -x|ulimit -f|LimitFSIZE|` +
	`Client (?:Secret|ID)|https?://[^\s，。）]*|\{\{[^}]*\}\}|\{\w+\}|%[a-z]|\w+(?:[._/]\w+)+|\b(?:ding|suite)[0-9a-z]{6,}\b|` +
	`\b[0-9a-f]{8}-[0-9a-f-]+`)

var latinWord = regexp.MustCompile(`[A-Za-z][A-Za-z'ö]+`)

// englishIn lists the words that a Chinese reader need not know.
func englishIn(text string) (words []string) {
	for _, w := range latinWord.FindAllString(noLanguage.ReplaceAllString(text, " "), -1) {
		if !slices.Contains(knownToChinese, w) {
			words = append(words, w)
		}
	}
	return words
}

// saidAloud is what a page says: its texts, but no code and no payload, and the
// labels that only some readers hear.
func saidAloud(t testing.TB, page string) (texts []string) {
	t.Helper()
	silent := []string{"code", "pre", "script", "style", "svg", "datalist"}
	skip := 0
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		kind := z.Next()
		token := z.Token()
		switch {
		case kind == html.ErrorToken && z.Err() == io.EOF:
			return texts
		case kind == html.ErrorToken:
			t.Fatal(z.Err())
		case kind == html.StartTagToken && slices.Contains(silent, token.Data):
			skip++
		case kind == html.EndTagToken && slices.Contains(silent, token.Data):
			skip--
		case kind == html.TextToken && skip == 0:
			texts = append(texts, token.Data)
		}
		for _, a := range token.Attr {
			if slices.Contains([]string{"aria-label", "title", "data-label", "data-done", "placeholder", "alt"}, a.Key) {
				texts = append(texts, a.Val)
			}
		}
	}
}

func wantNoEnglish(t testing.TB, name, page string) {
	t.Helper()
	if !strings.Contains(page, `<html lang="zh-CN">`) {
		t.Fatalf("%s is not in Chinese: %.200s", name, page)
	}
	for _, text := range saidAloud(t, page) {
		if text = sampleValues.Replace(text); text == "name" || text == "mobile" { // fields that a corp opened
			continue
		}
		if words := englishIn(text); len(words) > 0 {
			t.Errorf("%s says %q in English: %q", name, words, strings.TrimSpace(text))
		}
	}
}

// fullSample is the sample with all that may be shown on its pages: every alert,
// refusal, action, state, and every name that the history may have.
func fullSample(now time.Time) *sample {
	s := newSample(now)
	s.report.Alerts = nil
	for _, e := range suite.AlertEntries() {
		a := suite.Alert{Code: e.Code, Severity: e.Severity, Suite: suiteA, Corp: corpFailed, Since: s.ago(time.Hour)}
		a.Message, a.Cure = e.Fill(suite.Values{
			Suite: suiteA, Corp: corpFailed, Detail: suite.Say(suite.SayNoTicket).Text(), Age: 7 * time.Hour, Skew: time.Hour,
		})
		s.report.Alerts = append(s.report.Alerts, a)
	}
	s.audit = nil
	for i, action := range suiteAuditActions {
		s.audit = append(s.audit, suite.AuditEntry{ID: eventID(byte(100 + i)), At: now, Actor: "ops", Role: "operator", Action: action})
	}
	s.audit = append(s.audit, suite.AuditEntry{At: now, Actor: "ops", Role: "operator", Action: suite.AuditBackup, Detail: suite.Say(suite.SayForMasterKey)},
		suite.AuditEntry{At: now, Actor: "ops", Role: "operator", Action: suite.AuditRetry, Detail: suite.Phrase(suite.RetryExchange)},
		suite.AuditEntry{At: now, Actor: "ops", Role: "operator", Action: suite.AuditReplay, Detail: "all events", Replay: &suite.ReplayQuery{Failed: true, Since: now}})
	s.auths[0].History = s.sampleEverything()
	return s
}

// sampleEverything is a history of all that may stand in one.
func (s *sample) sampleEverything() (list []suite.HistoryEntry) {
	for _, what := range suiteHistory {
		list = append(list, suite.HistoryEntry{At: s.now, What: what, From: suite.StatusPending, To: suite.StatusActive})
	}
	for _, name := range suiteCalls {
		for _, call := range []suite.Call{
			{}, {Code: "40078", Message: "不存在的临时授权码"}, {Message: suite.Say(suite.SayNoAnswerEnded, "EOF"), Repeats: 2, LastAt: s.now},
		} {
			list = append(list, suite.HistoryEntry{At: s.now, What: name, Call: &call})
		}
	}
	return append(list, suite.HistoryEntry{At: s.now, What: "retry", Detail: suite.Phrase(suite.RetryActivate)})
}

// TestChinesePagesAreInChinese goes through every page, as the goldens do, and
// those with everything that may stand on them.
func TestChinesePagesAreInChinese(t *testing.T) {
	for _, v := range sampleViews() {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				wantNoEnglish(t, v.path, sampleBrowser(t, v, "zh").get(v.path).body)
				if v.token == "" || v.sample != nil {
					return
				}
				b := signedIn(t, newConsole(t, options(fullSample(time.Now()))), v.token)
				b.cookies["suitekeeper_language"] = "zh"
				wantNoEnglish(t, v.path+" with everything", b.get(v.path).body)
			})
		})
	}
}

// TestChineseAnswersAreInChinese tries what is refused, and what is said after
// something was done.
func TestChineseAnswersAreInChinese(t *testing.T) {
	corp := "/console/authorizations/" + string(suiteA) + "/" + string(corpFailed)
	for name, deed := range map[string]struct {
		path string
		form url.Values
		fail error
	}{
		"retry":             {corp + "/retry", nil, nil},
		"nothing to retry":  {corp + "/retry", nil, &suite.ProblemError{Problem: suite.ProblemNothingToRetry, Values: suite.Values{Suite: suiteA, Corp: corpFailed, Detail: suite.Say(suite.SayNoCodeNoApp).Text()}}},
		"no code":           {corp + "/reveal", nil, &suite.ProblemError{Problem: suite.ProblemNoCode, Values: suite.Values{Suite: suiteA, Corp: corpFailed}}},
		"missing":           {corp + "/reveal", nil, suite.NoEvent("x")},
		"fault":             {corp + "/reveal", nil, fmt.Errorf("bucket auth is gone")},
		"bad period":        {"/console/repush", url.Values{"since": {"soon"}}, nil},
		"process again":     {"/console/repush", url.Values{"type": {"change_auth"}}, nil},
		"one runs already":  {"/console/repush", nil, suite.ErrReplayRuns},
		"one event":         {"/console/events/" + eventID(3).String() + "/repush", nil, nil},
		"an event revealed": {"/console/events/" + eventID(3).String() + "/reveal", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			k := newSample(time.Now())
			b := signedIn(t, newConsole(t, options(k)), operatorToken)
			b.cookies["suitekeeper_language"] = "zh"
			k.fail = deed.fail
			got := b.post(deed.path, deed.form)
			if got.StatusCode == http.StatusSeeOther {
				got = b.get(got.Header.Get("Location"))
			}
			wantNoEnglish(t, "POST "+deed.path, got.body)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		b := newBrowser(t, newConsole(t, options(newSample(time.Now()))))
		b.cookies["suitekeeper_language"] = "zh"
		for i := range 25 { // until they are slowed down
			token := []string{wrongToken, appToken}[i%2]
			wantNoEnglish(t, "sign-in", b.post("/console/sign-in", url.Values{"token": {token}}).body)
		}
	})
}

// TestChineseTextsAreInChinese reads all that pages can say, page or not.
func TestChineseTextsAreInChinese(t *testing.T) {
	texts := messages(t, "zh")
	for _, e := range suite.AlertEntries() {
		texts[string(e.Code)+" message"], texts[string(e.Code)+" cure"] = e.Message.ZH, e.Cure.ZH
	}
	for _, e := range suite.RejectEntries() {
		texts[string(e.Alert)+" refused message"], texts[string(e.Alert)+" refused cure"] = e.Message.ZH, e.Cure.ZH
	}
	for _, e := range suite.CodeEntries() {
		texts[e.Code+" meaning"], texts[e.Code+" cure"] = e.Meaning.ZH, e.Cure.ZH
	}
	for _, e := range suite.ProblemEntries() {
		texts["problem "+e.Code+" message"], texts["problem "+e.Code+" cure"] = e.Message.ZH, e.Cure.ZH
	}
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		if words := englishIn(texts[key]); len(words) > 0 {
			t.Errorf("the Chinese text %s says %q in English: %q", key, words, texts[key])
		}
	}
}
