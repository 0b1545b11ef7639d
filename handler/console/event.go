package console

import (
	"bytes"
	"encoding/json"
	"strings"

	"suitekeeper/suite"
)

// eventView is one event with its payload.
type eventView struct {
	suite.Event
	SuiteName string
	Payload   string // as JSON that can be read, or as it came when it is none
	Inner     string // the JSON inside biz_data, when there is one
	Bytes     uint64
	Revealed  bool
}

func (c *console) event(v *visit) (view, error) {
	id, err := v.eventID()
	if err != nil {
		return view{}, err
	}
	e, err := c.Keeper.Event(v.ctx, id)
	if err != nil {
		return view{}, err
	}
	return c.eventPage(v, e)
}

func (c *console) eventPage(v *visit, e suite.EventDetail) (view, error) {
	report, err := c.Keeper.Status(v.ctx)
	if err != nil {
		return view{}, err
	}
	data := eventView{
		Event: e.Event, SuiteName: suiteName(report.Suites, e.Suite), Revealed: e.Revealed,
		Payload: readable(e.Payload), Inner: bizData(e.Payload), Bytes: uint64(len(e.Payload)),
	}
	return view{Template: "event", Title: "event.title", Name: e.Type, Section: "events", Data: data, Once: e.Revealed}, nil
}

// eventID is the event that the path names.
func (v *visit) eventID() (suite.EventID, error) {
	var id suite.EventID
	if err := id.UnmarshalText([]byte(v.param("id"))); err != nil {
		return id, suite.NoEvent(v.param("id"))
	}
	return id, nil
}

// revealEvent shows the payload with its secrets, once.
func (c *console) revealEvent(v *visit) (result, error) {
	id, err := v.eventID()
	if err != nil {
		return result{}, err
	}
	e, err := c.Keeper.RevealEvent(v.ctx, v.actor(), id)
	if err != nil {
		return result{}, err
	}
	page, err := c.eventPage(v, e)
	return result{View: &page}, err
}

// repushEvent has one event processed again.
func (c *console) repushEvent(v *visit) (result, error) {
	id, err := v.eventID()
	if err != nil {
		return result{}, err
	}
	r, err := c.Keeper.ReplayEvent(v.ctx, v.actor(), id)
	if err != nil {
		return result{}, err
	}
	return result{To: eventPath(id), Flash: eventFlash(r)}, nil
}

// eventFlash says what processing an event again came to.
func eventFlash(r suite.Replay) *flash {
	switch {
	case r.Failed > 0:
		return &flash{Failed: true, Key: "event_failed"}
	case r.Retried > 0:
		return &flash{Key: "event_retried"}
	case r.Changed > 0:
		return &flash{Key: "event_changed"}
	default:
		return &flash{Key: "event_unchanged"}
	}
}

// readable indents JSON. What is none is shown as it is.
func readable(payload []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, payload, "", "  ") != nil {
		return strings.ToValidUTF8(string(payload), "\uFFFD")
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}

// bizData unfolds the JSON that stands as a text inside the JSON of a row.
func bizData(payload []byte) string {
	var row struct {
		BizData string `json:"biz_data"`
	}
	if json.Unmarshal(payload, &row) != nil || !json.Valid([]byte(row.BizData)) {
		return ""
	}
	return readable([]byte(row.BizData))
}
