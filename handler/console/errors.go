package console

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"
	"go.uber.org/zap"

	"suitekeeper/suite"
)

// failed is the one table from an error to the page that answers it. What it
// does not know is a fault of ours: plain for the reader, in full in the log.
func (c *console) failed(v *visit, err error) view {
	var told *suite.ProblemError
	switch {
	case errors.Is(err, suite.ErrBadQuery): // who follows a link knows no parameters
		return errorView(http.StatusBadRequest, "query")
	case errors.As(err, &told):
		return problemView(told)
	case v.ctx.Err() != nil: // nobody waits any more
		return errorView(http.StatusServiceUnavailable, "internal")
	}
	c.Logger.Error("console page failed", zap.String("method", v.r.Method), zap.String("path", v.r.URL.Path), zap.Error(err))
	return errorView(http.StatusInternalServerError, "internal")
}

// errorPage is what an error page says.
type errorPage struct {
	Kind          string     // words of the locale files, below error
	Message, Cure suite.Text // what the catalogue says instead, where it is one of its problems
}

// errorView is a page that says what went wrong.
func errorView(status int, kind string) view {
	return view{Template: "error", Title: "error." + kind + ".title", Status: status, Data: errorPage{Kind: kind}, Once: true}
}

// problemView is a page that says in the words of the catalogue what there is
// none of.
func problemView(told *suite.ProblemError) view {
	v, page := errorView(http.StatusNotFound, "missing"), errorPage{}
	page.Message, page.Cure = told.Explain()
	v.Data = page
	return v
}

// unknown answers what is no page.
func (c *console) unknown(*visit) (view, error) {
	return errorView(http.StatusNotFound, "missing"), nil
}

// wrongMethod answers what a page is not asked for.
func (c *console) wrongMethod(*visit) (view, error) {
	return errorView(http.StatusMethodNotAllowed, "missing"), nil
}

// panicked answers a request whose handler panicked before it wrote anything.
func (c *console) panicked(w gin.ResponseWriter) {
	http.Error(w, c.locales.list[0].plainFailure(), http.StatusInternalServerError)
}
