package admin

import "time"

// Authorizations is the answer to GET /api/v1/suites/{suite_key}/authorizations.
type Authorizations struct {
	Authorizations []Authorization `json:"authorizations" nullable:"false" doc:"In the order of their corp ids"`
	NextCursor     string          `json:"next_cursor,omitempty" doc:"The cursor of what follows; absent when nothing does. A list may be shorter than its limit although more follows"`
}

// Authorization is how a corp's authorisation of a suite stands. What is not
// known, or not there, is absent.
type Authorization struct {
	SuiteKey      string    `json:"suite_key"`
	CorpID        string    `json:"corp_id" example:"ding0123456789abcdef"`
	CorpName      string    `json:"corp_name,omitempty"`
	Status        string    `json:"status" enum:"pending,active,disabled,failed,relieved"`
	PermanentCode string    `json:"permanent_code,omitempty" doc:"Masked: at most its last four characters; absent when none is stored"`
	Agents        []Agent   `json:"agents" nullable:"false" doc:"The suite's apps in that corp"`
	Scope         *Scope    `json:"scope,omitempty"`
	AuthorizedAt  time.Time `json:"authorized_at,omitzero" doc:"By DingTalk's clock"`
	ActivatedAt   time.Time `json:"activated_at,omitzero"`
	ChangedAt     time.Time `json:"changed_at,omitzero"`
	RelievedAt    time.Time `json:"relieved_at,omitzero" doc:"By DingTalk's clock"`
	Exchange      Exchange  `json:"exchange"`
}

// Agent is one app of a suite as installed in a corp.
type Agent struct {
	AgentID int64  `json:"agent_id,omitempty"`
	AppID   int64  `json:"app_id,omitempty"`
	Name    string `json:"name,omitempty"`
	Stopped bool   `json:"stopped" doc:"The corp stopped the app"`
}

// Scope is the part of the address book that a corp opened to a suite.
type Scope struct {
	UserFields      []string `json:"user_fields" nullable:"false"`
	ConditionFields []string `json:"condition_fields" nullable:"false"`
	Departments     []int64  `json:"departments" nullable:"false"`
	Users           []string `json:"users" nullable:"false"`
}

// Exchange is the work that is left for an authorisation: exchanging its code,
// activating it, asking for its scope.
type Exchange struct {
	State         string         `json:"state" enum:"done,waiting,running,held,failed" doc:"done: nothing is left; held: no call of the suite can succeed now, its alert tells why; failed: trying again cannot help, the error tells the cure"`
	Attempts      int            `json:"attempts" doc:"Since the last success"`
	NextAttemptAt time.Time      `json:"next_attempt_at,omitzero"`
	Error         *ExchangeError `json:"error,omitempty" doc:"Of the last attempt"`
}

// ExchangeError is a failed attempt with its cause and cure.
type ExchangeError struct {
	Code         string    `json:"code" doc:"As alerts have it" example:"code_burnt"`
	PlatformCode string    `json:"platform_code,omitempty" doc:"DingTalk's errcode; absent when there was no answer" example:"40078"`
	At           time.Time `json:"at"`
	Message      string    `json:"message" doc:"What happened, in English"`
	Cure         string    `json:"cure" doc:"What to do, in English"`
	MessageZH    string    `json:"message_zh" doc:"What happened, in Chinese"`
	CureZH       string    `json:"cure_zh" doc:"What to do, in Chinese"`
}

// AuthorizationDetail is the answer to
// GET /api/v1/suites/{suite_key}/authorizations/{corp_id}.
type AuthorizationDetail struct {
	Authorization
	History []HistoryEntry `json:"history" nullable:"false" doc:"What happened to the authorisation, the oldest first"`
}

// HistoryEntry is one thing that happened to an authorisation.
type HistoryEntry struct {
	At      time.Time `json:"at"`
	EventID string    `json:"event_id,omitempty" format:"uuid" doc:"The event that caused it, if one did"`
	What    string    `json:"what" example:"activated" doc:"Of a call its name in DingTalk's words"`
	From    string    `json:"from,omitempty" enum:"pending,active,disabled,failed,relieved" doc:"With to: the change of status; from is absent for the first"`
	To      string    `json:"to,omitempty" enum:"pending,active,disabled,failed,relieved"`
	Detail  string    `json:"detail,omitempty" doc:"In English"`

	DetailZH string `json:"detail_zh,omitempty" doc:"The same in Chinese, where that is another text"`

	Scopes *ScopeChange `json:"scopes,omitempty" doc:"When the scope changed"`
	Call   *Call        `json:"call,omitempty" doc:"Of a call of DingTalk's API: how it went"`
}

// Call is how a call of DingTalk's API went. Tries that ended in the same way
// while nothing else happened are one entry.
type Call struct {
	Outcome string    `json:"outcome" enum:"ok,refused,unanswered" doc:"refused: by DingTalk, with a code; unanswered: or not answered so that it could be used"`
	Code    string    `json:"code,omitempty" doc:"DingTalk's errcode or code" example:"40085"`
	Message string    `json:"message,omitempty" doc:"DingTalk's words, or what went wrong on the way, in English"`
	TookMS  int64     `json:"took_ms" doc:"The last try"`
	Repeats int       `json:"repeats,omitempty" doc:"Tries after the first"`
	LastAt  time.Time `json:"last_at,omitzero" doc:"With repeats: when the last was begun"`

	MessageZH string `json:"message_zh,omitempty" doc:"The message in Chinese, where that is another text"`
	Meaning   string `json:"meaning,omitempty" doc:"What the code means, in English; absent without a code, or with one that is not in the catalogue"`
	Cure      string `json:"cure,omitempty" doc:"What to do about it, in English; absent without a code"`
	MeaningZH string `json:"meaning_zh,omitempty" doc:"What the code means, in Chinese"`
	CureZH    string `json:"cure_zh,omitempty" doc:"What to do about it, in Chinese"`
}

// ScopeChange is a scope as it was and as it became.
type ScopeChange struct {
	Was Scope `json:"was"`
	Is  Scope `json:"is"`
}

// PermanentCode is the answer to
// POST /api/v1/suites/{suite_key}/authorizations/{corp_id}/reveal. It holds the
// secret in clear: print it only to whom asked for it.
type PermanentCode struct {
	PermanentCode string `json:"permanent_code" doc:"In clear"`
}

// Retry is the answer to
// POST /api/v1/suites/{suite_key}/authorizations/{corp_id}/retry.
type Retry struct {
	Action string `json:"action" enum:"exchange,activate,reauthorize" doc:"exchange: the code that is there is exchanged now; activate: the stored permanent code is activated and the scope asked for again; reauthorize: DingTalk is asked to push a new code"`
}
