package dingtalk_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"testing"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

func TestCodesOfTheNewerAPIBecomeFaults(t *testing.T) {
	refusal := func(code, message string) string {
		return fmt.Sprintf(`{"code":%q,"message":%q,"requestid":"01A08FE7"}`, code, message)
	}
	const unlisted = "Forbidden.AccessDenied.IpNotInWhiteList"
	for _, c := range []struct {
		status int
		answer string
		want   suite.PlatformError
	}{
		{400, refusal("invalidSuiteKey", "suitekey不合法"), suite.PlatformError{Fault: suite.FaultSuiteKey, Code: "invalidSuiteKey", Message: "suitekey不合法"}},
		{400, refusal("invalidSuiteTicket", "m"), suite.PlatformError{Fault: suite.FaultTicket, Code: "invalidSuiteTicket", Message: "m"}},
		{400, refusal("invalidClientIdOrSecret", "m"), suite.PlatformError{Fault: suite.FaultSecret, Code: "invalidClientIdOrSecret", Message: "m"}},
		{400, refusal("invalidAuthInfo", "授权关系不存在"), suite.PlatformError{Fault: suite.FaultNotAuthorized, Code: "invalidAuthInfo", Message: "授权关系不存在"}},
		{500, refusal("invalidSuiteTicket", "m"), suite.PlatformError{Fault: suite.FaultTicket, Code: "invalidSuiteTicket", Message: "m"}},

		{403, refusal(unlisted, "访问ip不在白名单之中,request ip=192.0.2.7 suiteKey(suite1)"), suite.PlatformError{
			Fault: suite.FaultAddress, Code: unlisted, Message: "访问ip不在白名单之中,request ip=192.0.2.7 suiteKey(suite1)", Address: "192.0.2.7"}},
		{403, refusal(unlisted, "request ip=2001:db8::7"), suite.PlatformError{
			Fault: suite.FaultAddress, Code: unlisted, Message: "request ip=2001:db8::7", Address: "2001:db8::7"}},
		{403, refusal(unlisted, ""), suite.PlatformError{Fault: suite.FaultAddress, Code: unlisted, Message: "no message"}},

		{403, refusal("Forbidden.AccessDenied.QpsLimitForApi", "m"), suite.PlatformError{Fault: suite.FaultThrottled, Code: "Forbidden.AccessDenied.QpsLimitForApi", Message: "m"}},
		{403, refusal("Forbidden.AccessDenied.QpsLimitForSuitekeyAndOrgAndApi", "m"), suite.PlatformError{
			Fault: suite.FaultThrottled, Code: "Forbidden.AccessDenied.QpsLimitForSuitekeyAndOrgAndApi", Message: "m"}},
		{403, refusal("Forbidden.AccessDenied.QpmLimitForAppkeyAndApi", "m"), suite.PlatformError{
			Fault: suite.FaultThrottled, Code: "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi", Message: "m"}},
		{503, refusal("Throttling.User", "m"), suite.PlatformError{Fault: suite.FaultThrottled, Code: "Throttling.User", Message: "m"}},
		{429, refusal("whatever", "m"), suite.PlatformError{Fault: suite.FaultThrottled, Code: "whatever", Message: "m"}},

		{500, refusal("unknownError", "未知错误"), suite.PlatformError{Fault: suite.FaultTransient, Code: "unknownError", Message: "未知错误"}},
		{503, refusal("ServiceUnavailable", "m"), suite.PlatformError{Fault: suite.FaultTransient, Code: "ServiceUnavailable", Message: "m"}},
		{400, refusal("invalidCorpId", "参数错误"), suite.PlatformError{Fault: suite.FaultOther, Code: "invalidCorpId", Message: "参数错误"}},
		{403, refusal("Forbidden.AccessDenied.AccessTokenPermissionDenied", "m"), suite.PlatformError{
			Fault: suite.FaultOther, Code: "Forbidden.AccessDenied.AccessTokenPermissionDenied", Message: "m"}},
		{400, `{"code":400,"message":["m"]}`, suite.PlatformError{Fault: suite.FaultOther, Code: "400", Message: "no message"}},
		{400, `{"code":"a\nb","message":"c\nd"}`, suite.PlatformError{Fault: suite.FaultOther, Code: "a b", Message: "c d"}},

		{400, `{"code":"","message":"m"}`, suite.PlatformError{Fault: suite.FaultTransient, Message: "HTTP status 400"}},
		{404, `[{"code":"invalidSuiteKey"}]`, suite.PlatformError{Fault: suite.FaultTransient, Message: "HTTP status 404"}},
		{200, `{"errcode":404,"errmsg":"请求的URI地址不存在"}`, suite.PlatformError{Fault: suite.FaultOther, Code: "404", Message: "请求的URI地址不存在"}},
	} {
		client, p := answering(t, c.answer)
		p.status = c.status
		_, err := client.CorpToken(t.Context(), credentials, "ding1")
		var got *suite.PlatformError
		c.want.Call = "corpAccessToken"
		if !errors.As(err, &got) || inEnglish(*got) != c.want {
			t.Errorf("answered %d %s: %+v, want %+v", c.status, c.answer, err, c.want)
		}
		if known := c.want.Fault != suite.FaultTransient && c.want.Fault != suite.FaultOther && c.status != http.StatusTooManyRequests; known {
			if _, ok := suite.ExplainCode(c.want.Code); !ok {
				t.Errorf("%s is %s, but ExplainCode does not know it", c.want.Code, c.want.Fault)
			}
		}
	}
}

func TestSuccessOfTheNewerAPINeedsNoErrcode(t *testing.T) {
	for _, answer := range []string{
		`{"accessToken":"tok","expireIn":7200}`,
		`{"accessToken":"tok","expireIn":"7200","code":"OK"}`,
	} {
		c, _ := answering(t, answer)
		got, err := c.CorpToken(t.Context(), credentials, "ding1")
		if err != nil || got.Value != "tok" {
			t.Errorf("CorpToken answered %s = %+v, %v, want the token", answer, got, err)
		}
	}
}

// TestCorpTokenOfTheStandIn asks the stand-in, whose requests and answers were
// written without this client.
func TestCorpTokenOfTheStandIn(t *testing.T) {
	here := netip.MustParseAddrPort("192.0.2.7:1")
	p := dingtalktest.New(dingtalktest.Options{Seed: 1})
	s := dingtalktest.Suite{
		Key: "suite1", Secret: secret, Token: "abcdefghijklmnopqrstuvwx",
		EncodingAESKey: "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij", CallbackURL: "http://isv.test/callback",
	}
	elsewhere := s
	elsewhere.Key, elsewhere.IPWhitelist = "suite2", []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}
	for _, err := range []error{
		p.AddSuite(s), p.AddSuite(elsewhere), p.PushTicket("suite1"),
		p.Authorize("suite1", dingtalktest.Authorization{CorpID: "ding1"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	state, _ := p.Suite("suite1")
	right := suite.Credentials{Key: "suite1", Secret: secret, Ticket: suite.Secret(state.Ticket)}
	with := func(change func(*suite.Credentials)) suite.Credentials {
		c := right
		change(&c)
		return c
	}
	client := newClient(t, dingtalk.Options{HTTPClient: &http.Client{Transport: dingtalktest.Transport{Handler: p, From: here}}})
	for name, c := range map[string]struct {
		cred    suite.Credentials
		corp    suite.CorpID
		fault   suite.Fault
		address string
	}{
		"right":           {right, "ding1", "", ""},
		"other key":       {with(func(c *suite.Credentials) { c.Key = "suite3" }), "ding1", suite.FaultSuiteKey, ""},
		"wrong secret":    {with(func(c *suite.Credentials) { c.Secret = "x" }), "ding1", suite.FaultSecret, ""},
		"old ticket":      {with(func(c *suite.Credentials) { c.Ticket = "x" }), "ding1", suite.FaultTicket, ""},
		"other corp":      {right, "ding2", suite.FaultNotAuthorized, ""},
		"no corp":         {right, "", suite.FaultOther, ""},
		"not whitelisted": {with(func(c *suite.Credentials) { c.Key = "suite2" }), "ding1", suite.FaultAddress, "192.0.2.7"},
	} {
		tok, err := client.CorpToken(t.Context(), c.cred, c.corp)
		if faultOf(err) != c.fault || (err == nil) != (tok.Value != "") {
			t.Errorf("%s: CorpToken = %+v, %v, want fault %q", name, tok, err, c.fault)
		}
		var fault *suite.PlatformError
		if errors.As(err, &fault) && fault.Address != c.address {
			t.Errorf("%s: CorpToken = %v with address %q, want %q", name, err, fault.Address, c.address)
		}
	}
}
