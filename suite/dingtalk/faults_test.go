package dingtalk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk"
)

func faultOf(err error) suite.Fault {
	var e *suite.PlatformError
	if !errors.As(err, &e) {
		return ""
	}
	return e.Fault
}

func TestErrcodesBecomeFaults(t *testing.T) {
	for answer, want := range map[string]suite.PlatformError{
		`{"errcode":-1,"errmsg":"系统繁忙"}`:             {Fault: suite.FaultTransient, Code: "-1", Message: "系统繁忙"},
		`{"errcode":40087,"errmsg":"m"}`:             {Fault: suite.FaultTransient, Code: "40087", Message: "m"},
		`{"errcode":40078,"errmsg":"不存在的临时授权码"}`:     {Fault: suite.FaultCodeSpent, Code: "40078", Message: "不存在的临时授权码"},
		`{"errcode":40102,"errmsg":"m"}`:             {Fault: suite.FaultCodeExpired, Code: "40102", Message: "m"},
		`{"errcode":40079,"errmsg":"m"}`:             {Fault: suite.FaultNotAuthorized, Code: "40079", Message: "m"},
		`{"errcode":40080,"errmsg":"m"}`:             {Fault: suite.FaultSecret, Code: "40080", Message: "m"},
		`{"errcode":40088,"errmsg":"m"}`:             {Fault: suite.FaultSecret, Code: "40088", Message: "m"},
		`{"errcode":40082,"errmsg":"m"}`:             {Fault: suite.FaultToken, Code: "40082", Message: "m"},
		`{"errcode":40014,"errmsg":"m"}`:             {Fault: suite.FaultToken, Code: "40014", Message: "m"},
		`{"errcode":42001,"errmsg":"m"}`:             {Fault: suite.FaultToken, Code: "42001", Message: "m"},
		`{"errcode":41022,"errmsg":"m"}`:             {Fault: suite.FaultToken, Code: "41022", Message: "m"},
		`{"errcode":40083,"errmsg":"m"}`:             {Fault: suite.FaultSuiteKey, Code: "40083", Message: "m"},
		`{"errcode":40090,"errmsg":"m"}`:             {Fault: suite.FaultSuiteKey, Code: "40090", Message: "m"},
		`{"errcode":40084,"errmsg":"m"}`:             {Fault: suite.FaultPermanentCode, Code: "40084", Message: "m"},
		`{"errcode":40085,"errmsg":"m"}`:             {Fault: suite.FaultTicket, Code: "40085", Message: "m"},
		`{"errcode":"40085","errmsg":"m"}`:           {Fault: suite.FaultTicket, Code: "40085", Message: "m"},
		`{"errcode":40091,"errmsg":"m"}`:             {Fault: suite.FaultReauthorize, Code: "40091", Message: "m"},
		`{"errcode":90002,"errmsg":"m"}`:             {Fault: suite.FaultThrottled, Code: "90002", Message: "m"},
		`{"errcode":90019,"errmsg":"m"}`:             {Fault: suite.FaultThrottled, Code: "90019", Message: "m"},
		`{"errcode":88,"errmsg":"m"}`:                {Fault: suite.FaultThrottled, Code: "88", Message: "m"},
		`{"errcode":12345,"errmsg":"m"}`:             {Fault: suite.FaultOther, Code: "12345", Message: "m"},
		`{"errcode":12345}`:                          {Fault: suite.FaultOther, Code: "12345", Message: "no message"},
		`{"errcode":12345,"errmsg":{"a":1}}`:         {Fault: suite.FaultOther, Code: "12345", Message: "no message"},
		`{"errcode":12345,"errmsg":"a\nb\u0000c"}`:   {Fault: suite.FaultOther, Code: "12345", Message: "a b c"},
		`{"errcode":12345,"errmsg":"m","errcode":0}`: {Fault: suite.FaultTransient, Message: "the answer holds no token"},

		`{"errcode":88,"sub_code":"90018","sub_msg":"too often","errmsg":"ding talk error[subcode=90018,submsg=too often]"}`: {
			Fault: suite.FaultThrottled, Code: "88", Message: "ding talk error[subcode=90018,submsg=too often]"},
		`{"errcode":88,"sub_code":"853004","sub_msg":"签名不匹配","errmsg":"refused"}`: {
			Fault: suite.FaultThrottled, Code: "88", Message: "refused (sub_code 853004: 签名不匹配)"},
		`{"errcode":88,"sub_code":40085,"sub_msg":"stale","errmsg":"refused"}`: {
			Fault: suite.FaultTicket, Code: "88", Message: "refused (sub_code 40085: stale)"},
		`{"errcode":88,"sub_code":"60020","sub_msg":"request ip=192.0.2.7","errmsg":""}`: {
			Fault: suite.FaultAddress, Code: "88", Message: "(sub_code 60020: request ip=192.0.2.7)", Address: "192.0.2.7"},

		`{"errcode":60020,"errmsg":"访问ip不在白名单之中,request ip=192.0.2.7 suiteKey(suite1)"}`: {
			Fault: suite.FaultAddress, Code: "60020", Message: "访问ip不在白名单之中,request ip=192.0.2.7 suiteKey(suite1)", Address: "192.0.2.7"},
		`{"errcode":60020,"errmsg":"not in 10.0.0.1, request ip: 2001:DB8::7."}`: {
			Fault: suite.FaultAddress, Code: "60020", Message: "not in 10.0.0.1, request ip: 2001:DB8::7.", Address: "2001:db8::7"},
		`{"errcode":60020,"errmsg":"192.0.2.7不在白名单"}`: {
			Fault: suite.FaultAddress, Code: "60020", Message: "192.0.2.7不在白名单", Address: "192.0.2.7"},
		`{"errcode":60020,"errmsg":"bad face 1.2.3"}`: {
			Fault: suite.FaultAddress, Code: "60020", Message: "bad face 1.2.3"},
	} {
		c, _ := answering(t, answer)
		_, err := c.SuiteToken(t.Context(), credentials)
		var got *suite.PlatformError
		want.Call = "get_suite_token"
		if !errors.As(err, &got) || inEnglish(*got) != want {
			t.Errorf("answered %s: %+v, want %+v", answer, err, want)
		}
	}
}

// What the client takes for a code that means something, operators can look up.
func TestEveryFaultHasAnExplainedCode(t *testing.T) {
	for _, from := range []int{-100, 40_000, 41_000, 42_000, 60_000, 71_000, 90_000} {
		for code := from; code < from+200; code++ {
			c, _ := answering(t, fmt.Sprintf(`{"errcode":%d}`, code))
			f := faultOf(c.Activate(t.Context(), "a", "b", "c", "d"))
			if f == "" || f == suite.FaultOther {
				continue
			}
			if _, ok := suite.ExplainCode(fmt.Sprint(code)); !ok {
				t.Errorf("%d is %s, but ExplainCode does not know it", code, f)
			}
		}
	}
}

// everyCall makes each call once and returns the errors by the calls' names.
func everyCall(ctx context.Context, c *dingtalk.Client) map[string]error {
	errs := map[string]error{}
	_, errs["get_suite_token"] = c.SuiteToken(ctx, credentials)
	_, errs["get_permanent_code"] = c.PermanentCode(ctx, suiteToken, tmpAuthCode)
	errs["activate_suite"] = c.Activate(ctx, suiteToken, "suite1", "ding1", permanentCode)
	_, errs["get_auth_info"] = c.AuthInfo(ctx, credentials, "ding1")
	_, errs["corpAccessToken"] = c.CorpToken(ctx, credentials, "ding1")
	_, errs["auth/scopes"] = c.Scopes(ctx, corpToken)
	_, errs["get_unactive_corp"] = c.Unactivated(ctx, suiteToken, 123)
	errs["reauth_corp"] = c.Reauthorize(ctx, suiteToken, 123, []suite.CorpID{"ding1"})
	return errs
}

func TestBrokenAnswersAreTransient(t *testing.T) {
	for _, c := range []struct {
		status       int
		answer, want string
		fault        suite.Fault
	}{
		{200, ``, "the answer is no JSON object", suite.FaultTransient},
		{200, `<html>`, "the answer is no JSON object", suite.FaultTransient},
		{200, `[]`, "the answer is no JSON object", suite.FaultTransient},
		{200, `null`, "the answer is no JSON object", suite.FaultTransient},
		{200, `{"errcode":0,`, "the answer is no JSON object", suite.FaultTransient},
		{200, `{"errcode":"ok"}`, "errcode is missing or no number", suite.FaultTransient},
		{200, `{"errcode":0.5}`, "errcode is missing or no number", suite.FaultTransient},
		{200, `{"errcode":{}}`, "errcode is missing or no number", suite.FaultTransient},
		{500, `{"errcode":0}`, "HTTP status 500", suite.FaultTransient},
		{502, `<html>`, "HTTP status 502", suite.FaultTransient},
		{403, ``, "HTTP status 403", suite.FaultTransient},
		{201, `{"errcode":0}`, "HTTP status 201", suite.FaultTransient},
		{302, ``, "HTTP status 302", suite.FaultTransient},
		{429, ``, "HTTP status 429", suite.FaultThrottled},
		{200, `{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"u"}`, "blocks its address", suite.FaultThrottled},
		{403, `{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"u"}`, "blocks its address", suite.FaultThrottled},
		{403, `{"errcode":40085,"errmsg":"m"}`, "DingTalk answered 40085: m", suite.FaultTicket},
	} {
		client, p := answering(t, c.answer)
		p.status = c.status
		for name, err := range everyCall(t.Context(), client) {
			if faultOf(err) != c.fault || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), name+": ") {
				t.Errorf("%s answered %d %s = %v, want %s with %q", name, c.status, c.answer, err, c.fault, c.want)
			}
		}
		if p.open != 0 {
			t.Errorf("answered %d %s: %d bodies were left open", c.status, c.answer, p.open)
		}
	}
}

func TestSuccessesThatLackSomethingAreTransient(t *testing.T) {
	for answer, want := range map[string]string{
		`{"errcode":0}`: "holds no",
		`{}`:            "",
		`{"errcode":0,"suite_access_token":"","accessToken":"","permanent_code":"","auth_info":null,"auth_org_scopes":null,"corp_list":null}`:     "holds no",
		`{"errcode":0,"suite_access_token":1,"accessToken":1,"permanent_code":1,"auth_info":1,"auth_org_scopes":1,"corp_list":1}`:                 "another shape than documented at /",
		`{"errcode":0,"suite_access_token":[],"accessToken":[],"permanent_code":[],"auth_info":[],"auth_org_scopes":[],"corp_list":["a",null,2]}`: "another shape than documented at /",
	} {
		client, _ := answering(t, answer)
		for name, err := range everyCall(t.Context(), client) {
			if answer != `{}` && (name == "activate_suite" || name == "reauth_corp") {
				continue // nothing but the errcode counts
			}
			if faultOf(err) != suite.FaultTransient || !strings.Contains(err.Error(), want) {
				t.Errorf("%s answered %s = %v, want transient with %q", name, answer, err, want)
			}
		}
	}
	for _, life := range []string{`null`, `0`, `-1`, `"x"`, `1e3`, `9999999999`} {
		client, _ := answering(t, `{"suite_access_token":"t","accessToken":"t","expires_in":`+life+`,"expireIn":`+life+`}`)
		if tok, err := client.SuiteToken(t.Context(), credentials); faultOf(err) != suite.FaultTransient {
			t.Errorf("SuiteToken answered a life of %s = %+v, %v, want transient", life, tok, err)
		}
		if tok, err := client.CorpToken(t.Context(), credentials, "ding1"); faultOf(err) != suite.FaultTransient {
			t.Errorf("CorpToken answered a life of %s = %+v, %v, want transient", life, tok, err)
		}
	}
}

// hang waits until the client goes away, which a server notices only once it
// has read the body.
func hang(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func TestNoAnswerIsTransient(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for want, c := range map[string]*dingtalk.Client{
		"connection refused": newClient(t, dingtalk.Options{OAPIURL: gone.URL}),
		"EOF": served(t, dingtalk.Options{}, func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		}),
		"unexpected EOF": served(t, dingtalk.Options{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(`{"errcode":0`))
		}),
		"no answer within 50ms": served(t, dingtalk.Options{Timeout: 50 * time.Millisecond}, func(_ http.ResponseWriter, r *http.Request) {
			hang(r)
		}),
		"more than 1000 bytes": served(t, dingtalk.Options{MaxResponse: 1000}, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"errcode":0,"suite_access_token":"` + strings.Repeat("t", 1000) + `"}`))
		}),
	} {
		_, err := c.SuiteToken(t.Context(), credentials)
		if faultOf(err) != suite.FaultTransient || !strings.Contains(err.Error(), want) {
			t.Errorf("SuiteToken = %v, want transient with %q", err, want)
		}
		if strings.Contains(err.Error(), "://") {
			t.Errorf("SuiteToken = %v, which quotes the URL", err)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	c := served(t, dingtalk.Options{}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			t.Errorf("the client followed the redirect with %s", r.URL)
		}
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	if _, err := c.SuiteToken(t.Context(), credentials); faultOf(err) != suite.FaultTransient || !strings.Contains(err.Error(), "HTTP status 307") {
		t.Errorf("SuiteToken = %v, want transient with the status", err)
	}
}

func TestEndOfContextIsNoFailureOfThePlatform(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	client, p := answering(t, `{"errcode":0}`)
	for name, err := range everyCall(cancelled, client) {
		if !errors.Is(err, context.Canceled) || faultOf(err) != "" {
			t.Errorf("%s = %v, want that of the context", name, err)
		}
	}
	if len(p.got) != 0 {
		t.Errorf("%d requests were sent after the end of the context", len(p.got))
	}

	waiting, cancel := context.WithCancel(t.Context())
	defer cancel()
	hanging := served(t, dingtalk.Options{}, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		hang(r)
	})
	if _, err := hanging.SuiteToken(waiting, credentials); !errors.Is(err, context.Canceled) || faultOf(err) != "" {
		t.Errorf("SuiteToken cancelled while it waits = %v, want that of the context", err)
	}
}

func TestRateLimitsSpaceTheCalls(t *testing.T) {
	for name, o := range map[string]dingtalk.Options{
		"of all calls": {Rate: dingtalk.Limit{PerSecond: 10, Burst: 2}},
		"of one suite": {SuiteRate: dingtalk.Limit{PerSecond: 10, Burst: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o.HTTPClient = &http.Client{Transport: &platform{status: 200, answers: []string{`{"errcode":0}`}}}
				c := newClient(t, o)
				start := time.Now()
				for range 12 {
					if err := c.Activate(t.Context(), suiteToken, "suite1", "ding1", permanentCode); err != nil {
						t.Fatal(err)
					}
				}
				if took := time.Since(start); took != time.Second {
					t.Errorf("12 calls took %v, want 1s: 2 at once, then 10 a second", took)
				}
				if err := c.Activate(t.Context(), suiteToken, "suite2", "ding1", permanentCode); err != nil {
					t.Fatal(err)
				}
				if other := time.Since(start) - time.Second; (other == 0) != (name == "of one suite") {
					t.Errorf("the call of another suite took %v", other)
				}
			})
		})
	}
}

func TestWaitForRateLimitIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := dingtalk.Options{
			Rate:       dingtalk.Limit{PerSecond: 0.001, Burst: 1},
			HTTPClient: &http.Client{Transport: &platform{status: 200, answers: []string{`{"errcode":0}`}}},
		}
		c := newClient(t, o)
		call := func(ctx context.Context) error { return c.Activate(ctx, suiteToken, "suite1", "ding1", permanentCode) }
		if err := call(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := call(t.Context()); faultOf(err) != suite.FaultThrottled {
			t.Errorf("Activate = %v, want throttled", err)
		}
		o.Rate.PerSecond, o.Timeout = 0.5, time.Hour
		c = newClient(t, o)
		if err := call(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		if err := call(ctx); !errors.Is(err, context.Canceled) || faultOf(err) != "" || time.Since(start) != time.Second {
			t.Errorf("Activate = %v after %v, want the context's end after 1s", err, time.Since(start))
		}
	})
}

// inEnglish is an error with its message in words.
func inEnglish(e suite.PlatformError) suite.PlatformError {
	e.Message = suite.Phrase(e.Message.String())
	return e
}
