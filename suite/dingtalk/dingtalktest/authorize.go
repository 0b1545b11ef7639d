package dingtalktest

import (
	"fmt"
	"time"
)

// Authorization is what a corp's administrator does when installing a suite.
type Authorization struct {
	CorpID   string
	CorpName string
	Codes    int   // how many tmp_auth_codes are pushed for it at once; 1
	Scope    Scope // WholeCorp when nothing is set
}

// Authorize lets a corp authorise the suite and queues what DingTalk pushes
// then: the codes, or with SyncHTTP a row. A corp that has authorised already
// gets no second code: as at DingTalk, it only changes its scope.
func (p *Platform) Authorize(suite string, a Authorization) error {
	return p.onSuite("authorize", suite, func(s *suiteState) error { return p.authorize(s, a) })
}

func (p *Platform) authorize(s *suiteState, a Authorization) error {
	if a.CorpID == "" {
		return fmt.Errorf("%w: no corp id", ErrInvalid)
	}
	if a.Scope.isZero() {
		a.Scope = WholeCorp()
	}
	c := p.corp(s, a.CorpID, a.CorpName)
	if c.authorized {
		p.changeScope(s, c, a.Scope)
		return nil
	}
	p.install(s, c, a.Scope.clone())
	if s.Mode == SyncHTTP {
		p.grantByRow(s, c)
		return nil
	}
	for range positive(a.Codes, 1) {
		p.pushCode(s, c)
	}
	return nil
}

// install makes the authorisation new in every respect.
func (p *Platform) install(s *suiteState, c *corpState, scope Scope) {
	c.authorized, c.authorizedAt = true, time.Now()
	c.firstPushAt, c.activatedAt = time.Time{}, time.Time{}
	c.permanent, c.permanentAt, c.handedOut = "", time.Time{}, false
	c.burnt, c.losesAnswer, c.wastesReauth = false, false, false
	c.scope = scope
	c.agents = nil
	for _, app := range s.Apps {
		c.agents = append(c.agents, &Agent{AppID: app.ID, AgentID: p.ids.number(), Name: app.Name})
	}
}

// pushCode issues one more tmp_auth_code.
func (p *Platform) pushCode(s *suiteState, c *corpState) {
	now := time.Now()
	code := &authCode{value: p.ids.hex(""), issuedAt: now, expiresAt: now.Add(p.o.CodeTTL)}
	c.codes = append(c.codes, code)
	p.pushEvent(s, c, "tmp_auth_code", object{
		"EventType": "tmp_auth_code", "SuiteKey": s.Key, "TimeStamp": c.stamp().UnixMilli(),
		"AuthCode": code.value, "AuthCorpId": c.id,
	})
}

// grantByRow makes the authorisation usable at once: in this mode the rows
// bring the permanent code and nothing is exchanged or activated.
func (p *Platform) grantByRow(s *suiteState, c *corpState) {
	now := time.Now()
	c.permanent, c.permanentAt, c.activatedAt = p.ids.text(64), now, now
	p.pushRow(s, authRow(s, c, "org_suite_auth"))
}

// ChangeAuth lets the corp change its scope.
func (p *Platform) ChangeAuth(suite, corp string, scope Scope) error {
	return p.onCorp("change authorization", suite, corp, func(s *suiteState, c *corpState) error {
		p.changeScope(s, c, scope)
		return nil
	})
}

func (p *Platform) changeScope(s *suiteState, c *corpState, scope Scope) {
	c.scope = scope.clone()
	if s.Mode == SyncHTTP {
		p.pushRow(s, authRow(s, c, "org_suite_change"))
		return
	}
	p.pushEvent(s, c, "change_auth", object{
		"EventType": "change_auth", "SuiteKey": s.Key, "TimeStamp": c.stamp().UnixMilli(), "AuthCorpId": c.id,
	})
}

// Relieve lets the corp withdraw its authorisation: its codes, its permanent
// code and its tokens are worth nothing from now on.
func (p *Platform) Relieve(suite, corp string) error {
	return p.onCorp("relieve", suite, corp, func(s *suiteState, c *corpState) error {
		p.relieve(s, c)
		return nil
	})
}

func (p *Platform) relieve(s *suiteState, c *corpState) {
	c.authorized, c.relievedAt = false, time.Now()
	c.spendCodes()
	c.permanent = ""
	p.dropTokens(func(t token) bool { return t.corp == c })
	if s.Mode == SyncHTTP {
		p.pushRow(s, relieveRow(s, c))
		return
	}
	// The one event whose TimeStamp DingTalk's samples show as a string.
	p.pushEvent(s, c, "suite_relieve", object{
		"EventType": "suite_relieve", "SuiteKey": s.Key, "AuthCorpId": c.id,
		"TimeStamp": fmt.Sprint(c.stamp().UnixMilli()),
	})
}

// StopApp lets the corp disable an app, or all apps of the suite when app is 0.
func (p *Platform) StopApp(suite, corp string, app int64) error {
	return p.onApps(suite, corp, app, "org_micro_app_stop", func(a *Agent) { a.Stopped = true })
}

// RestoreApp lets the corp enable an app, or all apps of the suite when app is
// 0.
func (p *Platform) RestoreApp(suite, corp string, app int64) error {
	return p.onApps(suite, corp, app, "org_micro_app_restore", func(a *Agent) { a.Stopped = false })
}

// RemoveApp lets the corp delete an app, or all apps of the suite when app is
// 0. The authorisation stays.
func (p *Platform) RemoveApp(suite, corp string, app int64) error {
	return p.onApps(suite, corp, app, "org_micro_app_remove", func(a *Agent) { a.Removed = true })
}

func (p *Platform) onApps(suite, corp string, app int64, event string, fn func(*Agent)) error {
	return p.onCorp(event, suite, corp, func(s *suiteState, c *corpState) error {
		found := false
		for _, a := range c.installed() {
			if app != 0 && a.AppID != app {
				continue
			}
			found = true
			fn(a)
			p.pushApp(s, c, a, event)
		}
		if !found {
			return fmt.Errorf("app %d: %w: the corp has no such app", app, ErrInvalid)
		}
		return nil
	})
}

func (p *Platform) pushApp(s *suiteState, c *corpState, a *Agent, event string) {
	if s.Mode == SyncHTTP {
		p.pushRow(s, appRow(c, a, event))
		return
	}
	p.pushEvent(s, c, event, object{
		"EventType": event, "SuiteKey": s.Key, "TimeStamp": c.stamp().UnixMilli(),
		"AuthCorpId": c.id, "AppId": a.AppID, "AgentId": a.AgentID,
	})
}

func (s Scope) isZero() bool {
	return len(s.UserFields)+len(s.ConditionFields)+len(s.Departments)+len(s.Users) == 0
}
