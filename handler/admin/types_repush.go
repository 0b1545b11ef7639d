package admin

import "time"

// RepushRequest is the body of POST /api/v1/repush: which stored events are to
// be processed again. Other empty fields do not filter.
type RepushRequest struct {
	SuiteKey string `json:"suite_key,omitempty" maxLength:"256" doc:"Required, unless failed is true: then absent means every suite"`
	Type     string `json:"type,omitempty" maxLength:"256"`
	CorpID   string `json:"corp_id,omitempty" maxLength:"256"`
	Since    string `json:"since,omitempty" maxLength:"64" doc:"Received then or later: a time of RFC 3339, or how long ago, as 90m, 2h or 7d; absent: all that are kept" example:"2h"`
	Failed   bool   `json:"failed,omitempty" doc:"Only quarantined events and those of authorisations that failed"`
	DryRun   bool   `json:"dry_run,omitempty" doc:"Tell what would run, change nothing"`
}

// RepushPreview is the answer to POST /api/v1/repush with dry_run.
type RepushPreview struct {
	Events int            `json:"events" doc:"That would be processed again"`
	Types  map[string]int `json:"types" doc:"Events by type"`
	Corps  int            `json:"corps" doc:"Different corps"`
	Oldest time.Time      `json:"oldest,omitzero" doc:"Reception of the oldest event; absent when there is none"`
	Capped bool           `json:"capped" doc:"There are more than a preview counts"`
}

// Repushes is the answer to GET /api/v1/repush.
type Repushes struct {
	Repushes   []Repush `json:"repushes" nullable:"false" doc:"Of the last 20 since the server started, the newest first"`
	NextCursor string   `json:"next_cursor,omitempty" doc:"The cursor of what follows; absent when nothing does"`
}

// Repush is stored events being processed again, by the same rules as when
// they came: what is older than what is stored changes nothing.
type Repush struct {
	ID        string       `json:"id" format:"uuid"`
	State     string       `json:"state" enum:"running,done,stopped" doc:"stopped: it ended early, the error tells why"`
	Actor     string       `json:"actor" doc:"Name of the token that asked for it"`
	EventID   string       `json:"event_id,omitempty" format:"uuid" doc:"When it is for a single event"`
	Filter    RepushFilter `json:"filter" doc:"Empty when it is for a single event"`
	StartedAt time.Time    `json:"started_at"`
	EndedAt   time.Time    `json:"ended_at,omitzero"`
	Total     int          `json:"total" doc:"Events to look at, as far as known"`
	Done      int          `json:"done" doc:"Events looked at"`
	Changed   int          `json:"changed" doc:"Events that changed something or caused work"`
	Retried   int          `json:"retried" doc:"Exchanges that were started again"`
	Failed    int          `json:"failed" doc:"Events that could not be processed; the log tells why"`
	Error     string       `json:"error,omitempty" doc:"Why it ended early, in English"`
	ErrorZH   string       `json:"error_zh,omitempty" doc:"The same in Chinese, where that is another text"`
}

// RepushFilter tells which events a repush is for.
type RepushFilter struct {
	SuiteKey string    `json:"suite_key,omitempty"`
	Type     string    `json:"type,omitempty"`
	CorpID   string    `json:"corp_id,omitempty"`
	Since    time.Time `json:"since,omitzero"`
	Failed   bool      `json:"failed,omitempty"`
}
