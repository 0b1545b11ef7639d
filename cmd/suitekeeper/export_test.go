package main

import (
	"net/http"
	"time"

	"suitekeeper/crypto"
)

// What the tests, which are another package, call.
var (
	Main            = main
	Run             = run
	NewRootCommand  = newRootCommand
	SpareProcessors = spareProcessors
	CommandName     = commandName
)

// LoadReport is what push -o json prints after a load test.
type LoadReport = loadReport

// Judge judges an answer with status 200 that came after latency.
func Judge(c *crypto.Codec, header http.Header, body []byte, latency, limit time.Duration) (reply, reason string) {
	p := &pusher{codec: c}
	text, why := p.judge(answer{Answer: answerOf(http.StatusOK, header, body), latency: latency}, success, limit)
	return text, why.String()
}
