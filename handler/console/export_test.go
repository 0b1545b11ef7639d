package console

import "github.com/gin-gonic/gin"

// Routes are all that the console answers.
func Routes(c *Console) gin.RoutesInfo { return c.pages.(*gin.Engine).Routes() }

// What writes and draws values, for tests of its edges.
var (
	Number       = number
	Size         = size
	Shares       = shares
	NewPushChart = newPushChart
)

// Readable and BizData show payloads.
var (
	Readable = readable
	BizData  = bizData
)

// RetryOf foretells what trying again will do.
var RetryOf = retryOf
