package main_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// configuration checks and prints a good configuration, and then some in which
// secrets stand where something is wrong.
func (s *story) configuration() {
	s.Helper()
	secret, token, aesKey := s.http.Secret.Reveal(), s.http.Token.Reveal(), s.http.AESKey.Reveal()
	suiteOf := func(key, secret, token, aesKey string) string {
		return fmt.Sprintf("suites:\n  - key: %s\n    secret: %s\n    token: %s\n    aes_key: %s\n", key, secret, token, aesKey)
	}
	good := s.file("good.yaml", fmt.Sprintf("master_key: %s\nadmin: {tokens: [{name: ops, token: %s, role: operator}]}\n%s",
		s.cfg.MasterKey.Reveal(), secret, suiteOf("storyhttp", secret, token, aesKey)))
	for _, line := range []string{"check", "check -o json", "print", "print -o json"} {
		s.command(0, append([]string{"config", "--config", good}, strings.Fields(line)...)...)
	}
	for i, bad := range []string{
		suiteOf(secret+"!", token, secret, token),
		suiteOf("storyhttp", "["+secret+"]", "{"+token+": 1}", aesKey[1:]),
		suiteOf("storyhttp", `"`+secret, token, aesKey),
		suiteOf("storyhttp", secret, token+"\t- "+token, aesKey),
		suiteOf("storyhttp", secret, token, aesKey) + "    secert: " + secret + "\n",
		strings.ReplaceAll(suiteOf("storyhttp", secret, token, aesKey), ": t", ":t"), // a blank is missing before the token
		strings.ReplaceAll(suiteOf("storyhttp", secret, token, aesKey), "secret: ", "secret:"),
		"listen: " + secret + "\nmaster_key: " + secret + "\nretention: {events: " + token + "}\nsuites: " + aesKey + "\n",
		"dingtalk: {oapi_url: \"https://" + token + "@x\"}\nlog: {level: " + secret + "}\nadmin: {listen: " + token + ", tokens: [" + secret + "]}\n",
	} {
		file := s.file(fmt.Sprintf("bad%d.yaml", i), bad)
		s.command(1, "config", "check", "--config", file)
		s.command(1, "config", "check", "--config", file, "-o", "json")
		s.command(1, "serve", "--config", file)
	}
}

// beforeTheTicket has the URL be checked, and a corp authorise that must wait.
func (s *story) beforeTheTicket() {
	s.Helper()
	for event, want := range map[string]bool{dingtalktest.CheckUpdateSuiteURL: true, dingtalktest.CheckCreateSuiteURL: false} {
		p, err := s.dingTalk.CheckURL(s.Context(), s.http.Key, event)
		if err != nil || p.OK != want {
			s.Errorf("%s: accepted %v, %v, want %v", event, p.OK, err, want)
		}
	}
	s.authorize(s.http, "ding01")
	s.counted(s.http, map[string]int{"pending": 1})
	s.sees("ticket_missing")
}

// rejections pushes what is not authentic, or not well-formed, and looks at the
// alerts before an accepted push ends them.
func (s *story) rejections() {
	s.Helper()
	stranger := s.secretSuite("stranger")
	wrongToken, wrongKey, wrongSuite := s.alone, s.alone, s.alone
	wrongToken.Token, wrongKey.AESKey, wrongSuite.Key = stranger.Token, stranger.AESKey, stranger.Key
	text := fmt.Sprintf(`{"EventType":"suite_ticket","SuiteTicket":%q}`, s.newSecret("ticket of a stranger"))
	for _, c := range []keeper.SuiteConfiguration{wrongToken, wrongKey, wrongSuite} {
		s.pushes(http.StatusForbidden, s.alone.Key, c, text)
	}
	s.pushes(http.StatusForbidden, s.alone.Key, s.alone, text[:len(text)-1])
	s.pushes(http.StatusNotFound, "nobody", s.alone, text)
	for _, code := range []string{"signature", "aes_key", "suite_key", "not_json"} {
		s.sees("pushes_rejected_" + code)
	}
	secret := s.alone.Secret.Reveal()
	for _, body := range []string{secret, `{"encrypt":"` + secret + `"}`, `{"encrypt":["` + secret + `"]}`, `{"` + secret + `":1}`, strings.Repeat(secret, 1<<15)} {
		for _, query := range []string{"?signature=" + secret, "?nonce=%zz" + secret, "?" + strings.Repeat("signature="+secret+"&", 2)} {
			a, err := s.do(http.MethodPost, s.callback+"/callback/"+s.alone.Key+query, body, "Content-Type", secret)
			s.must(err)
			s.shows("answer to a malformed push", fmt.Sprint(a))
		}
	}
}

// pushes pushes a text, sealed as c says, to the path of a suite.
func (s *story) pushes(status int, key string, c keeper.SuiteConfiguration, text string) {
	s.Helper()
	e, err := envelopeOf(c, text)
	s.must(err)
	a, err := s.send(key, e)
	s.must(err)
	s.shows("answer to a push", fmt.Sprint(a))
	if a.status != status {
		s.Errorf("a push was answered %d, want %d", a.status, status)
	}
}

// successes brings tickets, and corps of all suites to active.
func (s *story) successes() {
	s.Helper()
	for _, c := range []keeper.SuiteConfiguration{s.http, s.sync, s.alone} {
		s.newTicket(c)
	}
	s.counted(s.http, map[string]int{"active": 1})
	s.activates(s.sync, "ding01")
	s.activates(s.alone, "ding01")
	s.must(s.dingTalk.Authorize(s.http.Key, dingtalktest.Authorization{CorpID: "ding02", Codes: 3}))
	s.counted(s.http, map[string]int{"active": 2})
	s.observe()
}

// quarantine pushes what is authentic but odd.
func (s *story) quarantine() {
	s.Helper()
	odd := s.newSecret("secret in quarantine")
	for _, text := range []string{
		`{"EventType":"suite_ticket","SuiteTicket":"` + odd + `","SuiteTicket":"` + odd + `"}`,
		`{"EventType":"suite_ticket","SuiteKey":"suiteother","SuiteTicket":"` + odd + `"}`,
		`{"EventType":"suite_ticket","SuiteTicket":["` + odd + `"]}`,
		`{"EventType":"tmp_auth_code","AuthCode":"` + odd + `","AuthCorpId":7}`,
		`{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[5,{"biz_type":2,"biz_data":"{\"suiteTicket\":\"` + odd + `\""},` +
			`{"biz_type":4,"corp_id":"ding1","biz_data":{"syncAction":"org_suite_auth","permanent_code":["` + odd + `"]}},` +
			`{"biz_type":4,"biz_data":{"syncAction":"org_suite_auth","permanent_code":"` + odd + `"}}]}`,
	} {
		s.pushes(http.StatusOK, s.sync.Key, s.sync, text)
	}
	s.sees("events_quarantined")
}

// refusals has DingTalk refuse calls, quoting all that it was sent.
func (s *story) refusals() {
	s.Helper()
	for i, refusal := range []struct {
		errcode int
		alert   string
	}{
		{40085, "ticket_rejected"}, {40088, "suite_secret_wrong"}, {40083, "suite_key_wrong"},
	} {
		s.must(s.dingTalk.RevokeTokens(s.http.Key)) // so that the next call is refused with 40082, and a token asked for
		s.tape.refuse("/service/get_suite_token", refusal.errcode, math.MaxInt)
		s.authorize(s.http, fmt.Sprintf("dinggate%d", i))
		s.sees(refusal.alert)
		s.tape.refuse("/service/get_suite_token", 0, 0)
		s.newTicket(s.http)
		s.counted(s.http, map[string]int{"active": 3 + i})
	}
	s.must(s.dingTalk.SetIPWhitelist(s.http.Key, netip.MustParsePrefix("192.0.2.1/32")))
	s.authorize(s.http, "dingaddress")
	s.sees("address_not_whitelisted")
	s.must(s.dingTalk.SetIPWhitelist(s.http.Key))
	s.newTicket(s.http)
	s.counted(s.http, map[string]int{"active": 6})

	for i, refusal := range []struct {
		path    string
		errcode int
		alert   string
	}{
		{"/service/get_permanent_code", 40102, "code_burnt"},
		{"/service/get_permanent_code", 40091, "reauthorize_needed"},
		{"/service/get_permanent_code", 40079, "not_authorized"},
		{"/service/activate_suite", 40084, "permanent_code_wrong"},
	} {
		s.tape.refuse(refusal.path, refusal.errcode, 1)
		s.authorize(s.alone, fmt.Sprintf("dingfinal%d", i))
		s.sees(refusal.alert)
	}
	for _, path := range []string{"/service/get_permanent_code", "/service/activate_suite", "/service/get_auth_info", "/auth/scopes"} {
		s.tape.refuse(path, -1, 1) // may pass, and does
	}
	s.activates(s.http, "dingbusy")
}

// brokenAnswers has DingTalk break off its answers: calls that were not done
// and are tried again, and an exchange that was done, whose answer is lost.
func (s *story) brokenAnswers() {
	s.Helper()
	late := s.latePush()
	s.must(s.dingTalk.RevokeTokens(s.http.Key))
	for e, spoil := range map[dingtalktest.Endpoint]dingtalktest.Spoil{
		dingtalktest.GetSuiteToken: dingtalktest.HalfJSON, dingtalktest.GetPermanentCode: dingtalktest.HTML,
		dingtalktest.ActivateSuite: dingtalktest.Empty, dingtalktest.GetAuthInfo: dingtalktest.HTTPFail,
		dingtalktest.CorpAccessToken: dingtalktest.HalfJSON, dingtalktest.AuthScopes: dingtalktest.Dropped,
	} {
		s.must(s.dingTalk.Fault(e, dingtalktest.Fault{Spoil: spoil}))
	}
	s.activates(s.http, "dingbroken")
	for i, spoil := range []dingtalktest.Spoil{dingtalktest.HalfJSON, dingtalktest.Dropped} {
		s.must(s.dingTalk.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: spoil, Done: true}))
		s.activates(s.http, fmt.Sprintf("dinglost%d", i)) // with a new code
	}
	s.must(s.dingTalk.Fault(dingtalktest.ActivateSuite, dingtalktest.Fault{Spoil: dingtalktest.HalfJSON, Times: dingtalktest.Always}))
	s.authorize(s.alone, "dingaway")
	s.sees("platform_unreachable")
	s.dingTalk.ClearFaults()
	late()
}

// latePush begins a push whose body does not arrive in time. The function that
// it returns waits for the answer.
func (s *story) latePush() (finish func()) {
	s.Helper()
	secret := s.newSecret("body that came late")
	e, err := envelopeOf(s.http, "{}")
	s.must(err)
	c, err := net.Dial("tcp", strings.TrimPrefix(s.callback, "http://"))
	s.must(err)
	_, err = fmt.Fprintf(c, "POST /callback?signature=%s&timestamp=%s&nonce=%s HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"encrypt\":\"%s",
		e.Signature, e.Timestamp, e.Nonce, secret)
	s.must(err)
	return func() {
		s.Helper()
		defer c.Close()
		s.must(c.SetReadDeadline(time.Now().Add(patience)))
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		s.must(err)
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		s.must(err)
		s.shows("answer to a late push", fmt.Sprint(res.Header, string(body)))
		if res.StatusCode != http.StatusServiceUnavailable {
			s.Errorf("a push whose body did not arrive was answered %d, want 503", res.StatusCode)
		}
	}
}

// changes has corps change and withdraw what they authorised.
func (s *story) changes() {
	s.Helper()
	for _, c := range []keeper.SuiteConfiguration{s.http, s.sync} {
		active := s.report().counts(c.Key)["active"]
		is := func(state string, n int) {
			s.Helper()
			s.until(fmt.Sprintf("%d of %s are %s", n, c.Key, state), func() bool { return s.report().counts(c.Key)[state] == n })
		}
		s.must(s.dingTalk.ChangeAuth(c.Key, "ding01", dingtalktest.Scope{Departments: []int64{7}}))
		s.must(s.dingTalk.StopApp(c.Key, "ding01", 0))
		is("disabled", 1)
		s.must(s.dingTalk.RestoreApp(c.Key, "ding01", 0))
		is("active", active)
		s.must(s.dingTalk.Relieve(c.Key, "ding01"))
		is("relieved", 1)
		s.authorize(c, "ding01")
		is("active", active)
	}
	s.observe()
}

// operators asks as people and programs do, with the right token and wrong ones.
func (s *story) operators() {
	s.Helper()
	wrong := s.newSecret("wrong admin token")
	for _, path := range []string{"/api/v1/status", "/api/v1/suites?token=" + wrong, "/" + wrong, "/readyz"} {
		s.shows("GET without a right token", fmt.Sprint(s.get(s.admin+path, wrong)))
	}
	right := s.file("right.token", s.adminToken()+"\n")
	for _, form := range []string{"--lang=en", "--lang=zh", "--output=json"} {
		s.command(0, "status", form, "--admin", s.admin, "--token-file", right)
		s.command(1, "status", form, "--admin", s.admin, "--token", wrong)
		s.command(1, "status", form, "--admin", s.callback, "--token", wrong)
		s.command(2, "status", form, "--admin", "http://ops:"+wrong+"@127.0.0.1:1", "--token", wrong)
	}
	s.command(0, "healthcheck", "--url", s.callback+"/healthz")
	s.command(1, "healthcheck", "--url", s.callback+"/"+s.http.Key)
	ticket := `{"SuiteTicket":"` + s.newSecret("ticket of the command push") + `"}`
	for _, form := range []string{"--output=text", "--output=json"} {
		for status, token := range []string{s.alone.Token.Reveal(), s.sync.Token.Reveal()} {
			s.command(status, "push", "suite_ticket", "--to", s.callback+"/callback/"+s.alone.Key, form, "--suite-key", s.alone.Key,
				"--token", token, "--aes-key", s.alone.AESKey.Reveal(), "--data", ticket)
		}
	}
}

// wrongSecret restarts the receiver with a suite secret that DingTalk does not
// know, and then with the right one.
func (s *story) wrongSecret() {
	s.Helper()
	right := s.cfg.Suites[0].Secret
	s.stop()
	s.cfg.Suites[0].Secret = suite.Secret(s.newSecret("wrong suite secret"))
	s.start()
	s.must(s.dingTalk.RevokeTokens(s.http.Key))
	s.authorize(s.http, "dingsecret")
	s.sees("suite_secret_wrong")
	active := s.report().counts(s.http.Key)["active"]
	s.stop()
	s.cfg.Suites[0].Secret = right
	s.start()
	s.until("dingsecret is active", func() bool { return s.report().counts(s.http.Key)["active"] == active+1 })
	s.observe()
}

// wrongMasterKey starts the receiver with another master key, which it refuses.
func (s *story) wrongMasterKey() {
	s.Helper()
	s.stop()
	cfg := s.cfg
	cfg.MasterKey = suite.Secret(s.masterKey("wrong master key"))
	callbacks, operators := s.listen(), s.listen()
	defer callbacks.Close()
	defer operators.Close()
	log := keeper.NewLogger(keeper.LogConfiguration{Level: "debug", Format: "console"}, &s.log)
	err := keeper.RunReceiver(context.Background(), cfg, log, callbacks, operators)
	if err == nil {
		s.Fatal("the receiver started with a wrong master key")
	}
	s.shows("error of a start", fmt.Sprintf("%v %+v", err, err))
}
