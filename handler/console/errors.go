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
	switch {
	case errors.Is(err, suite.ErrNotFound), errors.Is(err, suite.ErrUnknownSuite):
		return errorView(http.StatusNotFound, "missing")
	case errors.Is(err, suite.ErrBadQuery):
		return errorView(http.StatusBadRequest, "query")
	case v.ctx.Err() != nil: // nobody waits any more
		return errorView(http.StatusServiceUnavailable, "internal")
	}
	c.Logger.Error("console page failed", zap.String("method", v.r.Method), zap.String("path", v.r.URL.Path), zap.Error(err))
	return errorView(http.StatusInternalServerError, "internal")
}

// errorView is a page that says what went wrong, in the words of the locale
// files below error and kind.
func errorView(status int, kind string) view {
	return view{Template: "error", Title: "error." + kind + ".title", Status: status, Data: kind, Once: true}
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
