package dingtalktest

import "encoding/json"

// info is a corp as get_auth_info and authorisation rows show it.
func (c *corpState) info() object {
	return object{
		"corpid": c.id, "corp_name": c.name, "full_corp_name": c.name, "corp_type": 0,
		"industry": "", "invite_code": "", "invite_url": "", "corp_logo_url": "", "license_code": "",
		"auth_channel": "", "auth_channel_type": "", "auth_level": 0, "is_authenticated": false,
	}
}

// agentObjects are a corp's apps as get_auth_info and authorisation rows show
// them.
func (c *corpState) agentObjects() []object {
	list := []object{}
	for _, a := range c.installed() {
		list = append(list, object{
			"agentid": a.AgentID, "appid": a.AppID, "agent_name": a.Name,
			"logo_url": "", "admin_list": []string{c.admin},
		})
	}
	return list
}

// object is a scope as auth/scopes and authorisation rows show it.
func (s Scope) object() object {
	return object{
		"auth_user_field": orEmpty(s.UserFields),
		"condition_field": orEmpty(s.ConditionFields),
		"auth_org_scopes": object{"authed_user": orEmpty(s.Users), "authed_dept": orEmpty(s.Departments)},
	}
}

// orEmpty keeps lists that hold nothing from becoming null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// encode writes an object out; objects hold nothing that JSON cannot say.
func encode(o object) []byte {
	b, err := json.Marshal(o)
	if err != nil {
		return nil
	}
	return b
}
