package dingtalktest_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"suitekeeper/suite/dingtalk/dingtalktest"
)

func TestSuiteTokenNeedsKeySecretAndTicket(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		if a := st.post("/service/get_suite_token", suiteTokenBody(suiteKey, suiteSecret, "")); a.errcode() != 40085 {
			t.Errorf("before any ticket = %s, want 40085", a.text)
		}
		ticket := st.ticket()
		tests := []struct {
			key, secret, ticket string
			errcode             int
			code                string
		}{
			{suiteKey, suiteSecret, ticket, 0, ""},
			{"suiteother", suiteSecret, ticket, 40083, "invalidSuiteKey"},
			{suiteKey, "wrong", ticket, 40088, "invalidClientIdOrSecret"},
			{suiteKey, suiteSecret, "stale", 40085, "invalidSuiteTicket"},
		}
		for _, tt := range tests {
			a := st.post("/service/get_suite_token", suiteTokenBody(tt.key, tt.secret, tt.ticket))
			if a.status != 200 || a.errcode() != tt.errcode || (a.str("suite_access_token") != "") != (tt.errcode == 0) {
				t.Errorf("get_suite_token(%s, %s, %s) = %d %s, want errcode %d", tt.key, tt.secret, tt.ticket, a.status, a.text, tt.errcode)
			}
			b := st.post("/v1.0/oauth2/suiteAccessToken", fmt.Sprintf(`{"suiteKey":%q,"suiteSecret":%q,"suiteTicket":%q}`, tt.key, tt.secret, tt.ticket))
			if b.str("code") != tt.code || (b.status == 200) != (tt.code == "") || (b.str("accessToken") != "") != (tt.code == "") {
				t.Errorf("suiteAccessToken(%s, %s, %s) = %d %s, want code %q", tt.key, tt.secret, tt.ticket, b.status, b.text, tt.code)
			}
		}
	})
}

func TestNamesOfRequestsAreExact(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		body := strings.Replace(suiteTokenBody(suiteKey, suiteSecret, st.ticket()), "suite_key", "Suite_Key", 1)
		if a := st.post("/service/get_suite_token", body); a.errcode() != 40083 {
			t.Errorf("get_suite_token with Suite_Key = %s, want 40083", a.text)
		}
	})
}

func TestTicketReplacesTheOneBefore(t *testing.T) {
	for _, tt := range []struct{ grace, wait time.Duration }{{0, 0}, {time.Minute, time.Minute}} {
		inBubble(t, dingtalktest.Options{TicketGrace: tt.grace}, aSuite(), func(st *stand) {
			try := func(ticket string) int {
				return st.post("/service/get_suite_token", suiteTokenBody(suiteKey, suiteSecret, ticket)).errcode()
			}
			old := st.ticket()
			fresh := st.ticket()
			if tt.grace > 0 {
				if got := try(old); got != 0 {
					t.Errorf("old ticket within its grace = %d, want 0", got)
				}
			}
			time.Sleep(tt.wait)
			if got := try(old); got != 40085 {
				t.Errorf("grace %v: old ticket = %d, want 40085", tt.grace, got)
			}
			if got := try(fresh); got != 0 {
				t.Errorf("current ticket = %d, want 0", got)
			}
		})
	}
}

func TestTokensExpireAndCanBeRevoked(t *testing.T) {
	inBubble(t, dingtalktest.Options{TokenTTL: time.Hour}, aSuite(), func(st *stand) {
		st.ticket()
		st.authorize(1)
		suiteCall := func(token string) int {
			return st.post("/service/get_unactive_corp?suite_access_token="+token, `{"app_id":62282}`).errcode()
		}
		corpCall := func(token string) int { return st.get("/auth/scopes?access_token=" + token).errcode() }

		first, second, corp := st.suiteToken(), st.suiteToken(), st.corpToken()
		if first == second {
			t.Error("asking twice gave the same suite token")
		}
		if got := []int{suiteCall(first), suiteCall(second), corpCall(corp), suiteCall(corp), corpCall(first)}; !slices.Equal(got, []int{0, 0, 0, 40082, 40014}) {
			t.Errorf("fresh tokens = %v, want them to work each for its own calls", got)
		}
		time.Sleep(time.Hour)
		if got := []int{suiteCall(first), corpCall(corp)}; !slices.Equal(got, []int{40082, 40014}) {
			t.Errorf("after an hour = %v, want 40082 and 40014", got)
		}
		token, corp := st.suiteToken(), st.corpToken()
		st.must(st.RevokeCorpTokens(suiteKey, corpID))
		if got := []int{suiteCall(token), corpCall(corp)}; !slices.Equal(got, []int{0, 40014}) {
			t.Errorf("corp's tokens revoked = %v, want 0 and 40014", got)
		}
		st.must(st.RevokeTokens(suiteKey))
		if got := suiteCall(token); got != 40082 {
			t.Errorf("tokens revoked = %d, want 40082", got)
		}
	})
}

func TestSignedFormIsVerified(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		ticket := st.ticket()
		st.authorize(1)
		good := signedQuery(suiteSecret, ticket)
		tests := []struct {
			name, query, body string
			errcode           int
		}{
			{"right", good, `{"auth_corpid":"ding1"}`, 0},
			{"wrong secret", signedQuery("other", ticket), `{"auth_corpid":"ding1"}`, 88},
			{"stale ticket", signedQuery(suiteSecret, "stale"), `{"auth_corpid":"ding1"}`, 40085},
			{"another suite", strings.Replace(good, suiteKey, "suiteother", 1), `{"auth_corpid":"ding1"}`, 40083},
			{"signature not encoded for a URL", strings.NewReplacer("%2B", "+", "%3D", "=", "%2F", "/").Replace(good) + "x", `{"auth_corpid":"ding1"}`, 88},
			{"no corp", good, `{}`, 41027},
			{"corp that did not authorise", good, `{"auth_corpid":"ding2"}`, 40079},
		}
		for _, tt := range tests {
			if a := st.post("/service/get_corp_token?"+tt.query, tt.body); a.errcode() != tt.errcode {
				t.Errorf("%s: get_corp_token = %s, want %d", tt.name, a.text, tt.errcode)
			}
		}
	})
}

func TestAuthInfoInAllForms(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		ticket := st.ticket()
		st.authorize(1)
		token, agent := st.suiteToken(), st.corp().Agents[0]
		body := `{"auth_corpid":"ding1","suite_key":"` + suiteKey + `"}`
		for _, query := range []string{signedQuery(suiteSecret, ticket), "suite_access_token=" + token} {
			a := st.post("/service/get_auth_info?"+query, body)
			want := fmt.Sprintf(`"agentid":%d,"appid":%d,`, agent.AgentID, agent.AppID)
			if a.errcode() != 0 || !strings.Contains(a.text, `"corp_name":"Corp"`) || !strings.Contains(strings.ReplaceAll(a.text, `"agent_name":"app",`, ""), want[:len(want)-1]) {
				t.Errorf("get_auth_info?%s = %s, want corp and agent", query[:20], a.text)
			}
		}
		header := http.Header{"X-Acs-Dingtalk-Access-Token": {token}}
		a := st.call(http.MethodGet, "/v1.0/oauth2/apps/authInfo?authCorpId=ding1", header, "")
		if want := fmt.Sprintf(`"agentId":%d`, agent.AgentID); a.status != 200 || !strings.Contains(a.text, want) || !strings.Contains(a.text, `"corpName":"Corp"`) {
			t.Errorf("apps/authInfo = %d %s, want corp and agent", a.status, a.text)
		}

		st.must(st.Relieve(suiteKey, corpID))
		if a := st.post("/service/get_auth_info?suite_access_token="+token, body); a.errcode() != 40079 {
			t.Errorf("get_auth_info after relieve = %s, want 40079", a.text)
		}
		for _, tt := range []struct {
			query  string
			header http.Header
			code   string
		}{
			{"?authCorpId=ding1", header, "orgNotAuthApp"},
			{"?authCorpId=ding2", header, "orgNotExist"},
			{"", header, "invalidCorpId"},
			{"?authCorpId=ding1", nil, "AuthenticationFailed.MissingParameter"},
			{"?authCorpId=ding1", http.Header{"X-Acs-Dingtalk-Access-Token": {"x"}}, "InvalidAuthentication"},
		} {
			if a := st.call(http.MethodGet, "/v1.0/oauth2/apps/authInfo"+tt.query, tt.header, ""); a.status != 400 || a.str("code") != tt.code {
				t.Errorf("apps/authInfo%s = %d %s, want 400 %s", tt.query, a.status, a.text, tt.code)
			}
		}
	})
}

func TestCorpTokenOfTheNewStyle(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		ticket := st.ticket()
		st.authorize(1)
		for _, tt := range []struct{ key, ticket, corp, code string }{
			{suiteKey, ticket, corpID, ""},
			{"suiteother", ticket, corpID, "invalidSuiteKey"},
			{suiteKey, "stale", corpID, "invalidSuiteTicket"},
			{suiteKey, ticket, "ding2", "invalidAuthInfo"},
		} {
			a := st.post("/v1.0/oauth2/corpAccessToken", fmt.Sprintf(`{"suiteKey":%q,"suiteSecret":%q,"authCorpId":%q,"suiteTicket":%q}`, tt.key, suiteSecret, tt.corp, tt.ticket))
			if a.str("code") != tt.code {
				t.Errorf("corpAccessToken(%s, %s, %s) = %s, want code %q", tt.key, tt.ticket, tt.corp, a.text, tt.code)
				continue
			}
			if token := a.str("accessToken"); tt.code == "" && st.get("/auth/scopes?access_token="+token).errcode() != 0 {
				t.Error("the token does not work")
			}
		}
	})
}

func TestScopesFollowTheCorp(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.ticket()
		st.authorize(1)
		token := st.corpToken()
		want := `{"auth_org_scopes":{"authed_dept":[1],"authed_user":[]},"auth_user_field":["name","userid","avatar","department"],"condition_field":[],"errcode":0,"errmsg":"ok"}`
		if a := st.get("/auth/scopes?access_token=" + token); a.text != want {
			t.Errorf("auth/scopes = %s, want %s", a.text, want)
		}
		st.must(st.ChangeAuth(suiteKey, corpID, dingtalktest.Scope{UserFields: []string{"name"}, ConditionFields: []string{"name"}, Users: []string{"zhangsan"}}))
		want = `{"auth_org_scopes":{"authed_dept":[],"authed_user":["zhangsan"]},"auth_user_field":["name"],"condition_field":["name"],"errcode":0,"errmsg":"ok"}`
		if a := st.get("/auth/scopes?access_token=" + token); a.text != want {
			t.Errorf("auth/scopes after a change = %s, want %s", a.text, want)
		}
	})
}

func TestActivationIsCheckedAndTimed(t *testing.T) {
	inBubble(t, dingtalktest.Options{Latency: 100 * time.Millisecond}, aSuite(), func(st *stand) {
		st.ticket()
		token := st.suiteToken()
		if a := st.activate(token, "x"); a.errcode() != 40079 {
			t.Errorf("activate_suite of a corp that did not authorise = %s, want 40079", a.text)
		}
		code := st.authorize(1)[0]
		st.awaitQuiet()
		if a := st.activate(token, ""); a.errcode() != 40084 {
			t.Errorf("activate_suite before the exchange = %s, want 40084", a.text)
		}
		permanent := st.exchange(token, code).str("permanent_code")
		for range 2 {
			if a := st.activate(token, permanent); a.errcode() != 0 {
				t.Errorf("activate_suite = %s, want success each time", a.text)
			}
		}
		// The refused call took 100 ms, the exchange 100 ms, and activation
		// takes effect in the middle of its own.
		got := st.Activations()
		if len(got) != 1 || got[0].Corp != corpID || got[0].Took != 250*time.Millisecond {
			t.Errorf("Activations = %+v, want the corp after 250ms", got)
		}
	})
}

func TestAddressesOutsideTheWhitelistAreNamed(t *testing.T) {
	s := aSuite()
	s.IPWhitelist = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	inBubble(t, dingtalktest.Options{}, s, func(st *stand) {
		body := suiteTokenBody(suiteKey, suiteSecret, st.ticket())
		from := func(addr string) answer {
			rt := dingtalktest.Transport{Handler: st.Platform, From: netip.MustParseAddrPort(addr)}
			return callFrom(t, rt, http.MethodPost, "/service/get_suite_token", nil, body)
		}
		if a := from("10.1.2.3:99"); a.errcode() != 0 {
			t.Errorf("from 10.1.2.3 = %s, want success", a.text)
		}
		if a := from("1.2.3.4:99"); a.errcode() != 60020 || !strings.Contains(a.str("errmsg"), "request ip=1.2.3.4") {
			t.Errorf("from 1.2.3.4 = %s, want 60020 with request ip=1.2.3.4", a.text)
		}
		rt := dingtalktest.Transport{Handler: st.Platform, From: netip.MustParseAddrPort("1.2.3.4:99")}
		a := callFrom(t, rt, http.MethodPost, "/v1.0/oauth2/suiteAccessToken", nil, `{"suiteKey":"`+suiteKey+`"}`)
		if a.status != 403 || a.str("code") != "Forbidden.AccessDenied.IpNotInWhiteList" || !strings.Contains(a.str("message"), "request ip=1.2.3.4") {
			t.Errorf("new style from 1.2.3.4 = %d %s", a.status, a.text)
		}
		st.must(st.SetIPWhitelist(suiteKey))
		if a := from("1.2.3.4:99"); a.errcode() != 0 {
			t.Errorf("with an empty whitelist = %s, want success", a.text)
		}
	})
}

func TestLimitsRefuseWhatIsTooMuch(t *testing.T) {
	o := dingtalktest.Options{Limits: map[dingtalktest.Endpoint]dingtalktest.Limit{
		dingtalktest.GetUnactiveCorp: {Calls: 2, Per: time.Minute},
	}}
	inBubble(t, o, aSuite(), func(st *stand) {
		st.ticket()
		token := st.suiteToken()
		var got []int
		for range 4 {
			a := st.post("/service/get_unactive_corp?suite_access_token="+token, `{"app_id":62282}`)
			if got = append(got, a.errcode()); a.errcode() != 0 && a.str("sub_code") != "90018" {
				t.Errorf("limited = %s, want a sub_code", a.text)
			}
			time.Sleep(25 * time.Second)
		}
		if want := []int{0, 0, 88, 0}; !slices.Equal(got, want) {
			t.Errorf("calls every 25 s = %v, want %v", got, want)
		}
	})
}

func TestWhatIsNoCallIsRefusedInTheHostsWords(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		plain := http.Header{"Content-Type": {"text/plain"}}
		for _, tt := range []struct {
			method, path string
			header       http.Header
			body         string
			status       int
			want         string
		}{
			{"POST", "/service/nothing", nil, "{}", 200, `"errcode":404`},
			{"POST", "/v1.0/nothing", nil, "{}", 404, `"code":"InvalidAction.NotFound"`},
			{"GET", "/service/get_suite_token", nil, "", 200, `"errcode":43002`},
			{"POST", "/auth/scopes", nil, "{}", 200, `"errcode":43001`},
			{"POST", "/service/get_suite_token", plain, "{}", 200, `"errcode":43004`},
			{"POST", "/service/get_suite_token", nil, "[]", 200, `"errcode":40038`},
			{"POST", "/service/get_suite_token", nil, `{"a":1,"a":2}`, 200, `"errcode":40038`},
			{"POST", "/service/get_suite_token", nil, strings.Repeat(" ", 2<<20), 200, `"errcode":40038`},
			{"POST", "/service/activate_suite", nil, "{}", 200, `"errcode":41022`},
			{"POST", "/service/activate_suite?suite_access_token=x", nil, "{}", 200, `"errcode":40082`},
		} {
			if a := st.call(tt.method, tt.path, tt.header, tt.body); a.status != tt.status || !strings.Contains(a.text, tt.want) {
				t.Errorf("%s %s = %d %s, want %d %s", tt.method, tt.path, a.status, a.text, tt.status, tt.want)
			}
		}
	})
}
