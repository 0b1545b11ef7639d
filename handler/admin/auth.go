package admin

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"go.uber.org/zap"

	"suitekeeper/suite"
)

// Role says what a token may be used for.
type Role string

// The roles. An operator may do all that a viewer may.
const (
	RoleViewer   Role = "viewer"   // looks, changes nothing and sees no secrets
	RoleOperator Role = "operator" // a person who runs suitekeeper
	RoleApp      Role = "app"      // a program of the ISV's; no call is for it yet
)

// Who may call.
var (
	viewers   = []Role{RoleViewer, RoleOperator} // those that may look
	operators = []Role{RoleOperator}             // those that may change things and see secrets
)

// Token lets its bearer call the API.
type Token struct {
	Name   string            // for people, in messages and logs
	SHA256 [sha256.Size]byte // of the token
	Role   Role
}

// FindToken finds the token that was presented. What it takes tells nothing of
// how much of a wrong one is right. Whoever takes tokens from a network asks
// through a [Throttle].
func FindToken(tokens []Token, presented string) (Token, bool) {
	sum := sha256.Sum256([]byte(presented))
	found := -1
	for i := range tokens { // all of them, so that time tells nothing
		same := subtle.ConstantTimeCompare(sum[:], tokens[i].SHA256[:])
		found = subtle.ConstantTimeSelect(same, i, found)
	}
	if found < 0 {
		return Token{}, false
	}
	return tokens[found], true
}

// gate knows the tokens. It is safe for concurrent use.
type gate struct {
	tokens   []Token
	throttle *Throttle
	sessions Sessions
	log      *zap.Logger
}

// newGate checks the tokens; its errors name them and nothing else.
func newGate(o Options) (*gate, error) {
	tokens := o.Tokens
	if len(tokens) == 0 {
		return nil, errors.New("admin: no tokens given")
	}
	names, sums := map[string]bool{}, map[[sha256.Size]byte]bool{}
	for _, t := range tokens {
		switch {
		case t.Name == "" || names[t.Name]:
			return nil, fmt.Errorf("admin token %q: the name is empty or given twice", t.Name)
		case !slices.Contains([]Role{RoleViewer, RoleOperator, RoleApp}, t.Role):
			return nil, fmt.Errorf("admin token %q: there is no role %q", t.Name, t.Role)
		case t.SHA256 == [sha256.Size]byte{} || t.SHA256 == sha256.Sum256(nil):
			return nil, fmt.Errorf("admin token %q: it is empty", t.Name)
		case sums[t.SHA256]:
			return nil, fmt.Errorf("admin token %q: another name has the same token", t.Name)
		}
		names[t.Name], sums[t.SHA256] = true, true
	}
	return &gate{slices.Clone(tokens), o.Throttle, o.Sessions, o.Logger}, nil
}

// admit tells who makes the request, or why they may not make a call that is
// for the given roles.
func (g *gate) admit(r *http.Request, who []Role) (suite.Actor, *Problem) {
	t, p := g.identify(r)
	actor := suite.Actor{Name: t.Name, Role: string(t.Role), RemoteAddr: hostOf(r.RemoteAddr)}
	if p == nil && !slices.Contains(who, t.Role) {
		p = problemForbidden(actor, who)
	}
	return actor, p
}

// identify finds the token that the request carries or, if it carries none,
// the one behind its session.
func (g *gate) identify(r *http.Request) (t Token, p *Problem) {
	if len(r.Header.Values("Authorization")) == 0 {
		return g.signedIn(r)
	}
	presented, ok := bearer(r.Header)
	if !ok {
		return Token{}, said(suite.ProblemUnauthorized, suite.Say(suite.SayTokenMalformed))
	}
	ok, pause := g.throttle.Try(r.RemoteAddr, func() (ok bool) {
		t, ok = FindToken(g.tokens, presented)
		return ok
	})
	switch {
	case pause > 0:
		return Token{}, problemTooMany(pause)
	case !ok:
		return Token{}, said(suite.ProblemUnauthorized, suite.Say(suite.SayTokenUnknown))
	}
	return t, nil
}

// bearer returns the token in the header, if there is exactly one.
func bearer(h http.Header) (string, bool) {
	values := h.Values("Authorization")
	if len(values) != 1 {
		return "", false
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.TrimSpace(token)
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}
