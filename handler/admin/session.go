package admin

import (
	"net/http"

	"go.uber.org/zap"

	"suitekeeper/suite"
)

// Sessions knows who is signed in to the console, whose pages may make the
// calls of this API without a token. It is safe for concurrent use.
type Sessions interface {
	// Session returns the token that signed in the browser which sent the
	// request. There is none when nobody did or the session is over. An error
	// says that this could not be found out.
	Session(r *http.Request) (t Token, ok bool, err error)
	// SessionCookie names the cookie that carries a session.
	SessionCookie() string
}

// noSessions is a server without a console.
type noSessions struct{}

func (noSessions) Session(*http.Request) (t Token, ok bool, err error) { return t, false, nil }
func (noSessions) SessionCookie() string                               { return "" }

// signedIn finds the token behind the session that the request carries. A
// session comes along with whatever a browser sends, so unlike a token it
// opens nothing to pages from elsewhere, not even what only reads: showing a
// secret is a GET.
func (g *gate) signedIn(r *http.Request) (Token, *Problem) {
	t, ok, err := g.sessions.Session(r)
	switch {
	case err != nil:
		if r.Context().Err() == nil { // else nobody waits any more
			g.log.Error("a session could not be read", zap.Error(err))
		}
		return Token{}, problemInternal()
	case !ok:
		return Token{}, said(suite.ProblemUnauthorized, suite.Say(suite.SayNoToken))
	case fromElsewhere(r):
		return Token{}, newProblem(suite.ProblemCrossOrigin, suite.Values{})
	}
	return t, nil
}

// fromElsewhere tells whether a page of another origin had a browser send the
// request, whatever its method.
func fromElsewhere(r *http.Request) bool {
	var protection http.CrossOriginProtection
	asked := *r
	asked.Method = http.MethodPost // the check lets pass what should change nothing
	return protection.Check(&asked) != nil
}
