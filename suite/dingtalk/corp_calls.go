package dingtalk

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"time"

	"suitekeeper/suite"
)

// AuthInfo asks what the corp authorised.
func (c *Client) AuthInfo(ctx context.Context, cred suite.Credentials, corp suite.CorpID) (suite.AuthInfo, error) {
	k := signed(cred, "get_auth_info", "/service/get_auth_info", struct {
		AuthCorpID suite.CorpID   `json:"auth_corpid"`
		SuiteKey   suite.SuiteKey `json:"suite_key"`
	}{corp, cred.Key})
	var answer struct {
		AuthCorpInfo struct {
			CorpName string `json:"corp_name"`
		} `json:"auth_corp_info"`
		AuthInfo *struct {
			Agent []struct {
				AgentID   number `json:"agentid"`
				AppID     number `json:"appid"`
				AgentName string `json:"agent_name"`
			} `json:"agent"`
		} `json:"auth_info"`
	}
	if err := c.do(ctx, k, &answer); err != nil {
		return suite.AuthInfo{}, err
	}
	if answer.AuthInfo == nil {
		return suite.AuthInfo{}, k.broken(suite.SayAnswerLacks, "auth_info")
	}
	info := suite.AuthInfo{CorpName: answer.AuthCorpInfo.CorpName}
	for _, a := range answer.AuthInfo.Agent {
		info.Agents = append(info.Agents, suite.Agent{AgentID: int64(a.AgentID), AppID: int64(a.AppID), Name: a.AgentName})
	}
	return info, nil
}

// CorpToken asks for a new access token of the corp.
func (c *Client) CorpToken(ctx context.Context, cred suite.Credentials, corp suite.CorpID) (suite.Token, error) {
	k := call{
		name: "corpAccessToken", api: true, path: "/v1.0/oauth2/corpAccessToken",
		body: struct {
			SuiteKey    suite.SuiteKey `json:"suiteKey"`
			SuiteSecret string         `json:"suiteSecret"`
			AuthCorpID  suite.CorpID   `json:"authCorpId"`
			SuiteTicket string         `json:"suiteTicket"`
		}{cred.Key, cred.Secret.Reveal(), corp, cred.Ticket.Reveal()},
		suite: cred.Key, secrets: []suite.Secret{cred.Secret, cred.Ticket},
	}
	var answer struct {
		Token    string `json:"accessToken"`
		ExpireIn number `json:"expireIn"`
	}
	asked := time.Now()
	if err := c.do(ctx, k, &answer); err != nil {
		return suite.Token{}, err
	}
	return k.token(answer.Token, answer.ExpireIn, asked)
}

// Scopes asks which part of the address book the corp opened to the suite.
func (c *Client) Scopes(ctx context.Context, corpToken suite.Secret) (suite.Scope, error) {
	k := call{
		name: "auth/scopes", path: "/auth/scopes",
		query: url.Values{"access_token": {corpToken.Reveal()}}, secrets: []suite.Secret{corpToken},
	}
	var answer struct {
		UserFields      []string `json:"auth_user_field"`
		ConditionFields []string `json:"condition_field"`
		Org             *struct {
			Departments []number `json:"authed_dept"`
			Users       []string `json:"authed_user"`
		} `json:"auth_org_scopes"`
	}
	if err := c.do(ctx, k, &answer); err != nil {
		return suite.Scope{}, err
	}
	if answer.Org == nil {
		return suite.Scope{}, k.broken(suite.SayAnswerLacks, "auth_org_scopes")
	}
	scope := suite.Scope{UserFields: answer.UserFields, ConditionFields: answer.ConditionFields, Users: answer.Org.Users}
	for _, d := range answer.Org.Departments {
		scope.Departments = append(scope.Departments, int64(d))
	}
	return scope, nil
}

// signed is a call that proves by a signature that it comes from the suite.
func signed(cred suite.Credentials, name, path string, body any) call {
	timestamp := strconv.FormatInt(time.Now().UnixMilli(), 10)
	signature := sign(cred, timestamp)
	return call{
		name: name, path: path,
		query: url.Values{
			"accessKey": {string(cred.Key)}, "timestamp": {timestamp},
			"suiteTicket": {cred.Ticket.Reveal()}, "signature": {signature},
		},
		body: body, suite: cred.Key,
		secrets: []suite.Secret{cred.Secret, cred.Ticket, suite.Secret(signature)},
	}
}

// sign is base64(HMAC-SHA256(secret, timestamp + "\n" + ticket)).
func sign(cred suite.Credentials, timestamp string) string {
	mac := hmac.New(sha256.New, []byte(cred.Secret.Reveal()))
	mac.Write([]byte(timestamp + "\n" + cred.Ticket.Reveal()))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
