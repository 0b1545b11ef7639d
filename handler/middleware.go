package handler

import (
	"fmt"
	"runtime"

	"github.com/gin-gonic/gin"
	"go.uber.org/zap"
)

// answerErrors answers the error that a handler recorded.
func answerErrors(c *gin.Context) {
	c.Next()
	if last := c.Errors.Last(); last != nil && !c.Writer.Written() {
		answer(c.Writer, last.Err)
	}
}

// recoverPanics answers 500 to a panic and logs where it was. gin itself tells
// panics about a connection that broke and lets those pass without an answer.
func recoverPanics(log *zap.Logger) gin.HandlerFunc {
	return gin.CustomRecoveryWithWriter(nil, func(c *gin.Context, v any) {
		log.Error("handler panicked", zap.String("panic", describePanic(v)), zap.Stack("stack"))
		c.Abort()
		if !c.Writer.Written() {
			answer(c.Writer, errPanicked)
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
