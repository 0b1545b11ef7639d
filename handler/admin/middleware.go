package admin

import (
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"go.uber.org/zap"
)

// protect sets the headers that keep answers out of caches, and browsers from
// making anything of them but data.
func protect(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}

// require lets pass only tokens of the given roles.
func (a *api) require(who []Role) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		c := humagin.Unwrap(ctx)
		if p := a.gate.admit(c.Request, who); p != nil {
			a.refuse(c, p)
			return
		}
		next(ctx)
	}
}

// unknown answers what is no call of ours, to whoever has a token: without one
// there is nothing here to be found out.
func (a *api) unknown(p *Problem) gin.HandlerFunc {
	return func(c *gin.Context) {
		if _, refusal := a.gate.identify(c.Request); refusal != nil {
			a.refuse(c, refusal)
			return
		}
		writeProblem(c.Writer, p)
	}
}

// refuse answers a request whose token does not do, and logs it: somebody may
// be trying tokens.
func (a *api) refuse(c *gin.Context, p *Problem) {
	a.Logger.Warn("admin call refused", zap.String("code", p.Code), zap.String("detail", p.Detail),
		zap.String("method", c.Request.Method), zap.String("call", c.FullPath()),
		zap.String("remote_addr", c.Request.RemoteAddr))
	writeProblem(c.Writer, p)
}
