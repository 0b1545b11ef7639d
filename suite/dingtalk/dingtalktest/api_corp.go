package dingtalktest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// maxFailed is the most that one call of get_call_back_failed_result returns.
const maxFailed = 200

// signed finds the suite by the signed form: accessKey, timestamp, suiteTicket
// and signature in the query.
func (p *Platform) signed(c *apiCall) (*suiteState, *refusal) {
	s := p.suites[c.query.Get("accessKey")]
	if s == nil {
		return nil, &refusedKey
	}
	if refused := p.as(c, s); refused != nil {
		return nil, refused
	}
	timestamp, ticket := c.query.Get("timestamp"), c.query.Get("suiteTicket")
	if !s.ticket.honours(ticket, p.o.TicketGrace) {
		return nil, &refusedTicket
	}
	mac := hmac.New(sha256.New, []byte(s.Secret))
	mac.Write([]byte(timestamp + "\n" + ticket))
	got, err := base64.StdEncoding.DecodeString(c.query.Get("signature"))
	if err != nil || !isMilliseconds(timestamp) || !hmac.Equal(got, mac.Sum(nil)) {
		return nil, &refusedSignature
	}
	return s, nil
}

// isMilliseconds tells whether it is a time in milliseconds: digits, and so
// many that seconds do not pass.
func isMilliseconds(s string) bool {
	n, err := strconv.ParseInt(s, 10, 64)
	return err == nil && n >= 100_000_000_000
}

// getCorpToken is POST /service/get_corp_token, signed.
func (p *Platform) getCorpToken(c *apiCall) (object, *refusal) {
	s, refused := p.signed(c)
	if refused != nil {
		return nil, refused
	}
	corp, refused := s.authorizing(c, c.body.text("auth_corpid"))
	if refused != nil {
		return nil, refused
	}
	return object{"access_token": p.newToken(s, corp), "expires_in": p.tokenSeconds()}, nil
}

// corpAccessToken is POST /v1.0/oauth2/corpAccessToken, the newer form.
func (p *Platform) corpAccessToken(c *apiCall) (object, *refusal) {
	s, refused := p.credentials(c, c.body.text("suiteKey"), c.body.text("suiteSecret"), c.body.text("suiteTicket"))
	if refused != nil {
		return nil, refused
	}
	corp, refused := s.authorizing(c, c.body.text("authCorpId"))
	if refused != nil {
		return nil, refused
	}
	return object{"accessToken": p.newToken(s, corp), "expireIn": p.tokenSeconds()}, nil
}

// authorizing finds a corp whose authorisation is in force.
func (s *suiteState) authorizing(c *apiCall, id string) (*corpState, *refusal) {
	c.corp = id
	corp := s.corps[id]
	switch {
	case id == "":
		return nil, &refusedCorpID
	case corp == nil || !corp.authorized:
		return nil, &refusedCorp
	}
	return corp, nil
}

// getAuthInfo is POST /service/get_auth_info, signed or with a
// suite_access_token.
func (p *Platform) getAuthInfo(c *apiCall) (object, *refusal) {
	find := p.signed
	if c.query.Has("suite_access_token") {
		find = p.withSuiteToken
	}
	s, refused := find(c)
	if refused != nil {
		return nil, refused
	}
	if c.body.text("suite_key") != s.Key {
		return nil, &refusedKey
	}
	corp, refused := s.authorizing(c, c.body.text("auth_corpid"))
	if refused != nil {
		return nil, refused
	}
	return object{
		"auth_corp_info": corp.info(),
		"auth_user_info": object{"userId": corp.admin},
		"auth_info":      object{"agent": corp.agentObjects()},
	}, nil
}

// appsAuthInfo is GET /v1.0/oauth2/apps/authInfo, the newer form.
func (p *Platform) appsAuthInfo(c *apiCall) (object, *refusal) {
	s, refused := p.ofSuiteToken(c, c.header.Get("x-acs-dingtalk-access-token"))
	if refused != nil {
		return nil, refused
	}
	c.corp = c.query.Get("authCorpId")
	corp := s.corps[c.corp]
	switch {
	case c.corp == "":
		return nil, &refusedCorpID
	case corp == nil:
		return nil, &refusedUnknownOrg
	case !corp.authorized:
		return nil, &refusedOrg
	}
	agents := []object{}
	for _, a := range corp.installed() {
		agents = append(agents, object{"agentId": a.AgentID, "agentName": a.Name, "appId": a.AppID, "adminList": []string{corp.admin}})
	}
	return object{
		"authCorpInfo": object{"corpName": corp.name, "corpId": corp.id, "industry": "", "inviteCode": "", "authLevel": 0},
		"authAppInfo":  object{"agentList": agents},
		"authUserInfo": object{"userId": corp.admin},
	}, nil
}

// authScopes is GET /auth/scopes.
func (p *Platform) authScopes(c *apiCall) (object, *refusal) {
	corp, refused := p.withCorpToken(c)
	if refused != nil {
		return nil, refused
	}
	return corp.scope.object(), nil
}

// getFailedResult is GET /call_back/get_call_back_failed_result. Asking again
// deletes what was returned, whether or not that answer arrived.
func (p *Platform) getFailedResult(c *apiCall) (object, *refusal) {
	corp, refused := p.withCorpToken(c)
	if refused != nil {
		return nil, refused
	}
	corp.failed = corp.failed[corp.returned:]
	now, list, shown := time.Now(), []object{}, 0
	for _, f := range corp.failed {
		if shown == maxFailed || now.Before(f.visibleAt) {
			break // they become visible in order
		}
		list = append(list, f.object())
		shown++
	}
	corp.returned = shown
	more := shown < len(corp.failed) && !now.Before(corp.failed[shown].visibleAt)
	return object{"failed_list": list, "has_more": more}, nil
}

// withCorpToken finds the corp by the access_token in the query.
func (p *Platform) withCorpToken(c *apiCall) (*corpState, *refusal) {
	t, ok := p.token(c.query.Get("access_token"))
	if !ok || t.corp == nil {
		return nil, &refusedCorpToken
	}
	c.corp = t.corp.id
	return t.corp, p.as(c, t.suite)
}

// failedEvent is an event of a corp that was given up.
type failedEvent struct {
	tag       string
	corp      string
	at        time.Time
	visibleAt time.Time
	event     fields
}

// object is the event as the failed list shows it: under its own name, with
// the names in lower case and without what the envelope around it says.
func (f failedEvent) object() object {
	inner := object{}
	for name, value := range f.event {
		if name != "EventType" && name != "TimeStamp" {
			inner[strings.ToLower(name)] = value
		}
	}
	inner["corpid"] = f.corp
	return object{"call_back_tag": f.tag, "event_time": f.at.UnixMilli(), f.tag: inner}
}
