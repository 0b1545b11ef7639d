package admin

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"go.uber.org/zap"

	"suitekeeper/suite"
)

const problemType = "application/problem+json"

// unavailablePause is what a server needs to be started again.
const unavailablePause = 5 * time.Second

// Problem is an error as it is answered, of RFC 9457. Its type is about:blank,
// so the title is the status in words, and the code tells what went wrong. The
// texts are the catalogue's of package suite.
type Problem struct {
	Title     string `json:"title" doc:"The status in words"`
	Status    int    `json:"status" doc:"The status of the answer"`
	Code      string `json:"code" doc:"What went wrong, for programs" example:"forbidden"`
	Detail    string `json:"detail" doc:"Message and cure, for people"`
	Message   string `json:"message" doc:"What went wrong"`
	Cure      string `json:"cure" doc:"What to do"`
	MessageZH string `json:"message_zh" doc:"What went wrong, in Chinese"`
	CureZH    string `json:"cure_zh" doc:"What to do, in Chinese"`

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

// statuses are what the problems are answered with. Of requests that cannot be
// understood huma knows more.
var statuses = map[suite.Problem]int{
	suite.ProblemInternal:       http.StatusInternalServerError,
	suite.ProblemUnavailable:    http.StatusServiceUnavailable,
	suite.ProblemNotReady:       http.StatusServiceUnavailable,
	suite.ProblemUnauthorized:   http.StatusUnauthorized,
	suite.ProblemForbidden:      http.StatusForbidden,
	suite.ProblemTooMany:        http.StatusTooManyRequests,
	suite.ProblemCrossOrigin:    http.StatusForbidden,
	suite.ProblemMethod:         http.StatusMethodNotAllowed,
	suite.ProblemInvalid:        http.StatusUnprocessableEntity,
	suite.ProblemNotFound:       http.StatusNotFound,
	suite.ProblemUnknownSuite:   http.StatusNotFound,
	suite.ProblemNoCode:         http.StatusConflict,
	suite.ProblemNothingToRetry: http.StatusConflict,
	suite.ProblemReplayRuns:     http.StatusConflict,
	suite.ProblemNoBackupKey:    http.StatusConflict,
	suite.ProblemRotationRuns:   http.StatusConflict,
}

// newProblem is the only way to make a problem, so that there is none that the
// catalogue does not explain.
func newProblem(what suite.Problem, v suite.Values) *Problem {
	message, cure := what.Entry().Fill(v)
	p := &Problem{
		Code: what.String(), Detail: message.EN + " " + cure.EN,
		Message: message.EN, Cure: cure.EN, MessageZH: message.ZH, CureZH: cure.ZH,
	}
	return p.answered(statuses[what])
}

// answered gives the problem a status.
func (p *Problem) answered(status int) *Problem {
	p.Title, p.Status = http.StatusText(status), status
	return p
}

// said is newProblem with a detail.
func said(what suite.Problem, detail suite.Phrase) *Problem {
	return newProblem(what, suite.Values{Detail: detail.Text()})
}

func problemForbidden(actor suite.Actor, who []Role) *Problem {
	return said(suite.ProblemForbidden, suite.Say(suite.SayWrongRole, actor.Name, actor.Role, joinRoles(who, " / ")))
}

func problemTooMany(pause time.Duration) *Problem {
	p := newProblem(suite.ProblemTooMany, suite.Values{Age: time.Duration(seconds(pause)) * time.Second})
	p.RetryAfter = pause
	return p
}

// problemParameter says what is wrong with a parameter.
func problemParameter(name string, why suite.Phrase) *Problem {
	return said(suite.ProblemInvalid, suite.Say(suite.SayParameter, name, string(why)))
}

func noPath() *Problem { return said(suite.ProblemNotFound, suite.Say(suite.SayPath)) }

func problemInternal() *Problem { return newProblem(suite.ProblemInternal, suite.Values{}) }

func problemUnavailable() *Problem {
	p := said(suite.ProblemUnavailable, suite.Say(suite.SayStoreTakesNone))
	p.RetryAfter = unavailablePause
	return p
}

// problemOf is the one place that decides how an error is answered. What it
// does not know is a fault of ours: plain for the caller, in full in the log.
func (a *api) problemOf(ctx context.Context, call string, err error) *Problem {
	var p *Problem
	var known *suite.ProblemError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &known):
		return newProblem(known.Problem, known.Values)
	case ctx.Err() != nil: // nobody waits any more, or not for this
		return said(suite.ProblemUnavailable, suite.Say(suite.SayRequestEnded))
	}
	a.Logger.Error("admin call failed", zap.String("call", call), zap.Error(err))
	if suite.Unavailable(err) {
		return problemUnavailable()
	}
	return problemInternal()
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
		return said(suite.ProblemInvalid, suite.Say(suite.SayBodyNoJSON)).answered(m.Status), nil
	}
	var details []string
	for _, d := range m.Errors {
		details = append(details, d.Location+": "+d.Message)
	}
	if len(details) == 0 {
		details = []string{m.Detail}
	}
	return said(suite.ProblemInvalid, suite.AsItIs(strings.Join(details, "; "))).answered(m.Status), nil
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
