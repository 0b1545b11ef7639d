package dingtalktest

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Scope is the part of its address book that a corp opens to a suite.
type Scope struct {
	UserFields      []string
	ConditionFields []string
	Departments     []int64
	Users           []string
}

// WholeCorp is the scope of a new authorisation: everybody, and the usual
// fields.
func WholeCorp() Scope {
	return Scope{UserFields: []string{"name", "userid", "avatar", "department"}, Departments: []int64{1}}
}

// Agent is an app as installed in a corp.
type Agent struct {
	AppID, AgentID int64
	Name           string
	Stopped        bool
	Removed        bool
}

// corpState is what a corp and a suite have to do with each other.
type corpState struct {
	id, name, admin string

	authorized   bool
	authorizedAt time.Time
	relievedAt   time.Time
	firstPushAt  time.Time // when the authorisation was first pushed
	activatedAt  time.Time

	codes       []*authCode
	permanent   string
	permanentAt time.Time
	handedOut   bool

	burnt        bool // by BurnCode
	losesAnswer  bool // the next exchange's answer is lost
	wastesReauth bool // the next reauth_corp brings a code that is spent

	agents []*Agent
	scope  Scope

	lastStamp time.Time
	failed    []failedEvent
	returned  int // how many of failed the last call returned
}

type authCode struct {
	value     string
	issuedAt  time.Time
	expiresAt time.Time
	spent     bool
}

// stamp is the time that an event of the corp tells. Two never tell the same,
// so that their order can be known.
func (c *corpState) stamp() time.Time {
	t := time.Now().Truncate(time.Millisecond)
	if !t.After(c.lastStamp) {
		t = c.lastStamp.Add(time.Millisecond)
	}
	c.lastStamp = t
	return t
}

// findCode returns the corp's code of this value, or nil.
func (s *suiteState) findCode(value string) (*corpState, *authCode) {
	for _, c := range s.order {
		for _, code := range c.codes {
			if code.value == value {
				return c, code
			}
		}
	}
	return nil, nil
}

// spendCodes makes all codes issued so far useless.
func (c *corpState) spendCodes() {
	for _, code := range c.codes {
		code.spent = true
	}
}

// installed are the corp's apps that were not removed.
func (c *corpState) installed() []*Agent {
	return slices.DeleteFunc(slices.Clone(c.agents), func(a *Agent) bool { return a.Removed })
}

// corp returns the state of a corp, which is made when it is new to the suite.
func (p *Platform) corp(s *suiteState, id, name string) *corpState {
	c := s.corps[id]
	if c == nil {
		c = &corpState{id: id, admin: "manager" + p.ids.text(6)}
		s.corps[id] = c
		s.order = append(s.order, c)
	}
	c.name = cmp.Or(name, c.name, id)
	return c
}

// token is a suite_access_token, or a corp's access token when corp is set.
type token struct {
	suite     *suiteState
	corp      *corpState
	expiresAt time.Time
}

func (p *Platform) newToken(s *suiteState, c *corpState) string {
	now := time.Now()
	p.dropTokens(func(t token) bool { return !now.Before(t.expiresAt) })
	value := p.ids.hex("")
	p.tokens[value] = token{suite: s, corp: c, expiresAt: now.Add(p.o.TokenTTL)}
	return value
}

// token looks up a token that has not expired.
func (p *Platform) token(value string) (token, bool) {
	t, ok := p.tokens[value]
	return t, ok && time.Now().Before(t.expiresAt)
}

func (p *Platform) dropTokens(which func(token) bool) {
	maps.DeleteFunc(p.tokens, func(_ string, t token) bool { return which(t) })
}
