package admin

import (
	"encoding/json"
	"time"
)

// Events is the answer to GET /api/v1/events.
type Events struct {
	Events     []Event   `json:"events" nullable:"false" doc:"The newest first, or the oldest with order=asc"`
	NextCursor string    `json:"next_cursor,omitempty" doc:"The cursor of what follows; absent when nothing does. A list may be shorter than its limit, or empty, although more follows"`
	SearchedTo time.Time `json:"searched_to,omitzero" doc:"With next_cursor: how far the search came, as the time of reception"`
}

// Event is a stored event without its payload.
type Event struct {
	ID         string    `json:"id" format:"uuid" doc:"Ids grow in the order in which events are stored"`
	SuiteKey   string    `json:"suite_key"`
	Type       string    `json:"type" example:"tmp_auth_code"`
	CorpID     string    `json:"corp_id,omitempty" doc:"Absent where the event names none"`
	Source     string    `json:"source" enum:"http,sync_http"`
	IssuedAt   time.Time `json:"issued_at,omitzero" doc:"Its own time; absent when it has none that can be read"`
	ReceivedAt time.Time `json:"received_at"`
	Duplicates int       `json:"duplicates" doc:"How often it came again"`
	Outcome    string    `json:"outcome" enum:"applied,stale,stored,quarantined" doc:"applied: changed something or caused work; stale: older than what is stored; stored: kept, changes nothing of ours; quarantined: authentic but odd"`
	Reason     string    `json:"reason,omitempty" doc:"Why quarantined or stale, in English"`
	ReasonZH   string    `json:"reason_zh,omitempty" doc:"The same in Chinese, where that is another text"`
	ReasonCode string    `json:"reason_code,omitempty" example:"field_missing" doc:"Which reason; absent for one that an earlier version wrote down"`
}

// EventDetail is the answer to GET /api/v1/events/{id}.
type EventDetail struct {
	Event
	Payload  json.RawMessage `json:"payload" doc:"The JSON that DingTalk sent, secrets masked unless revealed; a string in the rare case that it is no JSON"`
	Revealed bool            `json:"revealed" doc:"The payload holds its secrets"`
}
