package suite

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// grant reads a SyncHTTP authorisation. The permanent code must be there, and
// must be that of the corp that the row names. Name, apps and scope may have
// any shape or be absent: nothing is worth losing a permanent code for.
func (d *bizData) grant(corp CorpID, f *fields) *granted {
	var info struct {
		CorpID   jsontext.Value `json:"corpid"`
		CorpName jsontext.Value `json:"corp_name"`
	}
	members(d.AuthCorpInfo, &info)
	if id, ok := textOf(info.CorpID); ok && id != string(corp) {
		f.fail(SayDifferentCorps, "corp_id", "auth_corp_info.corpid")
	}
	return &granted{
		PermanentCode: f.needSecret("biz_data.permanent_code", d.PermanentCode),
		CorpName:      nameOf(info.CorpName),
		Scope:         d.scope(),
	}
}

// agents reads the apps of an authorisation.
func (d *bizData) agents() (list []Agent) {
	var info struct {
		Agent jsontext.Value `json:"agent"`
	}
	members(d.AuthInfo, &info)
	for element := range elements(info.Agent) {
		var raw struct {
			AgentID   jsontext.Value `json:"agentid"`
			AppID     jsontext.Value `json:"appid"`
			AgentName jsontext.Value `json:"agent_name"`
		}
		members(element, &raw)
		var a Agent
		a.AgentID, _ = numberOf(raw.AgentID)
		a.AppID, _ = numberOf(raw.AppID)
		a.Name = nameOf(raw.AgentName)
		if a.AgentID != 0 || a.AppID != 0 {
			list = append(list, a)
		}
	}
	return list
}

// scope reads the part of the address book that was opened; nil when the row
// carries none.
func (d *bizData) scope() *Scope {
	if d.AuthScope.Kind() != '{' {
		return nil
	}
	var scope struct {
		AuthUserField  jsontext.Value `json:"auth_user_field"`
		ConditionField jsontext.Value `json:"condition_field"`
		AuthOrgScopes  jsontext.Value `json:"auth_org_scopes"`
	}
	members(d.AuthScope, &scope)
	var org struct {
		AuthedDept jsontext.Value `json:"authed_dept"`
		AuthedUser jsontext.Value `json:"authed_user"`
	}
	members(scope.AuthOrgScopes, &org)
	return &Scope{
		UserFields:      listOf(scope.AuthUserField, textOf),
		ConditionFields: listOf(scope.ConditionField, textOf),
		Departments:     listOf(org.AuthedDept, numberOf),
		Users:           listOf(org.AuthedUser, textOf),
	}
}

// nameOf returns a name for people to read, or nothing if it is unfit for that.
func nameOf(v jsontext.Value) string {
	var ignored fields
	return ignored.text("", v, maxName)
}

// members reads an object that is known to be sound into a struct of raw
// fields. Anything but an object leaves the struct empty.
func members(v jsontext.Value, into any) {
	if v.Kind() != '{' {
		return
	}
	// A sound object cannot fail to become raw fields.
	_ = json.Unmarshal(v, into)
}
