package handler

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// health says that the process answers, and no more: whether it is ready for
// work is for operators, on their own listener.
func health(c *gin.Context) {
	writeJSON(c.Writer, http.StatusOK, []byte(`{"status":"ok"}`))
}
