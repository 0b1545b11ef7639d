package admin

import (
	"encoding/json"
	"unicode/utf8"

	"suitekeeper/suite"
)

// NewEvents puts a list into the shape of the API.
func NewEvents(l suite.EventList) Events {
	return Events{Events: mapped(l.Events, newEvent), NextCursor: l.Next, SearchedTo: utc(l.Looked)}
}

// NewEventDetail puts an event into the shape of the API.
func NewEventDetail(d suite.EventDetail) EventDetail {
	return EventDetail{Event: newEvent(d.Event), Payload: newPayload(d.Payload), Revealed: d.Revealed}
}

func newEvent(e suite.Event) Event {
	event := Event{
		ID:         e.ID.String(),
		SuiteKey:   string(e.Suite),
		Type:       e.Type,
		CorpID:     string(e.Corp),
		Source:     string(e.Source),
		IssuedAt:   utc(e.IssuedAt),
		ReceivedAt: utc(e.ReceivedAt),
		Duplicates: e.Duplicates,
		Outcome:    string(e.Outcome),
		ReasonCode: string(e.Reason.Sentence()),
	}
	event.Reason, event.ReasonZH = bothTexts(e.Reason)
	return event
}

// newPayload is the payload as JSON, names and numbers as they came. Text that
// is no JSON, as quarantine may hold, becomes a string.
func newPayload(payload []byte) json.RawMessage {
	if utf8.Valid(payload) && json.Valid(payload) {
		return payload
	}
	text, err := json.Marshal(string(payload))
	if err != nil { // not with a string
		return json.RawMessage("null")
	}
	return text
}
