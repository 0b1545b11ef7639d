package console

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

// Who may come: nobody in particular, or the roles named.
var (
	anybody   []admin.Role
	viewers   = []admin.Role{admin.RoleViewer, admin.RoleOperator}
	operators = []admin.Role{admin.RoleOperator}
)

// visit is one request with the person who makes it.
type visit struct {
	ctx    context.Context // of the request, with the session in it if it could be loaded
	r      *http.Request
	param  func(name string) string // from the path
	now    time.Time
	locale *locale
	person *admin.Token // nil: nobody is signed in
	loaded bool         // there is a session, be it an empty one
}

// newVisit finds out who comes.
func (c *console) newVisit(g *gin.Context) (*visit, error) {
	v := &visit{ctx: g.Request.Context(), r: g.Request, param: g.Param, now: time.Now(), locale: c.locales.of(g.Request)}
	ctx, err := c.sessions.load(g.Request)
	if err != nil {
		return v, err
	}
	v.ctx, v.loaded, v.person = ctx, true, c.sessions.person(ctx, v.now)
	if v.person != nil {
		c.sessions.touch(ctx, v.now)
	}
	return v, nil
}

// may tells whether the visitor has one of the roles.
func (v *visit) may(who []admin.Role) bool {
	return len(who) == 0 || v.person != nil && slices.Contains(who, v.person.Role)
}

// actor is the person as the audit log names them.
func (v *visit) actor() suite.Actor {
	a := suite.Actor{RemoteAddr: v.address()}
	if v.person != nil {
		a.Name, a.Role = v.person.Name, string(v.person.Role)
	}
	return a
}

// address is where the request came from, without the port.
func (v *visit) address() string {
	host, _, err := net.SplitHostPort(v.r.RemoteAddr)
	if err != nil {
		return v.r.RemoteAddr
	}
	return host
}

// query returns a parameter of the URL, without blanks around it: people paste.
func (v *visit) query(name string) string {
	return strings.TrimSpace(v.r.URL.Query().Get(name))
}

// localPath returns target if it is a page of the console, or else its first
// page: nobody is sent elsewhere by a link that somebody made for them.
func localPath(target string) string {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, root) ||
		strings.ContainsAny(target, "\\\r\n\t") {
		return root
	}
	return u.RequestURI()
}
