package suite

// SuiteKey names a suite at DingTalk (suiteKey, today also called Client ID).
type SuiteKey string

// CorpID names a customer company at DingTalk (corpId, "ding…").
type CorpID string

// Source tells on which way an event came.
type Source string

// The ways on which events come.
const (
	SourceHTTP     Source = "http"
	SourceSyncHTTP Source = "sync_http"
)

// Outcome tells what an event did.
type Outcome string

// The outcomes.
const (
	OutcomeApplied     Outcome = "applied"     // changed a ticket or an authorisation, or caused work
	OutcomeStale       Outcome = "stale"       // older than what is stored, changed nothing
	OutcomeStored      Outcome = "stored"      // kept for whoever wants it, changes nothing of ours
	OutcomeQuarantined Outcome = "quarantined" // authentic but odd: kept raw for operators
)

// Agent is one app of a suite as installed in a corp.
type Agent struct {
	AgentID int64  `json:"agent_id,omitempty"`
	AppID   int64  `json:"app_id,omitempty"`
	Name    string `json:"name,omitempty"`
	Stopped bool   `json:"stopped,omitempty"`
}
