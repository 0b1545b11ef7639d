package suite

import "time"

// How many entries a list holds.
const (
	DefaultLimit = 50
	MaxLimit     = 500
)

// Actor is who does something that is written to the audit log.
type Actor struct {
	Name       string // of the admin token
	Role       string
	RemoteAddr string // host without port
}

// EventQuery asks for stored events. Empty fields do not filter.
type EventQuery struct {
	Suite     SuiteKey
	Type      string
	Corp      CorpID
	Outcome   Outcome
	Since     time.Time // received then or later
	Until     time.Time // received before
	Ascending bool      // the oldest first; otherwise the newest
	After     EventID   // with Ascending: only events that were stored after this one
	Limit     int       // at most so many; 0: DefaultLimit
	Cursor    string    // where an earlier list ended; empty: at the beginning
}

// EventList is a part of the events that a query asks for. A list may be
// shorter than its limit, or empty, although more follows: an answer looks at
// so many events only.
type EventList struct {
	Events []Event
	Next   string    // the cursor of what follows; empty: nothing does
	Looked time.Time // with Next: how far the search came, as the time of reception
}

// Event is a stored event without its payload.
type Event struct {
	ID         EventID
	Suite      SuiteKey
	Type       string
	Corp       CorpID // empty where the event names none
	Source     Source
	IssuedAt   time.Time // its own time; zero when it has none that can be read
	ReceivedAt time.Time
	Duplicates int
	Outcome    Outcome
	Reason     Phrase // why quarantined or stale
}

// EventDetail is an event with what DingTalk sent.
type EventDetail struct {
	Event
	Payload  []byte // JSON as it came, except that secrets are masked unless Revealed; in quarantine it may be no JSON
	Revealed bool
}

// AuthorizationQuery asks for a suite's authorisations, in the order of their
// corp ids. Empty fields do not filter.
type AuthorizationQuery struct {
	Suite  SuiteKey // required
	Status Status
	Search string // the beginning of a corp id, or a part of a corp's name; case does not matter
	Limit  int    // at most so many; 0: DefaultLimit
	Cursor string // where an earlier list ended; empty: at the beginning
}

// AuthorizationList is a part of the authorisations that a query asks for. It
// may be shorter than its limit although more follows.
type AuthorizationList struct {
	Authorizations []Authorization
	Next           string // the cursor of what follows; empty: nothing does
}

// Authorization is how a corp's authorisation of a suite stands. It holds no
// secrets.
type Authorization struct {
	Suite         SuiteKey
	Corp          CorpID
	CorpName      string // empty while unknown
	Status        Status
	PermanentCode string // masked: at most its last four characters; empty when none is stored
	Agents        []Agent
	Scope         *Scope // nil while unknown
	AuthorizedAt  time.Time
	ActivatedAt   time.Time
	ChangedAt     time.Time
	RelievedAt    time.Time
	Exchange      Exchange
}

// ExchangeState tells what is still to be done for an authorisation.
type ExchangeState string

// The states of an exchange.
const (
	ExchangeDone    ExchangeState = "done"    // nothing is left to do
	ExchangeWaiting ExchangeState = "waiting" // to be done, or done again, at NextAttemptAt
	ExchangeRunning ExchangeState = "running" // a worker has it
	ExchangeHeld    ExchangeState = "held"    // no call of the suite can succeed now; its alert tells why
	ExchangeFailed  ExchangeState = "failed"  // trying again cannot help; the error tells the cure
)

// Exchange is the work that is left for an authorisation: exchanging a code,
// activating, asking for the scope.
type Exchange struct {
	State         ExchangeState
	Attempts      int // since the last success
	NextAttemptAt time.Time
	Failure       *ExplainedFailure // of the last attempt; nil when there was none
}

// ExplainedFailure is a failed attempt with its cause and cure.
type ExplainedFailure struct {
	Alert        AlertCode
	PlatformCode string // DingTalk's errcode; empty when there was no answer
	At           time.Time
	Message      Text
	Cure         Text
}

// AuthorizationDetail is an authorisation with what happened to it.
type AuthorizationDetail struct {
	Authorization
	History []HistoryEntry // oldest first
}

// RejectionReport is what was refused at the door since the start.
type RejectionReport struct {
	Rejections []Rejection          // the newest first, of which the last 200 are kept
	Counts     map[RejectReason]int // all of them
}

// RetryAction is what a retry does.
type RetryAction string

// What a retry does, depending on how the authorisation stands.
const (
	RetryExchange    RetryAction = "exchange"    // the code that is there is exchanged now
	RetryActivate    RetryAction = "activate"    // the stored permanent code is activated and the scope asked for again
	RetryReauthorize RetryAction = "reauthorize" // DingTalk is asked to push a new code
)

// ReplayQuery says which stored events are to be processed again: those of a
// suite, of a type, since a time; with Failed only quarantined ones and those
// of authorisations that failed.
type ReplayQuery struct {
	Suite  SuiteKey  `json:"suite,omitempty"` // empty: every suite
	Type   string    `json:"type,omitempty"`
	Corp   CorpID    `json:"corp,omitempty"`
	Since  time.Time `json:"since,omitzero"` // zero: all that are kept
	Failed bool      `json:"failed,omitempty"`
}

// Boundless tells of a query that names neither a suite nor what failed. Whoever
// forgets to say which events are meant does not mean those of every suite, so
// people are asked.
func (q ReplayQuery) Boundless() bool { return q.Suite == "" && !q.Failed }

// ReplayPreview is what a replay would run.
type ReplayPreview struct {
	Events int            // that would be processed again
	Types  map[string]int // by type
	Corps  int            // different corps
	Oldest time.Time      // reception of the oldest; zero when there is none
	Capped bool           // there are more than a preview counts
}

// Replay is stored events being processed again, by the same rules as when they
// came: what is older than what is stored changes nothing.
type Replay struct {
	ID        EventID
	Actor     string
	Query     ReplayQuery
	Event     EventID // when it is for a single event
	StartedAt time.Time
	EndedAt   time.Time // zero while it runs
	Total     int       // events to look at, as far as known
	Done      int       // looked at
	Changed   int       // changed something or caused work
	Retried   int       // exchanges that were started again
	Failed    int       // could not be processed; logged
	Error     Phrase    // why it ended early; empty otherwise
}

// AuditAction is a kind of action in the audit log.
type AuditAction string

// The actions.
const (
	AuditRevealCode    AuditAction = "reveal_permanent_code"
	AuditRevealPayload AuditAction = "reveal_payload"
	AuditRetry         AuditAction = "retry"
	AuditReplayEvent   AuditAction = "repush_event"
	AuditReplay        AuditAction = "repush"
	AuditSignIn        AuditAction = "sign_in"
	AuditSignOut       AuditAction = "sign_out"
	AuditBackup        AuditAction = "backup"
	AuditRotateKey     AuditAction = "rotate_key"
)

// AuditEntry is one thing that somebody did.
type AuditEntry struct {
	ID         EventID      `json:"id"`
	At         time.Time    `json:"at"`
	Actor      string       `json:"actor"`
	Role       string       `json:"role,omitempty"`
	RemoteAddr string       `json:"remote_addr,omitempty"`
	Action     AuditAction  `json:"action"`
	Suite      SuiteKey     `json:"suite,omitempty"`
	Corp       CorpID       `json:"corp,omitempty"`
	Event      *EventID     `json:"event,omitempty"`
	Detail     Phrase       `json:"detail,omitempty"` // no secrets
	Replay     *ReplayQuery `json:"replay,omitempty"` // of AuditReplay: which events; Detail says the same in English
}

// AuditQuery asks for audit entries, the newest first.
type AuditQuery struct {
	Limit  int    // 0: DefaultLimit
	Cursor string // where an earlier list ended
}

// AuditList is a part of the audit log.
type AuditList struct {
	Entries []AuditEntry
	Next    string // the cursor of what follows; empty: nothing does
}
