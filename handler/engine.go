package handler

import (
	"fmt"
	"runtime"

	"github.com/gin-gonic/gin"
	"go.uber.org/zap"
)

// NewEngine returns a router without routes, as each of our listeners starts
// with: it redirects nothing, believes no proxy, and tells a wrong method from
// an unknown path. After a panic it logs where it was and has panicked write
// the answer, if none was begun. It switches gin to release mode, which is a
// setting of the whole process.
func NewEngine(log *zap.Logger, panicked func(gin.ResponseWriter)) (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	// gin would redirect paths that nearly match and believe every proxy.
	engine.RedirectTrailingSlash = false
	engine.RedirectFixedPath = false
	engine.ForwardedByClientIP = false
	engine.HandleMethodNotAllowed = true
	if err := engine.SetTrustedProxies(nil); err != nil {
		return nil, fmt.Errorf("set up router: %w", err)
	}
	engine.Use(recoverPanics(log, panicked))
	return engine, nil
}

// recoverPanics makes a panic an answer. gin itself tells panics about a
// connection that broke and lets those pass without one.
func recoverPanics(log *zap.Logger, panicked func(gin.ResponseWriter)) gin.HandlerFunc {
	return gin.CustomRecoveryWithWriter(nil, func(c *gin.Context, v any) {
		log.Error("handler panicked", zap.String("panic", describePanic(v)), zap.Stack("stack"))
		c.Abort()
		if !c.Writer.Written() {
			panicked(c.Writer)
		}
	})
}

// describePanic quotes what the runtime says and names the type of anything
// else, because a value of our own could hold what must not be logged.
func describePanic(v any) string {
	if err, ok := v.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", v)
}
