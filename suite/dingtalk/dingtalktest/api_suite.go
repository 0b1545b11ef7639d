package dingtalktest

import (
	"crypto/subtle"
	"fmt"
	"slices"
	"time"
)

// getSuiteToken is POST /service/get_suite_token.
func (p *Platform) getSuiteToken(c *apiCall) (object, *refusal) {
	t, refused := p.suiteTokenFor(c, c.body.text("suite_key"), c.body.text("suite_secret"), c.body.text("suite_ticket"))
	if refused != nil {
		return nil, refused
	}
	return object{"suite_access_token": t, "expires_in": p.tokenSeconds()}, nil
}

// suiteAccessToken is POST /v1.0/oauth2/suiteAccessToken, the newer form.
func (p *Platform) suiteAccessToken(c *apiCall) (object, *refusal) {
	t, refused := p.suiteTokenFor(c, c.body.text("suiteKey"), c.body.text("suiteSecret"), c.body.text("suiteTicket"))
	if refused != nil {
		return nil, refused
	}
	return object{"accessToken": t, "expireIn": p.tokenSeconds()}, nil
}

func (p *Platform) suiteTokenFor(c *apiCall, key, secret, ticket string) (string, *refusal) {
	s, refused := p.credentials(c, key, secret, ticket)
	if refused != nil {
		return "", refused
	}
	return p.newToken(s, nil), nil
}

// credentials finds the suite that key, secret and ticket prove.
func (p *Platform) credentials(c *apiCall, key, secret, ticket string) (*suiteState, *refusal) {
	s := p.suites[key]
	if s == nil {
		return nil, &refusedKey
	}
	if refused := p.as(c, s); refused != nil {
		return nil, refused
	}
	if subtle.ConstantTimeCompare([]byte(secret), []byte(s.Secret)) != 1 {
		return nil, &refusedSecret
	}
	if !s.ticket.honours(ticket, p.o.TicketGrace) {
		return nil, &refusedTicket
	}
	return s, nil
}

// withSuiteToken finds the suite by the suite_access_token in the query.
func (p *Platform) withSuiteToken(c *apiCall) (*suiteState, *refusal) {
	return p.ofSuiteToken(c, c.query.Get("suite_access_token"))
}

func (p *Platform) ofSuiteToken(c *apiCall, value string) (*suiteState, *refusal) {
	if value == "" {
		return nil, &refusedNoToken
	}
	t, ok := p.token(value)
	if !ok || t.corp != nil {
		return nil, &refusedSuiteToken
	}
	return t.suite, p.as(c, t.suite)
}

// getPermanentCode is POST /service/get_permanent_code: it burns the code.
func (p *Platform) getPermanentCode(c *apiCall) (object, *refusal) {
	s, refused := p.withSuiteToken(c)
	if refused != nil {
		return nil, refused
	}
	corp, code := s.findCode(c.body.text("tmp_auth_code"))
	if code == nil {
		return nil, &refusedCode
	}
	c.corp = corp.id
	if code.spent || !corp.authorized {
		return nil, &refusedCode
	}
	if !time.Now().Before(code.expiresAt) {
		return nil, &refusedOldCode
	}
	corp.spendCodes()
	corp.permanent, corp.permanentAt = p.ids.text(64), time.Now()
	c.handedOut, c.lost = corp, corp.losesAnswer
	corp.losesAnswer = false
	return object{
		"permanent_code":    corp.permanent,
		"ch_permanent_code": "",
		"auth_corp_info":    object{"corpid": corp.id, "corp_name": corp.name},
	}, nil
}

// activateSuite is POST /service/activate_suite. Doing it again is harmless.
func (p *Platform) activateSuite(c *apiCall) (object, *refusal) {
	s, refused := p.withSuiteToken(c)
	if refused != nil {
		return nil, refused
	}
	c.corp = c.body.text("auth_corpid")
	if c.body.text("suite_key") != s.Key {
		return nil, &refusedKey
	}
	corp := s.corps[c.corp]
	if corp == nil || !corp.authorized {
		return nil, &refusedCorp
	}
	if corp.permanent == "" || c.body.text("permanent_code") != corp.permanent {
		return nil, &refusedPermanent
	}
	if corp.activatedAt.IsZero() {
		corp.activatedAt = time.Now()
		took := corp.activatedAt.Sub(corp.firstPushAt)
		p.tell(Happening{Suite: s.Key, Corp: corp.id, What: "activate_suite", Good: true,
			Text: fmt.Sprintf("%s sees the app, %s after its authorisation was pushed", corp.name, took.Round(time.Millisecond))})
	}
	return object{}, nil
}

// getUnactiveCorp is POST /service/get_unactive_corp.
func (p *Platform) getUnactiveCorp(c *apiCall) (object, *refusal) {
	s, app, refused := p.withApp(c)
	if refused != nil {
		return nil, refused
	}
	waiting := []string{}
	for _, corp := range s.order {
		if corp.authorized && corp.activatedAt.IsZero() {
			waiting = append(waiting, corp.id)
		}
	}
	return object{"app_id": app, "corp_list": waiting, "has_more": false}, nil
}

// reauthCorp is POST /service/reauth_corp: a new code is pushed for each corp
// of the list that authorised and was never activated. Others are passed over.
func (p *Platform) reauthCorp(c *apiCall) (object, *refusal) {
	s, _, refused := p.withApp(c)
	if refused != nil {
		return nil, refused
	}
	for _, id := range c.body.texts("corpid_list") {
		corp := s.corps[id]
		if corp == nil || !corp.authorized || !corp.activatedAt.IsZero() {
			continue
		}
		c.corp = id
		p.pushCode(s, corp)
		if corp.wastesReauth {
			corp.wastesReauth = false
			corp.spendCodes()
		}
	}
	return object{}, nil
}

// withApp is withSuiteToken for calls whose app_id must be one of the suite's.
func (p *Platform) withApp(c *apiCall) (*suiteState, int64, *refusal) {
	s, refused := p.withSuiteToken(c)
	if refused != nil {
		return nil, 0, refused
	}
	id, ok := c.body.number("app_id")
	if !ok || !slices.ContainsFunc(s.Apps, func(a App) bool { return a.ID == id }) {
		return nil, 0, &refusedApp
	}
	return s, id, nil
}

func (p *Platform) tokenSeconds() int64 { return int64(p.o.TokenTTL / time.Second) }
