package suite

import (
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// syncRow is a row of DingTalk's push tables.
type syncRow struct {
	GmtCreate   jsontext.Value `json:"gmt_create"`
	GmtModified jsontext.Value `json:"gmt_modified"`
	CorpID      jsontext.Value `json:"corp_id"`
	BizID       jsontext.Value `json:"biz_id"`
	BizType     jsontext.Value `json:"biz_type"`
	BizData     jsontext.Value `json:"biz_data"`
}

// bizData is what a row tells.
type bizData struct {
	SyncAction    jsontext.Value `json:"syncAction"`
	EventType     jsontext.Value `json:"eventType"`
	SuiteTicket   jsontext.Value `json:"suiteTicket"`
	AgentID       jsontext.Value `json:"agentId"`
	PermanentCode jsontext.Value `json:"permanent_code"`
	AuthCorpInfo  jsontext.Value `json:"auth_corp_info"`
	AuthInfo      jsontext.Value `json:"auth_info"`
	AuthScope     jsontext.Value `json:"auth_scope"`
}

// The biz_types whose rows change what we keep.
const (
	bizTicket = 2
	bizSuite  = 4
	bizApp    = 7
)

// parseRow completes an event from its raw row.
func parseRow(in incoming) incoming {
	raw := jsontext.Value(in.Raw)
	if raw.Kind() != '{' {
		return in.quarantined(Say(SayRowNoObject))
	}
	var row syncRow
	if err := json.Unmarshal(raw, &row); err != nil {
		return in.quarantined(oddJSON(err))
	}
	if in.Stamp = stampOf(row.GmtModified); in.Stamp.IsZero() {
		in.Stamp = stampOf(row.GmtCreate)
	}
	var f fields
	bizType, ok := f.number("biz_type", row.BizType)
	if !ok {
		f.fail(SayMissing, "biz_type")
		return in.quarantined(f.odd)
	}
	in.Type = "biz_type_" + strconv.FormatInt(bizType, 10)
	data, why := row.data()
	if why != "" {
		return in.quarantined(why)
	}
	if name := data.name(&f); name != "" {
		in.Type = name
	} else if bizType == bizTicket || bizType == bizSuite || bizType == bizApp {
		f.fail(SayMissingOrNoString, "biz_data.syncAction")
	}
	in.Kind = rowKind(bizType, in.Type)
	row.read(&in, data, &f)
	if f.odd != "" {
		return in.quarantined(f.odd)
	}
	return in
}

// data reads biz_data: a JSON text inside a string, or the object itself.
func (r *syncRow) data() (data bizData, odd Phrase) {
	text := r.BizData
	if text.Kind() == '"' {
		inner, ok := textOf(text)
		if !ok {
			return bizData{}, Say(SayUnreadable, "biz_data")
		}
		text = jsontext.Value(inner)
	}
	if text.Kind() != '{' {
		return bizData{}, Say(SayNoObject, "biz_data")
	}
	err := json.Unmarshal(text, &data)
	switch {
	case err == nil:
		return data, ""
	case text.IsValid(lenient):
		return bizData{}, Say(SayInside, "biz_data", string(oddJSON(err)))
	default:
		return bizData{}, Say(SayNoObject, "biz_data")
	}
}

// name is what the row calls its event: most do so in syncAction, some in eventType.
func (d *bizData) name(f *fields) string {
	if d.SyncAction.Kind() == '"' {
		return f.id("biz_data.syncAction", d.SyncAction)
	}
	if d.EventType.Kind() == '"' {
		return f.id("biz_data.eventType", d.EventType)
	}
	return ""
}

func rowKind(bizType int64, name string) kind {
	switch bizType {
	case bizTicket:
		if name == "suite_ticket" {
			return kindTicket
		}
	case bizSuite:
		switch name {
		case "org_suite_auth", "org_suite_change":
			return kindAuthGranted
		case "org_suite_relieve":
			return kindRelieved
		}
	case bizApp:
		switch name {
		case "org_micro_app_stop":
			return kindAppStopped
		case "org_micro_app_restore":
			return kindAppRestored
		case "org_micro_app_remove":
			return kindAppRemoved
		case "org_micro_app_scope_update":
			return kindAuthChanged
		}
	}
	return kindOther
}

// read fills in what the event's kind needs.
func (r *syncRow) read(in *incoming, data bizData, f *fields) {
	switch in.Kind {
	case kindTicket: // the row's corp is the ISV's own
		in.Ticket = f.needSecret("biz_data.suiteTicket", data.SuiteTicket)
	case kindAuthGranted:
		in.Corp = CorpID(f.needID("corp_id", r.CorpID))
		in.Grant = data.grant(in.Corp, f)
		in.Agents = data.agents()
	case kindAuthChanged, kindRelieved:
		in.Corp = CorpID(f.needID("corp_id", r.CorpID))
	case kindAppStopped, kindAppRestored, kindAppRemoved:
		in.Corp = CorpID(f.needID("corp_id", r.CorpID))
		in.Agents = []Agent{r.agent(data, f)}
	default:
		if r.CorpID.Kind() == '"' {
			in.Corp = CorpID(f.id("corp_id", r.CorpID))
		}
	}
}

// agent is the app that a row of biz_type 7 is about; biz_id is its appid.
func (r *syncRow) agent(data bizData, f *fields) Agent {
	agentID, hasAgent := f.number("biz_data.agentId", data.AgentID)
	appID, hasApp := f.number("biz_id", r.BizID)
	if !hasAgent && !hasApp {
		f.fail(SayBothMissing, "biz_data.agentId", "biz_id")
	}
	return Agent{AgentID: agentID, AppID: appID}
}
