package dingtalktest

import (
	"slices"
	"time"
)

// SuiteState is what the developer console knows of a suite.
type SuiteState struct {
	Suite
	Ticket         string // the current one; empty before the first
	TicketAt       time.Time
	TicketAccepted bool // the current ticket was pushed and answered rightly
	WrongAnswers   int  // to ticket pushes, in a row
	GivenUp        bool // tickets are not pushed until RePush
	Standing       []Standing
	URLCheck       *Push
	Corps          []CorpState // in the order in which they first authorised
}

// CorpState is what DingTalk knows of a corp and a suite.
type CorpState struct {
	ID, Name     string
	Authorized   bool // and not withdrawn since
	AuthorizedAt time.Time
	RelievedAt   time.Time
	FirstPushAt  time.Time // when the authorisation in force was first pushed; zero while it waits for the pusher
	ActivatedAt  time.Time // zero before activate_suite; with SyncHTTP the time of authorisation

	// PermanentCode is the code in force: that of the last exchange, or with
	// SyncHTTP the one in the rows. HandedOut says that an answer with it was
	// written, which is not to say that the client lived to keep it.
	PermanentCode   string
	PermanentCodeAt time.Time
	HandedOut       bool

	Codes  []AuthCode // tmp_auth_codes, oldest first
	Agents []Agent
	Scope  Scope
	Failed int // events in the list of failed events, visible or not yet
}

// AuthCode is a tmp_auth_code.
type AuthCode struct {
	Value     string
	IssuedAt  time.Time
	ExpiresAt time.Time
	Spent     bool // it or another code of the same authorisation was used, or the corp withdrew
}

// Activation tells how long a corp waited for its app.
type Activation struct {
	Suite, Corp string
	Took        time.Duration // from the first push of the authorisation to activate_suite
}

// Suites returns all suites in the order in which they were added.
func (p *Platform) Suites() []SuiteState {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []SuiteState
	for _, s := range p.order {
		list = append(list, s.snapshot())
	}
	return list
}

// Suite returns a suite, and whether there is one.
func (p *Platform) Suite(key string) (SuiteState, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.suites[key]
	if s == nil {
		return SuiteState{}, false
	}
	return s.snapshot(), true
}

// Corp returns a corp that has authorised the suite once, and whether there is
// one.
func (p *Platform) Corp(suite, corp string) (CorpState, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.suites[suite]
	if s == nil || s.corps[corp] == nil {
		return CorpState{}, false
	}
	return s.corps[corp].snapshot(), true
}

// Activations returns the waiting time of every corp that is activated now and
// whose code was pushed.
func (p *Platform) Activations() []Activation {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []Activation
	for _, s := range p.order {
		for _, c := range s.order {
			if c.authorized && !c.activatedAt.IsZero() && !c.firstPushAt.IsZero() && s.Mode == HTTP {
				list = append(list, Activation{Suite: s.Key, Corp: c.id, Took: c.activatedAt.Sub(c.firstPushAt)})
			}
		}
	}
	return list
}

func (s *suiteState) snapshot() SuiteState {
	state := SuiteState{
		Suite:          s.Suite,
		Ticket:         s.ticket.value,
		TicketAt:       s.ticket.issuedAt,
		TicketAccepted: s.ticket.accepted,
		WrongAnswers:   s.ticket.wrong,
		GivenUp:        s.ticket.givenUp,
		Standing:       s.standing(),
		URLCheck:       s.urlCheck,
	}
	state.Apps = slices.Clone(s.Apps)
	for _, c := range s.order {
		state.Corps = append(state.Corps, c.snapshot())
	}
	return state
}

func (c *corpState) snapshot() CorpState {
	state := CorpState{
		ID: c.id, Name: c.name,
		Authorized: c.authorized, AuthorizedAt: c.authorizedAt, RelievedAt: c.relievedAt,
		FirstPushAt: c.firstPushAt, ActivatedAt: c.activatedAt,
		PermanentCode: c.permanent, PermanentCodeAt: c.permanentAt, HandedOut: c.handedOut,
		Scope: c.scope.clone(), Failed: len(c.failed) - c.returned,
	}
	for _, code := range c.codes {
		state.Codes = append(state.Codes, AuthCode{Value: code.value, IssuedAt: code.issuedAt, ExpiresAt: code.expiresAt, Spent: code.spent})
	}
	for _, a := range c.agents {
		state.Agents = append(state.Agents, *a)
	}
	return state
}

func (s Scope) clone() Scope {
	return Scope{
		UserFields:      slices.Clone(s.UserFields),
		ConditionFields: slices.Clone(s.ConditionFields),
		Departments:     slices.Clone(s.Departments),
		Users:           slices.Clone(s.Users),
	}
}
