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
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// checkSuiteURL sends a suite's callback URL the check that DingTalk sends when
// the URL is entered in its developer console, and judges the answer as
// DingTalk does.
func checkSuiteURL(ctx context.Context, s SuiteConfig, address string) diagnosis {
	target, err := parseTarget(address)
	if err != nil {
		return found(suite.FindingURLBroken, s.Key, "url", address, "detail", inBoth(err))
	}
	p, err := newPusher(s, target, doctorTimeout, 1)
	if err != nil {
		return found(suite.FindingURLBroken, s.Key, "url", address, "detail", inBoth(err))
	}
	defer p.client.CloseIdleConnections()
	check := &messageBuilder{event: "check_update_suite_url", suiteKey: s.Key}
	if s.Key == crypto.CreationKey {
		check.event = "check_create_suite_url"
	}
	m, err := check.build(time.Now())
	if err != nil {
		return found(suite.FindingURLBroken, s.Key, "url", address, "detail", inBoth(err))
	}
	a, err := p.send(ctx, m)
	if err != nil {
		code, detail := connectionFault(err)
		return found(code, s.Key, "url", target.Redacted(), "host", target.Host, "detail", detail)
	}
	return p.diagnose(s.Key, a, p.want(m))
}

// diagnose says what DingTalk would think of an answer, and who gave it:
// suitekeeper, or something before it.
func (p *pusher) diagnose(key string, a answer, want string) diagnosis {
	url := p.target.Redacted()
	tell := func(code suite.FindingCode, pairs ...any) diagnosis {
		return found(code, key, append([]any{"url", url, "status", fmt.Sprint(a.Status)}, pairs...)...)
	}
	if a.Status != http.StatusOK {
		return tell(statusFault(a), "detail", http.StatusText(a.Status), "location", a.location)
	}
	if isPage(a.Answer) {
		return tell(suite.FindingURLPage)
	}
	limit := dingtalktest.SyncHTTP.Limit()
	ms := fmt.Sprint(a.latency.Milliseconds())
	switch _, reason := p.judge(answer{Answer: a.Answer}, want, limit); {
	case reason.Flaw != dingtalktest.FlawNone:
		return tell(suite.FindingURLWrongAnswer, "detail", verdict(reason))
	case a.latency > limit:
		return tell(suite.FindingURLSlow, "ms", ms, "limit", fmt.Sprint(limit.Milliseconds()))
	}
	return tell(suite.FindingURLRight, "ms", ms)
}

// statusFault names what an answer other than 200 amounts to. Ours are JSON
// with a code; the same status without one comes from a proxy.
func statusFault(a answer) suite.FindingCode {
	code := callbackCode(a.Answer)
	switch {
	case a.Status/100 == 3:
		return suite.FindingURLRedirect
	case code == "unknown_suite":
		return suite.FindingURLUnknownSuite
	case code == "not_found", code == "method_not_allowed":
		return suite.FindingURLOtherPath
	case code == "rejected":
		return suite.FindingURLRejected
	case code == "bad_request", code == "unsupported_encoding", code == "too_large":
		return suite.FindingURLAltered
	case code == "unavailable":
		return suite.FindingURLUnavailable
	case a.Status == http.StatusNotFound, a.Status == http.StatusMethodNotAllowed:
		return suite.FindingURLNotFound
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden:
		return suite.FindingURLForbidden
	case a.Status == http.StatusBadGateway, a.Status == http.StatusServiceUnavailable, a.Status == http.StatusGatewayTimeout:
		return suite.FindingURLGateway
	}
	return suite.FindingURLStatus
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
