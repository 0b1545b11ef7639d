package dingtalktest

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// Endpoint is a call of DingTalk's server API, in DingTalk's words.
type Endpoint string

// The endpoints.
const (
	GetSuiteToken    Endpoint = "get_suite_token"
	GetPermanentCode Endpoint = "get_permanent_code"
	ActivateSuite    Endpoint = "activate_suite"
	GetAuthInfo      Endpoint = "get_auth_info"
	GetCorpToken     Endpoint = "get_corp_token"
	AuthScopes       Endpoint = "auth/scopes"
	GetFailedResult  Endpoint = "get_call_back_failed_result"
	GetUnactiveCorp  Endpoint = "get_unactive_corp"
	ReauthCorp       Endpoint = "reauth_corp"
	SuiteAccessToken Endpoint = "suiteAccessToken"
	CorpAccessToken  Endpoint = "corpAccessToken"
	AppsAuthInfo     Endpoint = "apps/authInfo"
)

// Always as Times means until ClearFaults.
const Always = -1

// Spoil is what comes instead of the right answer.
type Spoil string

// The ways in which an answer is spoilt.
const (
	Intact   Spoil = ""          // the right answer; for a Fault that only delays
	Refused  Spoil = "refused"   // the errcode or code that the Fault names, else "system busy"
	HalfJSON Spoil = "half json" // the right answer, cut in the middle
	HTML     Spoil = "html"      // a gateway's page, with status 200
	Empty    Spoil = "empty"     // status 200 and nothing
	Dropped  Spoil = "dropped"   // the connection closes without an answer
	HTTPFail Spoil = "http fail" // an HTTP status, 500 unless the Fault names one, and a page
)

// Fault makes the next calls of an endpoint fail.
type Fault struct {
	Times int           // how many calls; 0 means one; Always
	Delay time.Duration // waited before anything else happens
	Spoil Spoil
	// Done lets the call take effect although its answer is spoilt: a code is
	// burnt and the client never learns its permanent code.
	Done bool

	Errcode int    // with Refused, on oapi's paths
	SubCode string // with Refused: errcode 88 and this sub_code
	Code    string // with Refused, on api's paths (/v1.0/)
	Message string // with Refused: errmsg, sub_msg or message
	Status  int    // with HTTPFail, and with Refused on api's paths
}

// Fault stages f for the next calls of the endpoint, after what is staged
// already. The error wraps ErrInvalid when there is no such endpoint.
func (p *Platform) Fault(e Endpoint, f Fault) error {
	known := slices.ContainsFunc(endpoints(), func(d endpoint) bool { return d.name == e })
	if !known {
		return fmt.Errorf("stage fault: %w: no endpoint %q", ErrInvalid, e)
	}
	if f.Times == 0 {
		f.Times = 1
	}
	p.change(func() { p.faults[e] = append(p.faults[e], f) })
	return nil
}

// ClearFaults forgets what is staged.
func (p *Platform) ClearFaults() {
	p.change(func() { clear(p.faults) })
}

// takeFault returns what is staged for this call of the endpoint, if anything.
func (p *Platform) takeFault(e Endpoint) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	queue := p.faults[e]
	if len(queue) == 0 {
		return Fault{}
	}
	f := queue[0]
	if f.Times > 0 {
		queue[0].Times--
	}
	if queue[0].Times == 0 {
		p.faults[e] = queue[1:]
	}
	return f
}

// spoil answers in f's way instead of with the right answer.
func (f Fault) spoil(w http.ResponseWriter, right []byte) {
	const page = "<html><body><h1>502 Bad Gateway</h1></body></html>\n"
	switch f.Spoil {
	case HalfJSON:
		w.Header().Set("Content-Type", "application/json")
		w.Write(right[:len(right)/2])
	case HTML:
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, page)
	case Empty:
		w.WriteHeader(http.StatusOK)
	case Dropped:
		// net/http's way to close a connection without an answer, which is
		// not logged. Transport understands it too.
		panic(http.ErrAbortHandler)
	case HTTPFail:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(positive(f.Status, http.StatusInternalServerError))
		io.WriteString(w, page)
	}
}
