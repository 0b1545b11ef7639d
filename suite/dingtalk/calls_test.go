package dingtalk_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk"
)

// In a synctest bubble it is this time, so that signatures are always the same.
var bubbleTime = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)

const (
	post   = "POST"
	asJSON = "application/json"
	// The signed form of credentials at bubbleTime; the signature was made with
	// openssl dgst -sha256 -hmac.
	signedQuery = "?accessKey=suite1&signature=RkIJuZWTE5gqZpbQLwhTN4oVuw8gLiN9LEAgFQZi6zE%3D" +
		"&suiteTicket=ticketcanary%2B%2F%3D%261&timestamp=946684800000"
	suiteTokenQuery = "?suite_access_token=suitetokencanary%2B%2F%3D%261"
)

// TestCallsAsDocumented compares every call's request and result with the
// documented ones.
func TestCallsAsDocumented(t *testing.T) {
	for _, c := range []struct {
		name   string
		call   func(context.Context, *dingtalk.Client) (any, error)
		want   request
		answer string
		result any
	}{
		{
			name: "get_suite_token",
			call: func(ctx context.Context, c *dingtalk.Client) (any, error) { return c.SuiteToken(ctx, credentials) },
			want: request{post, "https://oapi.dingtalk.com/service/get_suite_token", asJSON,
				`{"suite_key":"suite1","suite_secret":"secretcanary","suite_ticket":"ticketcanary+/=&1"}`},
			answer: `{"errcode":0,"errmsg":"ok","suite_access_token":"tok","expires_in":7200}`,
			result: suite.Token{Value: "tok", ExpiresAt: bubbleTime.Add(2 * time.Hour)},
		},
		{
			name: "get_permanent_code",
			call: func(ctx context.Context, c *dingtalk.Client) (any, error) {
				return c.PermanentCode(ctx, suiteToken, tmpAuthCode)
			},
			want: request{post, "https://oapi.dingtalk.com/service/get_permanent_code" + suiteTokenQuery, asJSON,
				`{"tmp_auth_code":"tmpcanary+/=&1"}`},
			answer: `{"errcode":0,"permanent_code":"perm","ch_permanent_code":"ch","auth_corp_info":{"corpid":"ding1","corp_name":"测试组织"}}`,
			result: suite.PermanentCode{Code: "perm", Corp: "ding1", CorpName: "测试组织"},
		},
		{
			name: "activate_suite",
			call: func(ctx context.Context, c *dingtalk.Client) (any, error) {
				return nil, c.Activate(ctx, suiteToken, "suite1", "ding1", permanentCode)
			},
			want: request{post, "https://oapi.dingtalk.com/service/activate_suite" + suiteTokenQuery, asJSON,
				`{"suite_key":"suite1","auth_corpid":"ding1","permanent_code":"permcanary+/=&1"}`},
			answer: `{"errcode":0,"errmsg":"ok"}`,
		},
		{
			name: "get_auth_info",
			call: func(ctx context.Context, c *dingtalk.Client) (any, error) {
				return c.AuthInfo(ctx, credentials, "ding1")
			},
			want: request{post, "https://oapi.dingtalk.com/service/get_auth_info" + signedQuery, asJSON,
				`{"auth_corpid":"ding1","suite_key":"suite1"}`},
			answer: `{"errcode":0,"auth_corp_info":{"corpid":"ding1","corp_name":"测试组织","corp_logo_url":""},"auth_user_info":{"userId":"manager4"},
				"auth_info":{"agent":[{"agentid":1038226450,"agent_name":"推送测试","appid":-3,"admin_list":["manager492"]},{"agentid":2,"appid":"1000"}]}}`,
			result: suite.AuthInfo{CorpName: "测试组织", Agents: []suite.Agent{
				{AgentID: 1038226450, AppID: -3, Name: "推送测试"}, {AgentID: 2, AppID: 1000},
			}},
		},
		{
			name: "corpAccessToken",
			call: func(ctx context.Context, c *dingtalk.Client) (any, error) {
				return c.CorpToken(ctx, credentials, "ding1")
			},
			want: request{post, "https://api.dingtalk.com/v1.0/oauth2/corpAccessToken", asJSON,
				`{"suiteKey":"suite1","suiteSecret":"secretcanary","authCorpId":"ding1","suiteTicket":"ticketcanary+/=&1"}`},
			answer: `{"accessToken":"tok","expireIn":7200}`,
			result: suite.Token{Value: "tok", ExpiresAt: bubbleTime.Add(2 * time.Hour)},
		},
		{
			name: "auth/scopes",
			call: func(ctx context.Context, c *dingtalk.Client) (any, error) { return c.Scopes(ctx, corpToken) },
			want: request{"GET", "https://oapi.dingtalk.com/auth/scopes?access_token=corptokencanary%2B%2F%3D%261", "", ""},
			answer: `{"errcode":0,"condition_field":["c"],"auth_user_field":["name","email"],
				"auth_org_scopes":{"authed_dept":[1,2],"authed_user":["user1"]}}`,
			result: suite.Scope{UserFields: []string{"name", "email"}, ConditionFields: []string{"c"}, Departments: []int64{1, 2}, Users: []string{"user1"}},
		},
		{
			name: "get_unactive_corp",
			call: func(ctx context.Context, c *dingtalk.Client) (any, error) { return c.Unactivated(ctx, suiteToken, 123) },
			want: request{post, "https://oapi.dingtalk.com/service/get_unactive_corp" + suiteTokenQuery, asJSON,
				`{"app_id":123}`},
			answer: `{"errcode":0,"app_id":123,"corp_list":["ding1","ding2"],"has_more":false}`,
			result: []suite.CorpID{"ding1", "ding2"},
		},
		{
			name: "reauth_corp",
			call: func(ctx context.Context, c *dingtalk.Client) (any, error) {
				return nil, c.Reauthorize(ctx, suiteToken, 123, []suite.CorpID{"ding1", "ding2"})
			},
			want: request{post, "https://oapi.dingtalk.com/service/reauth_corp" + suiteTokenQuery, asJSON,
				`{"app_id":"123","corpid_list":["ding1","ding2"]}`},
			answer: `{"errcode":0,"errmsg":"ok"}`,
		},
	} {
		t.Run(strings.ReplaceAll(c.name, "/", " "), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, p := answering(t, c.answer)
				got, err := c.call(t.Context(), client)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff([]request{c.want}, p.got); diff != "" {
					t.Errorf("sent (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(c.result, got); diff != "" {
					t.Errorf("returned (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// An old answer of get_permanent_code has no errcode, and what stands beside
// the code may be anything: the code cannot be had again.
func TestPermanentCodeIsNeverLostForWhatStandsBesideIt(t *testing.T) {
	for answer, want := range map[string]suite.PermanentCode{
		`{"permanent_code":"p","auth_corp_info":{"corpid":"ding1","corp_name":"n"}}`:                  {Code: "p", Corp: "ding1", CorpName: "n"},
		`{"errcode":"0","permanent_code":"p","auth_corp_info":{"corpid":"ding1"}}`:                    {Code: "p", Corp: "ding1"},
		`{"errcode":0,"permanent_code":"p"}`:                                                          {Code: "p"},
		`{"errcode":0,"permanent_code":"p","auth_corp_info":null}`:                                    {Code: "p"},
		`{"errcode":0,"permanent_code":"p","auth_corp_info":["ding1"]}`:                               {Code: "p"},
		`{"errcode":0,"permanent_code":"p","auth_corp_info":{"corpid":[],"corp_name":"n"}}`:           {Code: "p", CorpName: "n"},
		"{\"errcode\":0,\"permanent_code\":\"p\",\"auth_corp_info\":{\"corp_name\":\"n\xff\"}}":       {Code: "p", CorpName: "n\ufffd"},
		`{"errcode":0,"errcode":0,"permanent_code":"p","auth_corp_info":{"corpid":"d","corpid":"d"}}`: {Code: "p", Corp: "d"},
	} {
		c, _ := answering(t, answer)
		got, err := c.PermanentCode(t.Context(), suiteToken, tmpAuthCode)
		if err != nil || got != want {
			t.Errorf("PermanentCode answered %s = %#v, %v, want %#v", answer, got, err, want)
		}
	}
}

func TestReauthorizeMakesNoCallForNoCorps(t *testing.T) {
	c, p := answering(t, `{"errcode":-1}`)
	if err := c.Reauthorize(t.Context(), suiteToken, 123, nil); err != nil || len(p.got) != 0 {
		t.Errorf("Reauthorize = %v after %d calls, want nothing", err, len(p.got))
	}
}

func TestUnactivatedFollowsHasMoreWhileThereIsSomethingNew(t *testing.T) {
	page := func(more bool, corps string) string {
		return fmt.Sprintf(`{"errcode":0,"corp_list":[%s],"has_more":%t}`, corps, more)
	}
	for _, c := range []struct {
		answers []string
		want    []suite.CorpID
		calls   int
	}{
		{[]string{page(false, ``)}, nil, 1},
		{[]string{page(true, `"a","b"`), page(true, `"b","c"`), page(false, `"d"`)}, []suite.CorpID{"a", "b", "c", "d"}, 3},
		{[]string{page(true, `"a"`), page(true, `"a"`)}, []suite.CorpID{"a"}, 2},
		{[]string{page(true, ``)}, nil, 1},
	} {
		client, p := answering(t, c.answers...)
		got, err := client.Unactivated(t.Context(), suiteToken, 123)
		if err != nil || !slices.Equal(got, c.want) || len(p.got) != c.calls {
			t.Errorf("Unactivated answered %q = %q, %v after %d calls, want %q after %d", c.answers, got, err, len(p.got), c.want, c.calls)
		}
	}
}

func TestUnactivatedEndsThoughThereIsAlwaysMore(t *testing.T) {
	var answers []string
	for i := range 1000 {
		answers = append(answers, fmt.Sprintf(`{"errcode":0,"corp_list":["ding%d"],"has_more":true}`, i))
	}
	c, p := answering(t, answers...)
	got, err := c.Unactivated(t.Context(), suiteToken, 123)
	if err != nil || len(got) != len(p.got) || len(p.got) > 50 {
		t.Errorf("Unactivated = %d corps, %v after %d calls, want an end", len(got), err, len(p.got))
	}
}

func TestUnactivatedReturnsWhatItHasWhenALaterPageFails(t *testing.T) {
	c, _ := answering(t, `{"errcode":0,"corp_list":["ding1"],"has_more":true}`, `{"errcode":90002,"errmsg":"too often"}`)
	got, err := c.Unactivated(t.Context(), suiteToken, 123)
	if faultOf(err) != suite.FaultThrottled || !slices.Equal(got, []suite.CorpID{"ding1"}) {
		t.Errorf("Unactivated = %q, %v, want ding1 and that it was throttled", got, err)
	}
}
