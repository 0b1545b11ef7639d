package suite

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// httpEvent is an event of HTTP push mode in DingTalk's spelling. Some fields
// have several, which differ from event to event.
type httpEvent struct {
	EventType   jsontext.Value `json:"EventType"`
	TimeStamp   jsontext.Value `json:"TimeStamp"`
	SuiteKey    jsontext.Value `json:"SuiteKey"`
	Random      jsontext.Value `json:"Random"`
	SuiteTicket jsontext.Value `json:"SuiteTicket"`
	AuthCode    jsontext.Value `json:"AuthCode"`
	AuthCorpID  jsontext.Value `json:"AuthCorpId"`
	CorpID      jsontext.Value `json:"CorpId"`
	LowerCorpID jsontext.Value `json:"corpId"`
	BuyCorpID   jsontext.Value `json:"buyCorpId"`
	AppID       jsontext.Value `json:"AppId"`
	LowerAppID  jsontext.Value `json:"appId"`
	AgentID     jsontext.Value `json:"AgentId"`
	LowerAgent  jsontext.Value `json:"agentId"`
}

// parseHTTP reads the one event that a push of HTTP push mode is.
func parseHTTP(text []byte, eventType string) incoming {
	in := incoming{Type: eventType, Source: SourceHTTP, Raw: text}
	var e httpEvent
	if err := json.Unmarshal(text, &e); err != nil {
		return in.quarantined(oddJSON(err))
	}
	var f fields
	in.Type = f.needID("EventType", e.EventType)
	in.Kind = httpKind(in.Type)
	in.SuiteKey = f.id("SuiteKey", e.SuiteKey)
	in.Stamp = stampOf(e.TimeStamp)
	e.read(&in, &f)
	if f.odd != "" {
		return in.quarantined(f.odd)
	}
	return in
}

func httpKind(eventType string) kind {
	switch eventType {
	case "check_create_suite_url", "check_update_suite_url", "check_url":
		return kindURLCheck
	case "suite_ticket":
		return kindTicket
	case "tmp_auth_code":
		return kindAuthCode
	case "change_auth":
		return kindAuthChanged
	case "suite_relieve":
		return kindRelieved
	case "org_micro_app_stop":
		return kindAppStopped
	case "org_micro_app_restore":
		return kindAppRestored
	case "org_micro_app_remove":
		return kindAppRemoved
	default:
		return kindOther
	}
}

// read fills in what the event's kind needs.
func (e *httpEvent) read(in *incoming, f *fields) {
	switch in.Kind {
	case kindURLCheck:
		in.Random = f.id("Random", e.Random)
	case kindTicket:
		in.Ticket = f.needSecret("SuiteTicket", e.SuiteTicket)
	case kindAuthCode:
		in.Corp = CorpID(f.id("AuthCorpId", e.AuthCorpID)) // old pushes do not say whose code it is
		in.AuthCode = f.needSecret("AuthCode", e.AuthCode)
	case kindAuthChanged, kindRelieved:
		in.Corp = CorpID(f.needID("AuthCorpId", e.AuthCorpID))
	case kindAppStopped, kindAppRestored, kindAppRemoved:
		in.Corp = CorpID(f.needID("AuthCorpId", e.AuthCorpID))
		in.Agents = []Agent{e.agent(f)}
	default:
		in.Corp = e.anyCorp(f)
	}
}

func (e *httpEvent) agent(f *fields) Agent {
	agentID, hasAgent := f.number("AgentId", either(e.AgentID, e.LowerAgent))
	appID, hasApp := f.number("AppId", either(e.AppID, e.LowerAppID))
	if !hasAgent && !hasApp {
		f.fail(SayBothMissing, "AgentId", "AppId")
	}
	return Agent{AgentID: agentID, AppID: appID}
}

// anyCorp is the corp of an event that we only keep: wherever it stands, and
// none if it is no string, since nothing depends on it.
func (e *httpEvent) anyCorp(f *fields) CorpID {
	for _, c := range [...]struct {
		name  string
		value jsontext.Value
	}{
		{"AuthCorpId", e.AuthCorpID},
		{"CorpId", e.CorpID},
		{"corpId", e.LowerCorpID},
		{"buyCorpId", e.BuyCorpID},
	} {
		if c.value.Kind() != '"' {
			continue
		}
		if id := f.id(c.name, c.value); id != "" {
			return CorpID(id)
		}
	}
	return ""
}

func either(a, b jsontext.Value) jsontext.Value {
	if absent(a) {
		return b
	}
	return a
}
