package admin

import "time"

// Status is the answer to GET /api/v1/status.
type Status struct {
	Version   string    `json:"version" doc:"Version of the program"`
	StartedAt time.Time `json:"started_at" doc:"When the server was started"`
	Store     Store     `json:"store"`
	Suites    []Suite   `json:"suites" nullable:"false" doc:"In the order of the configuration"`
	Alerts    []Alert   `json:"alerts" nullable:"false" doc:"What needs a person, the most urgent first"`
	Work      Work      `json:"work"`
	Disk      *Disk     `json:"disk,omitempty" doc:"Where the store lies; absent when that is not known"`
}

// Work counts the pieces of work that bring authorisations forward.
type Work struct {
	Running int `json:"running" doc:"A worker has it"`
	Waiting int `json:"waiting" doc:"For its time, or for a worker"`
	Held    int `json:"held" doc:"Until the suite's calls succeed again; an alert tells why they do not"`
	Failed  int `json:"failed" doc:"Authorisations that cannot be brought forward by themselves"`
}

// Disk is how much room there is.
type Disk struct {
	FreeBytes  uint64 `json:"free_bytes" doc:"That this server may use"`
	TotalBytes uint64 `json:"total_bytes"`
}

// Store tells about the data that is kept.
type Store struct {
	Engine    string `json:"engine" doc:"Name of the storage engine" example:"bolt"`
	SizeBytes int64  `json:"size_bytes" doc:"Size on disk"`
	Events    int    `json:"events" doc:"Events stored now"`
}

// Suites is the answer to GET /api/v1/suites.
type Suites struct {
	Suites     []Suite `json:"suites" nullable:"false" doc:"In the order of the configuration"`
	NextCursor string  `json:"next_cursor,omitempty" doc:"The cursor of what follows; absent when nothing does"`
}

// Suite is how one suite stands.
type Suite struct {
	SuiteKey       string              `json:"suite_key" doc:"suiteKey, today also called Client ID"`
	Name           string              `json:"name" doc:"For people; may be empty"`
	CallbackURL    string              `json:"callback_url" doc:"How DingTalk reaches the suite; empty while public_url is not configured"`
	Ticket         Ticket              `json:"ticket"`
	Authorizations AuthorizationCounts `json:"authorizations"`
	LastEventAt    time.Time           `json:"last_event_at,omitzero" doc:"When the newest event arrived; absent before the first"`

	PushesPerMinute []int `json:"pushes_per_minute" nullable:"false" doc:"Taken in the last 60 minutes, the oldest first; the last is that of the minute that runs"`
}

// Ticket is how a suite's suite_ticket stands, without the ticket. What a
// missing one cannot have is absent.
type Ticket struct {
	State      string    `json:"state" enum:"fresh,stale,missing"`
	IssuedAt   time.Time `json:"issued_at,omitzero" doc:"By its own time"`
	ReceivedAt time.Time `json:"received_at,omitzero"`
	AgeSeconds *int64    `json:"age_seconds,omitempty" doc:"Since issued_at"`

	NextExpectedAt time.Time `json:"next_expected_at,omitzero" doc:"When DingTalk should push the next"`
}

// AuthorizationCounts counts a suite's authorisations by state.
type AuthorizationCounts struct {
	Pending  int `json:"pending" doc:"Authorised, not yet active"`
	Active   int `json:"active"`
	Disabled int `json:"disabled" doc:"Every app of the suite is stopped by the corp"`
	Failed   int `json:"failed" doc:"Cannot become active by itself; alerts tell the cure"`
	Relieved int `json:"relieved" doc:"Withdrawn by the corp"`
}

// Alert is something that needs a person, with its cure.
type Alert struct {
	Code      string    `json:"code" example:"ticket_missing" doc:"What it is, for programs"`
	Severity  string    `json:"severity" enum:"critical,warning"`
	SuiteKey  string    `json:"suite_key,omitempty" doc:"Absent when it concerns no configured suite"`
	CorpID    string    `json:"corp_id,omitempty" doc:"Absent when it concerns no single corp"`
	CorpName  string    `json:"corp_name,omitempty" doc:"Absent while it is not known"`
	Message   string    `json:"message" doc:"What happened, in English"`
	Cure      string    `json:"cure" doc:"What to do, in English"`
	MessageZH string    `json:"message_zh" doc:"What happened, in Chinese"`
	CureZH    string    `json:"cure_zh" doc:"What to do, in Chinese"`
	Since     time.Time `json:"since"`
}

// Health is the answer to GET /healthz and GET /readyz.
type Health struct {
	Status string `json:"status" enum:"ok,ready"`
}
