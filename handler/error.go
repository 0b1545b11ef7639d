package handler

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"suitekeeper/crypto"
	"suitekeeper/suite"
)

// The errors of this package's own. Errors of the envelope and of the text in
// it come from packages crypto and suite.
var (
	errBadRequest   = errors.New("bad request") // wrapped; the text around it is for the peer
	errNoRoute      = errors.New("no such path")
	errMethod       = errors.New("method not allowed")
	errUnknownSuite = errors.New("no such suite")
	errTooLarge     = errors.New("body too large")
	errEncoding     = errors.New("body is compressed")
	errSource       = errors.New("source address not allowed")
	errUnavailable  = errors.New("not stored")
	errPanicked     = errors.New("handler panicked")

	// These requests never reach a handler.
	errHeaders    = errors.New("headers too large")
	errTransfer   = errors.New("transfer encoding not known")
	errNotHTTP    = fmt.Errorf("%w: the request is no sound HTTP", errBadRequest)
	errNoTLS      = fmt.Errorf("%w: this port speaks TLS", errBadRequest)
	errUnfinished = fmt.Errorf("%w: the connection ended before the request was understood", errBadRequest)
)

// retryAfter is the pause after which DingTalk pushes again, in seconds.
const retryAfter = "10"

// failure is how an error is answered.
type failure struct {
	status  int
	code    suite.Reply // explained in the catalogue
	message string
}

// The answers that do not depend on the error's text.
var (
	rejected = failure{http.StatusForbidden, suite.ReplyRejected, "the push was rejected"}
	internal = failure{http.StatusInternalServerError, suite.ReplyInternal, "internal error"}
)

// failures is the table from errors to answers. Its order matters where an
// error wraps several.
var failures = []struct {
	err error
	failure
}{
	{errNoRoute, failure{http.StatusNotFound, suite.ReplyNotFound, "no such path"}},
	{errMethod, failure{http.StatusMethodNotAllowed, suite.ReplyMethod, "the method is not allowed here"}},
	{errUnknownSuite, failure{http.StatusNotFound, suite.ReplyUnknownSuite, "no such suite is configured"}},
	{errTooLarge, failure{http.StatusRequestEntityTooLarge, suite.ReplyTooLarge, "the body is too large"}},
	{errEncoding, failure{http.StatusUnsupportedMediaType, suite.ReplyEncoding, "the body must not be compressed"}},
	{errTransfer, failure{http.StatusUnsupportedMediaType, suite.ReplyEncoding, "the transfer encoding must be chunked or none"}},
	{errHeaders, failure{http.StatusRequestHeaderFieldsTooLarge, suite.ReplyHeaders, "the headers are too large"}},
	{errUnavailable, failure{http.StatusServiceUnavailable, suite.ReplyUnavailable, "the push could not be stored in time, push again"}},
}

// failureOf finds the answer to err. What it does not know is an internal
// error, without detail.
func failureOf(err error) failure {
	for _, f := range failures {
		if errors.Is(err, f.err) {
			return f.failure
		}
	}
	switch {
	case errors.Is(err, errBadRequest), errors.Is(err, crypto.ErrMalformed):
		// These texts name parameters and quote nothing.
		return failure{http.StatusBadRequest, suite.ReplyBadRequest, err.Error()}
	case reasonOf(err) != "":
		return rejected
	}
	return internal
}

// record leaves err to answerErrors.
func record(c *gin.Context, err error) {
	_ = c.Error(err) // returns what it was given
	c.Abort()
}

// answerErrors answers the error that a handler recorded.
func answerErrors(c *gin.Context) {
	c.Next()
	if last := c.Errors.Last(); last != nil && !c.Writer.Written() {
		answer(c.Writer, last.Err)
	}
}

// answer writes the answer to err.
func answer(w gin.ResponseWriter, err error) {
	f := failureOf(err)
	if f.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter)
	}
	writeJSON(w, f.status, f.body())
}

func (f failure) body() []byte {
	body, err := json.Marshal(struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}{f.code.String(), f.message})
	if err != nil { // not with two strings
		return nil
	}
	return body
}

// writeJSON sends a complete answer. That the peer has gone is nobody's fault
// and nothing can be done about it.
func writeJSON(w gin.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
