package main

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"suitekeeper/crypto"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// checkSuiteURL sends a suite's callback URL the check that DingTalk sends when
// the URL is entered in its developer console, and judges the answer as
// DingTalk does.
func checkSuiteURL(ctx context.Context, s SuiteConfig, address string) diagnosis {
	target, err := parseTarget(address)
	if err != nil {
		return found("url_broken", s.Key, "url", address, "detail", err.Error())
	}
	p, err := newPusher(s, target, doctorTimeout, 1)
	if err != nil {
		return found("url_broken", s.Key, "url", address, "detail", err.Error())
	}
	defer p.client.CloseIdleConnections()
	check := &messageBuilder{event: "check_update_suite_url", suiteKey: s.Key}
	if s.Key == crypto.CreationKey {
		check.event = "check_create_suite_url"
	}
	m, err := check.build(time.Now())
	if err != nil {
		return found("url_broken", s.Key, "url", address, "detail", err.Error())
	}
	want := success
	if s.URLCheckReply == "random" {
		want = m.random
	}
	a, err := p.send(ctx, m)
	if err != nil {
		kind, detail := connectionFault(err)
		return found("url_"+kind, s.Key, "url", target.Redacted(), "host", target.Host, "detail", detail)
	}
	return p.diagnose(s.Key, a, want)
}

// diagnose says what DingTalk would think of an answer, and who gave it:
// suitekeeper, or something before it.
func (p *pusher) diagnose(key string, a answer, want string) diagnosis {
	url := p.target.Redacted()
	tell := func(code string, pairs ...string) diagnosis {
		return found(code, key, append([]string{"url", url, "status", fmt.Sprint(a.Status)}, pairs...)...)
	}
	if a.Status != http.StatusOK {
		return tell(statusFault(a), "detail", http.StatusText(a.Status), "location", a.location)
	}
	if isPage(a.Answer) {
		return tell("url_page")
	}
	limit := dingtalktest.SyncHTTP.Limit()
	ms := fmt.Sprint(a.latency.Milliseconds())
	switch _, reason := p.judge(answer{Answer: a.Answer}, want, limit); {
	case reason != "":
		return tell("url_wrong_answer", "detail", reason)
	case a.latency > limit:
		return tell("url_slow", "ms", ms, "limit", fmt.Sprint(limit.Milliseconds()))
	}
	return tell("url_right", "ms", ms)
}

// statusFault names what an answer other than 200 amounts to. Ours are JSON
// with a code; the same status without one comes from a proxy.
func statusFault(a answer) string {
	code := callbackCode(a.Answer)
	switch {
	case a.Status/100 == 3:
		return "url_redirect"
	case code == "unknown_suite":
		return "url_unknown_suite"
	case code == "not_found", code == "method_not_allowed":
		return "url_other_path"
	case code == "rejected":
		return "url_rejected"
	case code == "bad_request", code == "unsupported_encoding", code == "too_large":
		return "url_altered"
	case code == "unavailable":
		return "url_unavailable"
	case a.Status == http.StatusNotFound, a.Status == http.StatusMethodNotAllowed:
		return "url_not_found"
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden:
		return "url_forbidden"
	case a.Status == http.StatusBadGateway, a.Status == http.StatusServiceUnavailable, a.Status == http.StatusGatewayTimeout:
		return "url_gateway"
	}
	return "url_status"
}

// callbackCode is the code in an answer of our own listener for callbacks.
func callbackCode(a dingtalktest.Answer) string {
	var body struct{ Code, Message string }
	if json.Unmarshal(a.Body, &body) != nil || body.Message == "" {
		return ""
	}
	return body.Code
}

// isPage tells whether an answer is meant for a browser.
func isPage(a dingtalktest.Answer) bool {
	media, _, _ := mime.ParseMediaType(a.ContentType)
	return media == "text/html" || strings.HasPrefix(strings.TrimSpace(string(a.Body)), "<")
}
