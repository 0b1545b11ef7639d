package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"go.uber.org/zap"

	"suitekeeper/suite"
)

const problemType = "application/problem+json"

// unavailablePause is what a server needs to be started again.
const unavailablePause = 5 * time.Second

// Problem is an error as it is answered, of RFC 9457. Its type is about:blank,
// so the title is the status in words, and the code tells what went wrong.
type Problem struct {
	Title  string `json:"title" doc:"The status in words"`
	Status int    `json:"status" doc:"The status of the answer"`
	Code   string `json:"code" doc:"What went wrong, for programs" example:"forbidden"`
	Detail string `json:"detail,omitempty" doc:"What went wrong, and what to do next, for people"`

	RetryAfter time.Duration `json:"-"` // told in the header of that name; 0: not
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus returns the status to answer with.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType names the type of what the problem is written as.
func (p *Problem) ContentType(string) string { return problemType }

// GetHeaders returns what is told beside the problem.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(seconds(p.RetryAfter)))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="suitekeeper"`)
	}
	return h
}

func newProblem(status int, code, detail string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

func problemUnauthorized(detail string) *Problem {
	return newProblem(http.StatusUnauthorized, "unauthorized", detail)
}

func problemForbidden(actor suite.Actor, who []Role) *Problem {
	return newProblem(http.StatusForbidden, "forbidden",
		fmt.Sprintf("The token %q has the role %s; this call is for %s.", actor.Name, actor.Role, joinRoles(who, " or ")))
}

func problemTooMany(pause time.Duration) *Problem {
	p := newProblem(http.StatusTooManyRequests, "too_many_attempts",
		fmt.Sprintf("Too many wrong tokens came from this address. Try again in %d s.", seconds(pause)))
	p.RetryAfter = pause
	return p
}

func problemCrossOrigin() *Problem {
	return newProblem(http.StatusForbidden, "cross_origin",
		"A page of another site asked for this. Only pages of this server and programs may.")
}

func problemNotFound() *Problem {
	return newProblem(http.StatusNotFound, "not_found", "There is no such path. GET /openapi.json lists the calls.")
}

func problemMethod() *Problem {
	return newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "The method is not allowed on this path; the header Allow tells which are.")
}

func problemInvalid(detail string) *Problem {
	return newProblem(http.StatusUnprocessableEntity, "invalid_request", detail)
}

func problemInternal() *Problem {
	return newProblem(http.StatusInternalServerError, "internal", "The server failed; its log tells why.")
}

func problemUnavailable() *Problem {
	p := newProblem(http.StatusServiceUnavailable, "unavailable",
		"The store takes nothing now. Whether the call changed something is not known. Try again; if that does not help, the log tells why.")
	p.RetryAfter = unavailablePause
	return p
}

func problemNotReady(reason error) *Problem {
	return newProblem(http.StatusServiceUnavailable, "not_ready", "Pushes cannot be taken now: "+reason.Error()+".")
}

// failures is how errors that operators can cure are answered, and what to do
// about them.
var failures = []struct {
	err    error
	status int
	code   string
	next   string
}{
	{suite.ErrNotFound, http.StatusNotFound, "not_found",
		"Take the name from a list of this API; events are kept for a limited time, repushes until the server stops."},
	{suite.ErrUnknownSuite, http.StatusNotFound, "unknown_suite",
		"GET /api/v1/suites lists the suites that are configured."},
	{suite.ErrBadQuery, http.StatusUnprocessableEntity, "invalid_request",
		"Correct it and ask again; GET /openapi.json tells what the call takes."},
	{suite.ErrNoCode, http.StatusConflict, "no_permanent_code",
		"The authorisation tells why; a retry may bring a new code."},
	{suite.ErrNothingToRetry, http.StatusConflict, "nothing_to_retry",
		"The authorisation tells how it stands."},
	{ErrNoBackupKey, http.StatusConflict, "no_backup_key",
		"Give recipients, or configure a master key or backup.recipients."},
	{ErrBadRecipient, http.StatusUnprocessableEntity, "invalid_request",
		"Recipients begin with age1, as age-keygen prints them."},
	{ErrRotationRuns, http.StatusConflict, "rotation_runs",
		"GET /api/v1/keys tells how far it is."},
	{suite.ErrReplayRuns, http.StatusConflict, "repush_runs",
		"GET /api/v1/repush tells how far it is; start the next when it has ended."},
}

// problemOf is the one place that decides how an error is answered. What it
// does not know is a fault of ours: plain for the caller, in full in the log.
func (a *api) problemOf(ctx context.Context, call string, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	for _, f := range failures {
		if errors.Is(err, f.err) {
			return newProblem(f.status, f.code, sentence(err)+" "+f.next)
		}
	}
	if ctx.Err() != nil { // nobody waits any more, or not for this
		return newProblem(http.StatusServiceUnavailable, "unavailable", "The request ended before the answer was there.")
	}
	a.Logger.Error("admin call failed", zap.String("call", call), zap.Error(err))
	if suite.Unavailable(err) {
		return problemUnavailable()
	}
	return problemInternal()
}

// sentence makes an error one for people. Errors of package suite name suite,
// corp or event and hold no secrets.
func sentence(err error) string {
	text := err.Error()
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:] + "."
}

// ownProblems turns the errors of huma's own, about parameters, into ours. The
// values at fault are left out: they could be anything.
func ownProblems(_ huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	switch {
	case m.Status >= http.StatusInternalServerError:
		return problemInternal(), nil
	case m.Status == http.StatusUnsupportedMediaType: // what was sent as curl sends it
		return newProblem(m.Status, "invalid_request", "The body must be JSON, sent with Content-Type: application/json."), nil
	}
	var details []string
	for _, d := range m.Errors {
		details = append(details, d.Location+": "+d.Message)
	}
	if len(details) == 0 {
		details = []string{m.Detail}
	}
	return newProblem(m.Status, "invalid_request", strings.Join(details, "; ")+". GET /openapi.json tells what the call takes."), nil
}

// writeProblem sends a complete answer. That the peer has gone is nobody's
// fault and nothing can be done about it.
func writeProblem(w http.ResponseWriter, p *Problem) {
	body, err := json.Marshal(p)
	if err != nil { // not with strings and a number
		body = nil
	}
	h := w.Header()
	maps.Copy(h, p.GetHeaders())
	h.Set("Content-Type", problemType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(p.Status)
	_, _ = w.Write(body)
}

// seconds rounds up: whoever waits so long need not wait again.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

func joinRoles(roles []Role, sep string) string {
	var names []string
	for _, r := range roles {
		names = append(names, string(r))
	}
	return strings.Join(names, sep)
}
