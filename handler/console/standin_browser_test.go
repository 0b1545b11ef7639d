package console_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"suitekeeper/suite/dingtalk/dingtalktest"
)

// TestStandInIsAccessible holds the developer console of DingTalk's stand-in, at
// which the demo's newcomer starts faults, to the rules of our own pages.
func TestStandInIsAccessible(t *testing.T) {
	srv := serve(t, standIn(t))
	chrome := startChromium(t)
	looks, keyboard := looks, []look{looks[0], looks[3]}
	languages := map[string]string{"en": "English", "zh": "中文"}
	if raced {
		looks, keyboard = looks[:1], looks[:1]
		delete(languages, "zh")
	}
	for lang, name := range languages {
		t.Run(lang, func(t *testing.T) {
			chrome := chrome.with(t)
			chrome.do(call(network.ClearBrowserCookies, cdp.Empty{}))
			for _, page := range []string{"/console/?lang=" + lang, "/console/?refresh=off"} { // the second stands still
				if status := chrome.leads(chromedp.Navigate(srv.URL + page)); status != http.StatusOK {
					t.Fatalf("status of %s = %d, want 200", page, status)
				}
			}
			if chosen := eval[string](chrome, `document.querySelector("header [aria-current]").innerText`); chosen != name {
				t.Errorf("the language is %q, want %q", chosen, name)
			}
			for _, l := range looks {
				chrome.as(l.width, l.scheme)
				for _, f := range chrome.check(lang, l.width) {
					t.Errorf("%s: %s", l, f)
				}
				chrome.window(l.width, eval[int64](chrome, "document.documentElement.scrollHeight"))
				chrome.screenshot("stand-in-" + lang + "-" + l.String())
			}
			for _, l := range keyboard {
				chrome.as(l.width, l.scheme)
				for _, f := range chrome.checkKeyboard() {
					t.Errorf("%s: %s", l, f)
				}
			}
			for _, v := range chrome.heard() {
				t.Errorf("the browser complains of %s: %s", v.url, v.text)
			}
		})
	}
}

// standIn is a DingTalk with two suites. Nobody answers its pushes rightly, and
// one of its corps has withdrawn.
func standIn(t testing.TB) *dingtalktest.Platform {
	t.Helper()
	nobody := dingtalktest.Transport{Handler: http.NotFoundHandler()}
	p := dingtalktest.New(dingtalktest.Options{HTTPClient: &http.Client{Transport: nobody}, Seed: 1})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"suiteq7w2e9r4t6y1u8i3", "suitez5x8c2v6b9n1m4k7"} {
		must(p.AddSuite(dingtalktest.Suite{
			Key: key, Name: "demo-" + key[5:8], Secret: "secret", Token: "abcdefghijklmnopqrstuvwx",
			EncodingAESKey: "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij", CallbackURL: "http://receiver.example/callback/" + key,
			Apps: []dingtalktest.App{{ID: 10001, Name: "星图考勤"}},
		}))
		for _, corp := range []string{"dingdemo00000001", "dingdemo00000002"} {
			must(p.Authorize(key, dingtalktest.Authorization{CorpID: corp, CorpName: "星河科技"}))
		}
		must(p.Relieve(key, "dingdemo00000002"))
	}
	must(p.StopTickets("suitez5x8c2v6b9n1m4k7"))
	_, err := (&http.Client{Transport: dingtalktest.Transport{Handler: p}}).Post(
		"http://dingtalk.example/service/get_suite_token", "application/json", strings.NewReader(`{"suite_key":"suiteq7w2e9r4t6y1u8i3"}`))
	must(err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	must(p.Wait(t.Context(), func() bool { return p.Counts().Pushes >= 4 }))
	return p
}
