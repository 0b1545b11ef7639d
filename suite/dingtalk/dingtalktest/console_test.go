package dingtalktest_test

import (
	"cmp"
	"html"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"suitekeeper/suite/dingtalk/dingtalktest"
)

// page returns the console's page as text.
func (st *stand) page() string {
	st.t.Helper()
	res := st.browse(http.MethodGet, "/console/", nil, nil)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		st.t.Fatalf("GET /console/ = %d, %v: %s", res.StatusCode, err, b)
	}
	return html.UnescapeString(string(b))
}

func (st *stand) browse(method, path string, form url.Values, header http.Header) *http.Response {
	st.t.Helper()
	req, err := http.NewRequestWithContext(st.t.Context(), method, "http://dingtalk.example"+path, strings.NewReader(form.Encode()))
	if err != nil {
		st.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for k, v := range header {
		req.Header[k] = v
	}
	res, err := dingtalktest.Transport{Handler: st.Platform}.RoundTrip(req)
	if err != nil {
		st.t.Fatal(err)
	}
	return res
}

// press presses a button and returns the status.
func (st *stand) press(do, corp string) int {
	st.t.Helper()
	res := st.browse(http.MethodPost, "/console/act", url.Values{"suite": {suiteKey}, "corp": {corp}, "do": {do}}, nil)
	res.Body.Close()
	return res.StatusCode
}

func (st *stand) shows(what string) {
	st.t.Helper()
	if page := st.page(); !strings.Contains(page, what) {
		st.t.Errorf("the page does not show %q:\n%s", what, page)
	}
}

func TestConsoleTellsTheStory(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		press := func(do string) {
			st.t.Helper()
			if status := st.press(do, corpID); status != http.StatusSeeOther {
				st.t.Errorf("button %s = %d, want 303", do, status)
			}
			st.awaitQuiet()
		}
		st.shows("http://isv.example/callback")
		st.shows("not checked")
		st.shows("none yet")
		press("check")
		st.shows("passed")
		st.in.wrong = wrongFirst(101)
		press("ticket")
		st.shows("given up")
		st.shows("100 wrong answers in a row: no ticket is pushed until 重新推送 is pressed")
		st.shows("71009: answer is not the encrypted success: status 503")
		press("repush")
		st.shows("accepted")

		code := st.authorize(1)[0]
		st.awaitQuiet()
		st.shows("exchange awaited")
		token := st.suiteToken()
		permanent := st.exchange(token, code).str("permanent_code")
		st.shows("activate_suite awaited")
		st.activate(token, permanent)
		st.shows(`<em class="good">active</em>`)
		press("stop")
		st.shows("app stopped")
		press("restore")
		st.shows(`<em class="good">active</em>`)
		press("change")
		st.shows("change_auth")
		press("remove")
		st.shows("app removed")
		press("relieve")
		st.shows("withdrawn")
		press("again")
		st.shows("exchange awaited")
		press("authorize")
		press("authorize3")
		if s, _ := st.Suite(suiteKey); len(s.Corps) != 3 || len(s.Corps[2].Codes) != 3 {
			t.Errorf("corps = %+v, want two more, the last with three codes", s.Corps)
		}
		if page := st.page(); strings.Contains(page, permanent) || strings.Contains(page, suiteSecret) || strings.Contains(page, pushToken) || strings.Contains(page, aesKey) {
			t.Error("the page shows a secret")
		}
	})
}

func TestConsoleRefusesWhatItCannotDo(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		for _, tt := range []struct {
			do, corp string
			want     int
		}{
			{"dance", "", http.StatusBadRequest},
			{"repush", "", http.StatusBadRequest}, // no ticket yet
			{"relieve", "ding-unknown", http.StatusNotFound},
			{"start/nothing", "", http.StatusBadRequest},
			{"end/code_burnt", "", http.StatusBadRequest}, // its cure does not lie at DingTalk
			{"restart/clock_off", "", http.StatusBadRequest},
		} {
			if got := st.press(tt.do, tt.corp); got != tt.want {
				t.Errorf("button %s for %q = %d, want %d", tt.do, tt.corp, got, tt.want)
			}
		}
		foreign := http.Header{"Origin": {"http://evil.example"}}
		res := st.browse(http.MethodPost, "/console/act", url.Values{"suite": {suiteKey}, "do": {"ticket"}}, foreign)
		res.Body.Close()
		if res.StatusCode != http.StatusForbidden || st.currentTicket() != "" {
			t.Errorf("button pressed by another site = %d, want 403", res.StatusCode)
		}
	})
}

func TestConsoleWorksWithoutItsScriptAndRefreshes(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		if page := st.page(); !strings.Contains(page, `<noscript><meta http-equiv="refresh"`) || strings.Contains(page, "onclick") {
			t.Error("without a script the page does not refresh, or its buttons need one")
		}
		for _, path := range []string{"/console/style.css", "/console/live.js", "/console/?refresh=off"} {
			res := st.browse(http.MethodGet, path, nil, nil)
			b, _ := io.ReadAll(res.Body)
			res.Body.Close()
			if res.StatusCode != http.StatusOK || strings.Contains(string(b), `http-equiv="refresh"`) {
				t.Errorf("GET %s = %d, or refreshes", path, res.StatusCode)
			}
			if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
				t.Errorf("GET %s: Content-Security-Policy %q", path, csp)
			}
		}
	})
}

func TestConsoleSpeaksTheLanguageOfTheBrowser(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		for _, tt := range []struct{ accept, cookie, want, lang string }{
			{"", "", "Ticket refused, 40085", "en"},
			{"zh-CN,zh;q=0.9,en;q=0.8", "", "票据被拒绝（40085）", "zh-CN"},
			{"en-US,zh;q=0.9", "", "Ticket refused, 40085", "en"},
			{"en-US", "standin_lang=zh", "票据被拒绝（40085）", "zh-CN"},
			{"zh", "standin_lang=xx", "票据被拒绝（40085）", "zh-CN"},
		} {
			res := st.browse(http.MethodGet, "/console/", nil, http.Header{"Accept-Language": {tt.accept}, "Cookie": {tt.cookie}})
			b, _ := io.ReadAll(res.Body)
			res.Body.Close()
			if page := string(b); !strings.Contains(page, tt.want) || !strings.Contains(page, `<html lang="`+tt.lang+`">`) {
				t.Errorf("Accept-Language %q, Cookie %q: the page does not show %q in %s", tt.accept, tt.cookie, tt.want, tt.lang)
			}
		}
		res := st.browse(http.MethodGet, "/console/?lang=zh", nil, nil)
		res.Body.Close()
		if got := res.Header.Get("Set-Cookie"); res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got, "standin_lang=zh;") {
			t.Errorf("GET /console/?lang=zh = %d, Set-Cookie %q, want 303 and the language kept", res.StatusCode, got)
		}
	})
}

// TestConsoleStartsAndEndsEveryFault presses the button of each fault and the
// one that cures it where that can be done at DingTalk.
func TestConsoleStartsAndEndsEveryFault(t *testing.T) {
	cures := map[dingtalktest.Standing]string{dingtalktest.CodeBurnt: "end_faults"} // the others have a button of their own
	for _, fault := range []dingtalktest.Standing{
		dingtalktest.TicketStopped, dingtalktest.TicketGivenUp, dingtalktest.TicketAged, dingtalktest.TicketRefused,
		dingtalktest.CodeBurnt, dingtalktest.AddressRefused, dingtalktest.SecretChanged, dingtalktest.TokenChanged,
		dingtalktest.AESKeyChanged, dingtalktest.SuiteKeyChanged, dingtalktest.AnswersSpoilt, dingtalktest.ClockOff,
	} {
		t.Run(string(fault), func(t *testing.T) {
			inBubble(t, dingtalktest.Options{TicketEvery: 5 * time.Hour}, aSuite(), func(st *stand) {
				st.awaitTicket()
				end := cmp.Or(cures[fault], "end/"+string(fault))
				for range 2 {
					if status := st.press("start/"+string(fault), ""); status != http.StatusSeeOther || !slices.Contains(st.standing(), fault) {
						st.t.Fatalf("start: %d, standing %v, want 303 and %s", status, st.standing(), fault)
					}
					st.shows(`<li class="on">`)
					if fault == dingtalktest.CodeBurnt {
						st.exchange(st.suiteToken(), st.newestCode())
					}
					if status := st.press(end, ""); status != http.StatusSeeOther {
						st.t.Fatalf("%s: %d, want 303", end, status)
					}
					if fault == dingtalktest.CodeBurnt {
						st.activateNewest()
					}
					if got := st.standing(); len(got) > 0 {
						st.t.Fatalf("standing after %s: %v, want nothing", end, got)
					}
				}
				if page := st.page(); strings.Contains(page, `<li class="on">`) || strings.Contains(page, suiteSecret) {
					st.t.Error("the page shows a fault that is over, or a secret")
				}
			})
		})
	}
}
