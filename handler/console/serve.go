package console

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strconv"

	"github.com/gin-gonic/gin"
	"go.uber.org/zap"

	"suitekeeper/handler/admin"
)

// protect sets the headers of every answer.
func (c *console) protect(g *gin.Context) { protect(g.Writer.Header()) }

func toRoot(g *gin.Context) { g.Redirect(http.StatusMovedPermanently, root) }

// toParent leads from the address of an action to the page that it belongs to.
func toParent(g *gin.Context) {
	g.Redirect(http.StatusSeeOther, path.Dir(g.Request.URL.EscapedPath()))
}

// page serves what fn shows, to the given roles. Who has not signed in is sent
// to do so, and comes back afterwards.
func (c *console) page(who []admin.Role, fn func(*visit) (view, error)) gin.HandlerFunc {
	return func(g *gin.Context) {
		v, err := c.newVisit(g)
		switch {
		case err != nil:
			c.show(g.Writer, v, c.failed(v, err))
		case !v.may(who):
			c.refuse(g.Writer, v)
		case wantsStream(g.Request):
			c.stream(g.Writer, v, who, fn)
		default:
			c.answer(g.Writer, v, fn)
		}
	}
}

// action serves a request that changes something: it must come from this very
// console. What it answers is a redirect, or a page that is shown only once.
func (c *console) action(who []admin.Role, fn func(*visit) (result, error)) gin.HandlerFunc {
	return func(g *gin.Context) {
		g.Request.Body = http.MaxBytesReader(g.Writer, g.Request.Body, maxForm)
		v, err := c.newVisit(g)
		switch {
		case err != nil:
			c.show(g.Writer, v, c.failed(v, err))
			return
		case c.origin.Check(g.Request) != nil:
			c.Logger.Warn("a form from another origin was refused", zap.String("path", g.FullPath()), zap.String("remote_addr", v.address()))
			c.show(g.Writer, v, errorView(http.StatusForbidden, "foreign"))
			return
		case !v.may(who):
			c.refuse(g.Writer, v)
			return
		}
		res, err := fn(v)
		switch {
		case err != nil:
			c.show(g.Writer, v, c.failed(v, err))
		case res.View != nil:
			c.show(g.Writer, v, *res.View)
		default:
			c.redirect(g.Writer, v, res)
		}
	}
}

// maxForm is how much a form may send.
const maxForm = 16 << 10

// result is what an action comes to: another page to go to, with something to
// say there, or a view that is shown at once and never again.
type result struct {
	To     string
	Flash  *flash
	Cookie *http.Cookie
	View   *view
}

func (c *console) answer(w http.ResponseWriter, v *visit, fn func(*visit) (view, error)) {
	view, err := fn(v)
	if err != nil {
		view = c.failed(v, err)
	}
	c.show(w, v, view)
}

// refuse answers whoever lacks the role.
func (c *console) refuse(w http.ResponseWriter, v *visit) {
	if v.person != nil {
		c.show(w, v, errorView(http.StatusForbidden, "forbidden"))
		return
	}
	if wantsStream(v.r) {
		w.WriteHeader(http.StatusNoContent) // which tells a browser not to ask again
		return
	}
	query := url.Values{}
	if v.r.Method == http.MethodGet && v.r.URL.RequestURI() != root {
		query.Set("next", v.r.URL.RequestURI())
	}
	if c.sessions.carried(v.r) {
		query.Set("ended", "true")
	}
	target := url.URL{Path: root + "sign-in", RawQuery: query.Encode()}
	c.redirect(w, v, result{To: target.String()})
}

// show renders a page to its end before a byte of it is sent.
func (c *console) show(w http.ResponseWriter, v *visit, view view) {
	p := c.newPage(v, view)
	p.Flash = c.sessions.takeFlash(v)
	var body bytes.Buffer
	err := c.pages.render(&body, p)
	if err == nil {
		err = c.sessions.keep(v, w)
	}
	if err != nil {
		c.showPlain(w, v, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.locale.Tag)
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	h.Set("Vary", "Accept, Accept-Language, Cookie")
	w.WriteHeader(p.Status)
	_, _ = w.Write(body.Bytes()) // that the peer has gone is nobody's fault
}

// redirect sends the browser to another page by GET.
func (c *console) redirect(w http.ResponseWriter, v *visit, res result) {
	if res.Flash != nil {
		c.sessions.putFlash(v, *res.Flash)
	}
	if err := c.sessions.keep(v, w); err != nil {
		c.showPlain(w, v, err)
		return
	}
	if res.Cookie != nil {
		http.SetCookie(w, res.Cookie)
	}
	w.Header().Set("Location", res.To)
	w.WriteHeader(http.StatusSeeOther)
}

// showPlain answers when not even an error page can be shown.
func (c *console) showPlain(w http.ResponseWriter, v *visit, err error) {
	if !errors.Is(err, v.ctx.Err()) {
		c.Logger.Error("console page failed", zap.String("path", v.r.URL.Path), zap.Error(err))
	}
	http.Error(w, v.locale.plainFailure(), http.StatusInternalServerError)
}

// asset serves a file that pages refer to.
func (c *console) asset(g *gin.Context) {
	if !c.assets.write(g.Writer, g.Param("file")) {
		http.Error(g.Writer, "not found", http.StatusNotFound)
	}
}
