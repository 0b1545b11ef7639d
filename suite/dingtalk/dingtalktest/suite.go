package dingtalktest

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"suitekeeper/crypto"
)

// Errors that the Platform's own methods return, wrapped.
var (
	ErrUnknownSuite  = errors.New("no such suite")
	ErrUnknownCorp   = errors.New("the corp has not authorised the suite")
	ErrNoTicket      = errors.New("the suite has no ticket yet")
	ErrRunning       = errors.New("the pusher runs already")
	ErrInvalid       = errors.New("invalid")
	ErrNotInThisMode = errors.New("the suite's mode has no such push")
)

// Mode is how DingTalk pushes to a suite.
type Mode string

// The modes.
const (
	HTTP     Mode = "http"      // single events
	SyncHTTP Mode = "sync_http" // rows of push tables
)

// Limit is how long DingTalk waits for the answer to a push.
func (m Mode) Limit() time.Duration {
	if m == SyncHTTP {
		return 1200 * time.Millisecond
	}
	return 1500 * time.Millisecond
}

// App is a micro app of a suite.
type App struct {
	ID   int64
	Name string
}

// Suite is a suite as registered in the developer console.
type Suite struct {
	Key, Secret           string
	Token, EncodingAESKey string
	Name                  string
	SuiteID               int64
	Apps                  []App  // none means one with the suite's name and a made up id
	OwnCorp               string // the ISV's own corp, which rows with tickets name; made up when empty
	CallbackURL           string
	Mode                  Mode // HTTP when empty
	IPWhitelist           []netip.Prefix
	// IPWhitelist is from where the API may be called; empty means anywhere.

	MsgSignature bool // the query calls the signature msg_signature, as newer subscriptions do
	WantsRandom  bool // URL checks must be answered with the encrypted Random, as in the oldest consoles
}

type suiteState struct {
	Suite
	codec    *crypto.Codec // seals with the suite's key
	creation *crypto.Codec // seals with the key of suites under creation
	ticket   ticketState
	corps    map[string]*corpState
	order    []*corpState
	rows     map[rowKey]*row // the push tables: the latest state under each key
	urlCheck *Push

	asAdded Suite // what EndFaults returns to
	faults  switches
}

// AddSuite registers a suite. The error wraps ErrInvalid and says what is
// wrong with it.
func (p *Platform) AddSuite(s Suite) error {
	state, err := newSuiteState(s)
	if err != nil {
		return fmt.Errorf("add suite %q: %w: %w", s.Key, ErrInvalid, err)
	}
	p.change(func() {
		if p.suites[s.Key] != nil {
			err = fmt.Errorf("add suite %q: %w: there is one already", s.Key, ErrInvalid)
			return
		}
		p.fillIn(state)
		p.suites[s.Key] = state
		p.order = append(p.order, state)
		p.wakeUp()
	})
	return err
}

func newSuiteState(s Suite) (*suiteState, error) {
	if s.Key == "" || s.Secret == "" {
		return nil, errors.New("a suite needs key and secret")
	}
	if s.Mode == "" {
		s.Mode = HTTP
	}
	if s.Mode != HTTP && s.Mode != SyncHTTP {
		return nil, fmt.Errorf("mode %q is neither %q nor %q", s.Mode, HTTP, SyncHTTP)
	}
	state := &suiteState{
		Suite: s,
		corps: make(map[string]*corpState),
		rows:  make(map[rowKey]*row),
	}
	return state, state.setKeys(s.Token, s.EncodingAESKey)
}

// setKeys changes what pushes are signed and encrypted with.
func (s *suiteState) setKeys(token, aesKey string) error {
	codec, err := crypto.New(crypto.Options{Token: token, EncodingAESKey: aesKey, Key: s.Key})
	if err != nil {
		return err
	}
	creation, err := crypto.New(crypto.Options{Token: token, EncodingAESKey: aesKey, Key: crypto.CreationKey})
	if err != nil {
		return err
	}
	s.Token, s.EncodingAESKey, s.codec, s.creation = token, aesKey, codec, creation
	return nil
}

// fillIn makes up what the suite left open.
func (p *Platform) fillIn(s *suiteState) {
	if s.Name == "" {
		s.Name = s.Key
	}
	if s.SuiteID == 0 {
		s.SuiteID = p.ids.number()
	}
	if s.OwnCorp == "" {
		s.OwnCorp = p.ids.hex("ding")
	}
	if len(s.Apps) == 0 {
		s.Apps = []App{{ID: p.ids.number(), Name: s.Name}}
	}
	s.asAdded = s.Suite
}

// RevokeTokens makes every token of the suite and of its corps invalid.
func (p *Platform) RevokeTokens(suite string) error {
	return p.onSuite("revoke tokens", suite, func(s *suiteState) error {
		p.dropTokens(func(t token) bool { return t.suite == s })
		return nil
	})
}

// RevokeCorpTokens makes every access token of the corp invalid.
func (p *Platform) RevokeCorpTokens(suite, corp string) error {
	return p.onCorp("revoke corp tokens", suite, corp, func(s *suiteState, c *corpState) error {
		p.dropTokens(func(t token) bool { return t.corp == c })
		return nil
	})
}

// onSuite changes a suite under the lock.
func (p *Platform) onSuite(doing, suite string, fn func(*suiteState) error) error {
	var err error
	p.change(func() {
		s := p.suites[suite]
		if s == nil {
			err = fmt.Errorf("%s of %q: %w", doing, suite, ErrUnknownSuite)
			return
		}
		if err = fn(s); err != nil {
			err = fmt.Errorf("%s of %q: %w", doing, suite, err)
		}
	})
	return err
}

// onCorp changes an authorisation that is in force.
func (p *Platform) onCorp(doing, suite, corp string, fn func(*suiteState, *corpState) error) error {
	return p.onSuite(doing, suite, func(s *suiteState) error {
		c := s.corps[corp]
		if c == nil || !c.authorized {
			return fmt.Errorf("corp %q: %w", corp, ErrUnknownCorp)
		}
		return fn(s, c)
	})
}
