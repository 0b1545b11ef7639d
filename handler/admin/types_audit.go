package admin

import "time"

// Rejections is the answer to GET /api/v1/rejections.
type Rejections struct {
	Rejections []Rejection    `json:"rejections" nullable:"false" doc:"Of the last 200, the newest first"`
	Counts     map[string]int `json:"counts" doc:"All since the server started, by reason"`
	NextCursor string         `json:"next_cursor,omitempty" doc:"The cursor of what follows; absent when nothing does"`
}

// Rejection is a push that was refused at the door.
type Rejection struct {
	At         time.Time `json:"at"`
	SuiteKey   string    `json:"suite_key,omitempty" doc:"Absent when the push was for no suite that is configured"`
	RemoteAddr string    `json:"remote_addr"`
	Reason     string    `json:"reason" enum:"bad_signature,undecryptable,wrong_suite_key,not_json,source_not_allowed,unknown_suite"`
	Message    string    `json:"message" doc:"What was wrong, in English"`
	Cure       string    `json:"cure" doc:"What to do, in English"`
	MessageZH  string    `json:"message_zh" doc:"What was wrong, in Chinese"`
	CureZH     string    `json:"cure_zh" doc:"What to do, in Chinese"`
}

// Audit is the answer to GET /api/v1/audit.
type Audit struct {
	Entries    []AuditEntry `json:"entries" nullable:"false" doc:"The newest first"`
	NextCursor string       `json:"next_cursor,omitempty" doc:"The cursor of what follows; absent when nothing does"`
}

// AuditEntry is one thing that somebody did. It holds no secrets.
type AuditEntry struct {
	ID         string    `json:"id" format:"uuid"`
	At         time.Time `json:"at"`
	Actor      string    `json:"actor" doc:"Name of the token"`
	Role       string    `json:"role" enum:"viewer,operator,app"`
	RemoteAddr string    `json:"remote_addr"`
	Action     string    `json:"action" enum:"reveal_permanent_code,reveal_payload,retry,repush_event,repush,sign_in,sign_out,backup,rotate_key"`
	SuiteKey   string    `json:"suite_key,omitempty"`
	CorpID     string    `json:"corp_id,omitempty"`
	EventID    string    `json:"event_id,omitempty" format:"uuid"`
	Detail     string    `json:"detail,omitempty" doc:"In English"`
	DetailZH   string    `json:"detail_zh,omitempty" doc:"The same in Chinese, where that is another text"`

	Filter *RepushFilter `json:"filter,omitempty" doc:"Of a repush: which events"`
}
