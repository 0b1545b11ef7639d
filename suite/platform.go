package suite

import (
	"context"
	"time"
)

// Platform is what the workers need of DingTalk's server API. Implementations
// are safe for concurrent use, bound every call in time by themselves, and
// return a *PlatformError for every answer that is not a success, including
// none at all. No error they return holds a secret or a token.
type Platform interface {
	// SuiteToken asks for a new suite_access_token.
	SuiteToken(ctx context.Context, c Credentials) (Token, error)
	// PermanentCode exchanges a tmp_auth_code, which burns it.
	PermanentCode(ctx context.Context, suiteToken Secret, tmpAuthCode Secret) (PermanentCode, error)
	// Activate makes the app visible to the corp. Doing it again is harmless.
	Activate(ctx context.Context, suiteToken Secret, key SuiteKey, corp CorpID, permanentCode Secret) error
	// AuthInfo asks what the corp authorised.
	AuthInfo(ctx context.Context, c Credentials, corp CorpID) (AuthInfo, error)
	// CorpToken asks for a new access token of the corp.
	CorpToken(ctx context.Context, c Credentials, corp CorpID) (Token, error)
	// Scopes asks which part of the address book the corp opened to the suite.
	Scopes(ctx context.Context, corpToken Secret) (Scope, error)
	// Unactivated lists the corps that authorised the app but were never activated.
	Unactivated(ctx context.Context, suiteToken Secret, appID int64) ([]CorpID, error)
	// Reauthorize makes DingTalk push a new tmp_auth_code for each corp.
	Reauthorize(ctx context.Context, suiteToken Secret, appID int64, corps []CorpID) error
}

// Credentials are what a suite signs its calls with.
type Credentials struct {
	Key    SuiteKey
	Secret Secret
	Ticket Secret
}

// Token is an access token and the time until which DingTalk honours it.
type Token struct {
	Value     Secret
	ExpiresAt time.Time
}

// PermanentCode is the answer to an exchange.
type PermanentCode struct {
	Code     Secret
	Corp     CorpID
	CorpName string
}

// AuthInfo is what get_auth_info tells of an authorisation.
type AuthInfo struct {
	CorpName string
	Agents   []Agent
}

// Scope is the part of the address book that a corp opened to the suite.
type Scope struct {
	UserFields      []string `json:"user_fields,omitempty"`
	ConditionFields []string `json:"condition_fields,omitempty"`
	Departments     []int64  `json:"departments,omitempty"`
	Users           []string `json:"users,omitempty"`
}

// Fault classes what can be done about a failed call; workers decide by it and
// know no errcodes. Whether trying again can help, [PlatformError.RetryHelps] tells.
type Fault string

// The faults.
const (
	FaultTransient     Fault = "transient"      // timeout, 5xx, broken answer, -1, 40087: may pass, retry with backoff
	FaultThrottled     Fault = "throttled"      // 88, 90002, HTTP 429: retry after a longer pause
	FaultTicket        Fault = "ticket"         // 40085: wait for a newer ticket
	FaultToken         Fault = "token"          // 40082 and other invalid tokens: get a new one, retry once
	FaultCodeSpent     Fault = "code_spent"     // 40078: tmp_auth_code used already, never retry it
	FaultCodeExpired   Fault = "code_expired"   // 40102: tmp_auth_code expired, never retry it
	FaultNotAuthorized Fault = "not_authorized" // 40079: the corp has not authorised, or withdrew
	FaultReauthorize   Fault = "reauthorize"    // 40091: the corp must authorise again
	FaultPermanentCode Fault = "permanent_code" // 40084: wrong permanent code
	FaultAddress       Fault = "address"        // 60020: our address is not whitelisted, retry slowly
	FaultSecret        Fault = "secret"         // 40080, 40088: configuration, retry slowly
	FaultSuiteKey      Fault = "suite_key"      // 40083, 40090: configuration, retry slowly
	FaultOther         Fault = "other"          // a code that we do not know: retry with backoff
)

// PlatformError is a call that DingTalk refused, answered brokenly or did not
// answer. It holds no secrets.
type PlatformError struct {
	Call    string // the call in DingTalk's words, as "get_permanent_code"
	Fault   Fault
	Code    string // DingTalk's errcode or code; empty when there was no answer
	Message Phrase // DingTalk's errmsg, or what went wrong on the way
	Address string // with FaultAddress: our outgoing address as DingTalk saw it, when it said so
}

// Error names the call, DingTalk's code and its message.
func (e *PlatformError) Error() string { return e.Phrase().String() }

// Phrase says the same in both languages.
func (e *PlatformError) Phrase() Phrase {
	if e.Code == "" {
		return Say(SayCallFailed, e.Call, string(e.Message))
	}
	return Say(SayCallAnswered, e.Call, e.Code, string(e.Message))
}

// RetryHelps tells whether the same call may succeed when it is made again: by
// itself, with a new ticket or token, or when somebody has corrected what the
// suite is configured with, here or at DingTalk. Otherwise what the call is about
// is worth nothing any more, and it takes another code or another authorisation.
func (e *PlatformError) RetryHelps() bool {
	switch e.Fault {
	case FaultCodeSpent, FaultCodeExpired, FaultNotAuthorized, FaultReauthorize, FaultPermanentCode:
		return false
	default:
		return true
	}
}
