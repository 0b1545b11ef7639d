package admin

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"go.uber.org/zap"

	"suitekeeper/suite"
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

// sameOrigin refuses what a page of another site has a browser send. Programs
// other than browsers do not say where they come from, and pass.
func (a *api) sameOrigin(c *gin.Context) {
	var protection http.CrossOriginProtection
	if err := protection.Check(c.Request); err != nil {
		a.refuse(c, newProblem(suite.ProblemCrossOrigin, suite.Values{}))
		c.Abort()
	}
}

// require lets pass only tokens of the given roles, and only with parameters
// that mean one thing.
func (a *api) require(who []Role) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		c := humagin.Unwrap(ctx)
		actor, p := a.gate.admit(c.Request, who)
		if p != nil {
			a.refuse(c, p)
			return
		}
		if p := checkQuery(c.Request.URL.RawQuery); p != nil {
			writeProblem(c.Writer, p)
			return
		}
		next(huma.WithValue(ctx, actorKey{}, actor))
	}
}

type actorKey struct{}

// actorOf tells who makes the call. Of a call that is for anybody it is the
// zero Actor, whom nothing is allowed.
func actorOf(ctx context.Context) suite.Actor {
	actor, _ := ctx.Value(actorKey{}).(suite.Actor)
	return actor
}

// checkQuery refuses what net/url would drop, or take the first of, without a
// word: a filter that is lost shows, or changes, everything.
func checkQuery(raw string) *Problem {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return problemParameter("query", suite.Say(suite.SayNotWellFormed))
	}
	for name, values := range query {
		if len(values) > 1 {
			return problemParameter("query."+name, suite.Say(suite.SayGivenTwice))
		}
	}
	return nil
}

// answerTime is what a call may take beside waiting.
const answerTime = 10 * time.Second

// patient lets a call that waits take longer than the server's limit for
// answers, which is for calls that do not. That it cannot be set, as on a
// connection that has gone, leaves the server's.
func patient(ctx huma.Context, next func(huma.Context)) {
	if c := humagin.Unwrap(ctx); c.Query("wait") != "" {
		_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(maxWait + answerTime))
	}
	next(ctx)
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

// refuse answers a request that may not be made, and logs it: somebody may be
// trying tokens.
func (a *api) refuse(c *gin.Context, p *Problem) {
	a.Logger.Warn("admin call refused", zap.String("code", p.Code), zap.String("detail", p.Message),
		zap.String("method", c.Request.Method), zap.String("call", c.FullPath()),
		zap.String("remote_addr", c.Request.RemoteAddr))
	writeProblem(c.Writer, p)
}
