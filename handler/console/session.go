package console

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"suitekeeper/handler/admin"
)

// How long a session lasts.
const (
	sessionLifetime = 12 * time.Hour  // whatever is done with it
	sessionIdle     = 2 * time.Hour   // without a page being looked at
	sessionTouch    = 5 * time.Minute // how exactly the last look is kept; each keeping is a commit
	maxCookieValue  = 64              // a session token has 43 characters
	cookieName      = "suitekeeper"   // with the prefix under TLS
	hostPrefix      = "__Host-"       // browsers take such a cookie only over TLS, for this host and any path
)

// What a session holds.
const (
	sessionToken = "token" // which admin token signed in, as fingerprint
	sessionSeen  = "seen"  // when a page was last looked at, in Unix seconds
	sessionFlash = "flash" // what the next page has to say
)

// sessions knows who is signed in. It is safe for concurrent use.
type sessions struct {
	*scs.SessionManager
	tokens []admin.Token
}

func newSessions(store scs.Store, tokens []admin.Token, secure bool) *sessions {
	// Not by scs.New, which starts a goroutine for a store that is not used here.
	m := &scs.SessionManager{
		Store: store, HashTokenInStore: true, Lifetime: sessionLifetime, Codec: scs.GobCodec{},
		Cookie: scs.SessionCookie{Name: cookieName, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: secure},
	}
	if secure {
		m.Cookie.Name = hostPrefix + cookieName
	}
	return &sessions{SessionManager: m, tokens: tokens}
}

// load returns a context with the session of the request, which may be a new
// and empty one.
func (s *sessions) load(r *http.Request) (context.Context, error) {
	value := ""
	if c, err := r.Cookie(s.Cookie.Name); err == nil && len(c.Value) <= maxCookieValue {
		value = c.Value
	}
	return s.Load(r.Context(), value)
}

// carried tells whether the browser was signed in once: signing out takes the
// cookie away.
func (s *sessions) carried(r *http.Request) bool {
	_, err := r.Cookie(s.Cookie.Name)
	return err == nil
}

// person returns the token that signed in, or nil when none did, it is no
// longer configured, or the session has not been used for too long.
func (s *sessions) person(ctx context.Context, now time.Time) *admin.Token {
	stored := []byte(s.GetString(ctx, sessionToken))
	if len(stored) == 0 || now.Sub(time.Unix(s.GetInt64(ctx, sessionSeen), 0)) > sessionIdle {
		return nil
	}
	for i := range s.tokens {
		if subtle.ConstantTimeCompare(stored, []byte(fingerprint(s.tokens[i]))) == 1 {
			return &s.tokens[i]
		}
	}
	return nil
}

// Session returns the token that signed in the browser which sent the request,
// if its session is not over; see [admin.Sessions]. It does not lengthen the
// session: that takes somebody who looks at a page.
func (c *Console) Session(r *http.Request) (admin.Token, bool, error) {
	ctx, err := c.sessions.load(r)
	if err != nil {
		return admin.Token{}, false, err
	}
	person := c.sessions.person(ctx, time.Now())
	if person == nil {
		return admin.Token{}, false, nil
	}
	return *person, true, nil
}

// SessionCookie names the cookie that carries a session.
func (c *Console) SessionCookie() string { return c.sessions.Cookie.Name }

// begin signs a token in, under a new session id: one that somebody planted
// in the browser before is worth nothing.
func (s *sessions) begin(ctx context.Context, t admin.Token, now time.Time) error {
	if err := s.RenewToken(ctx); err != nil {
		return err
	}
	s.Put(ctx, sessionToken, fingerprint(t))
	s.Put(ctx, sessionSeen, now.Unix())
	return nil
}

// touch notes that a page is being looked at.
func (s *sessions) touch(ctx context.Context, now time.Time) {
	if now.Sub(time.Unix(s.GetInt64(ctx, sessionSeen), 0)) > sessionTouch {
		s.Put(ctx, sessionSeen, now.Unix())
	}
}

// keep commits what changed in the session of the visit, and tells the browser.
func (s *sessions) keep(v *visit, w http.ResponseWriter) error {
	if !v.loaded {
		return nil
	}
	switch s.Status(v.ctx) {
	case scs.Modified:
		token, expiry, err := s.Commit(v.ctx)
		if err != nil {
			return err
		}
		s.WriteSessionCookie(v.ctx, w, token, expiry)
	case scs.Destroyed:
		s.WriteSessionCookie(v.ctx, w, "", time.Time{})
	case scs.Unmodified:
	}
	return nil
}

// fingerprint names a token in a session. It is the hash of a hash, so that a
// session tells nothing that opens anything.
func fingerprint(t admin.Token) string {
	sum := sha256.Sum256(t.SHA256[:])
	return hex.EncodeToString(sum[:])
}
