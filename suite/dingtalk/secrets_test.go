package dingtalk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk"
)

// echo answers with everything that it was sent, as is and unescaped.
func echo(status int, answer func(said string) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		query, _ := url.QueryUnescape(r.URL.RawQuery)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer(r.URL.String()+" "+query+" "+string(body)))
	}
}

// failing is a transport whose errors tell all they know.
type failing struct{}

func (failing) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, &url.Error{Op: "Post", URL: r.URL.String(), Err: fmt.Errorf("dial for %s: refused", r.URL)}
}

func TestNoErrorHoldsASecret(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx    context.Context
		client *dingtalk.Client
	}{
		"echoed in errmsg": {t.Context(), served(t, dingtalk.Options{}, echo(200, func(said string) string {
			return fmt.Sprintf(`{"errcode":12345,"errmsg":%q}`, said)
		}))},
		"echoed in sub_msg": {t.Context(), served(t, dingtalk.Options{}, echo(200, func(said string) string {
			return fmt.Sprintf(`{"errcode":88,"sub_code":"1","sub_msg":%q}`, said)
		}))},
		"echoed in errcode": {t.Context(), served(t, dingtalk.Options{}, echo(200, func(said string) string {
			return fmt.Sprintf(`{"errcode":%q}`, said)
		}))},
		"echoed in code and message": {t.Context(), served(t, dingtalk.Options{}, echo(400, func(said string) string {
			return fmt.Sprintf(`{"code":%q,"message":%q,"requestid":%q}`, said, said, said)
		}))},
		"echoed in a refused address": {t.Context(), served(t, dingtalk.Options{}, echo(403, func(said string) string {
			return fmt.Sprintf(`{"code":"Forbidden.AccessDenied.IpNotInWhiteList","message":%q}`, said)
		}))},
		"echoed as text": {t.Context(), served(t, dingtalk.Options{}, echo(200, func(said string) string { return said }))},
		"echoed in a name": {t.Context(), served(t, dingtalk.Options{}, echo(200, func(said string) string {
			return fmt.Sprintf(`{"errcode":0,"suite_access_token":{%q:1},"accessToken":{%q:1},"permanent_code":{%q:1},"auth_info":{"agent":[{"agentid":%q}]}}`, said, said, said, said)
		}))},
		"redirected": {t.Context(), served(t, dingtalk.Options{}, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1"+r.URL.String(), http.StatusFound)
		})},
		"hung up": {t.Context(), served(t, dingtalk.Options{}, func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		})},
		"transport": {t.Context(), newClient(t, dingtalk.Options{HTTPClient: &http.Client{Transport: failing{}}})},
		"no host":   {t.Context(), newClient(t, dingtalk.Options{OAPIURL: "http://host.invalid", APIURL: "http://host.invalid"})},
		"cancelled": {cancelled, newClient(t, dingtalk.Options{})},
	} {
		for call, err := range everyCall(c.ctx, c.client) {
			if err == nil {
				if name != "echoed in a name" {
					t.Errorf("%s, %s = nil, want an error", name, call)
				}
				continue
			}
			checkNoSecret(t, name+", "+call, err)
		}
	}
}

func checkNoSecret(t *testing.T, name string, err error) {
	t.Helper()
	texts := []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)}
	for e := errors.Unwrap(err); e != nil; e = errors.Unwrap(e) {
		texts = append(texts, fmt.Sprintf("%+v", e))
	}
	for _, text := range texts {
		if strings.Contains(text, "canary") {
			t.Errorf("%s: %s holds a secret", name, text)
		}
		if strings.Contains(text, "signature=") && !strings.Contains(text, "signature=•••") {
			t.Errorf("%s: %s holds a signature", name, text)
		}
	}
}

func TestEchoedSecretsAreMaskedAndTheRestIsKept(t *testing.T) {
	c, _ := answering(t, `{"errcode":40085,"errmsg":"ticket ticketcanary+/=&1 of suite1 (secretcanary) is stale"}`)
	_, err := c.SuiteToken(t.Context(), credentials)
	if want := "get_suite_token: DingTalk answered 40085: ticket ••• of suite1 (•••) is stale"; err == nil || err.Error() != want {
		t.Errorf("SuiteToken = %v, want %v", err, want)
	}
}

func TestMessagesAreShortAndPrintable(t *testing.T) {
	c, _ := answering(t, `{"errcode":1,"errmsg":"`+strings.Repeat("坏\\u001b[31m\\u202e", 1000)+`"}`)
	_, err := c.SuiteToken(t.Context(), credentials)
	var e *suite.PlatformError
	if !errors.As(err, &e) || len(e.Message.String()) > 310 || !utf8.ValidString(e.Message.String()) || strings.ContainsAny(e.Message.String(), "\x1b\u202e") {
		t.Errorf("SuiteToken = %q, want a short, printable message", err)
	}
}
