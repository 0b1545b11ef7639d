package main

import (
	"crypto/rand"
	"encoding/json"
	"strings"
	"time"

	"suitekeeper/suite"
)

// syncKinds tell how SyncHTTP files an event: the biz_type of its rows and the
// EventType of the push that carries them.
var syncKinds = []struct {
	prefix    string
	bizType   int
	eventType string
}{
	{"suite_ticket", 2, syncHigh},
	{"org_suite_", 4, syncHigh},
	{"org_micro_app_", 7, syncHigh},
	{"user_", 13, syncMedium},
	{"org_dept_", 14, syncMedium},
	{"org_role_", 15, syncMedium},
	{"org_update", 16, syncMedium},
	{"org_remove", 16, syncMedium},
	{"contact_", 20, syncMedium},
}

const (
	syncHigh   = "SYNC_HTTP_PUSH_HIGH"
	syncMedium = "SYNC_HTTP_PUSH_MEDIUM"
)

// isSyncOnly reports whether event does not exist in HTTP push mode.
func isSyncOnly(event string) bool {
	return strings.HasPrefix(event, "org_suite_") || event == "org_micro_app_scope_update"
}

// checkSync says why event cannot be built as a row.
func checkSync(event string) error {
	for _, k := range syncKinds {
		if strings.HasPrefix(event, k.prefix) {
			return nil
		}
	}
	return errorf(suite.Text{
		EN: "%s has no row known here; give the whole push with EVENT - and --data",
		ZH: "没有 %s 的数据行样例；请用 EVENT - 和 --data 给出完整的推送",
	}, event)
}

// buildRow returns a push of one row. Its biz_data is JSON text inside JSON,
// as DingTalk sends it.
func (b *messageBuilder) buildRow(now time.Time) (message, error) {
	data := b.rowSample()
	b.lay(data)
	text, err := json.Marshal(data)
	if err != nil {
		return message{}, err
	}
	row := object{
		"id": now.UnixNano(), "gmt_create": now.UnixMilli(), "gmt_modified": now.UnixMilli(),
		"subscribe_id": "1001_0", "corp_id": b.corp, "biz_id": "2001", "biz_data": string(text),
		"open_cursor": 0, "status": 0,
	}
	push := object{"bizData": []object{row}}
	for _, k := range syncKinds {
		if strings.HasPrefix(b.event, k.prefix) {
			row["biz_type"], push["EventType"] = k.bizType, k.eventType
			break
		}
	}
	text, err = json.Marshal(push)
	return message{text: text, sync: true}, err
}

// rowSample returns the biz_data of the event.
func (b *messageBuilder) rowSample() object {
	o := object{"syncAction": b.event}
	switch b.event {
	case "suite_ticket":
		o["suiteTicket"] = rand.Text()
	case "org_suite_auth", "org_suite_change":
		o["permanent_code"] = rand.Text()
		o["auth_corp_info"] = object{"corpid": b.corp, "corp_name": "Push Test"}
		o["auth_info"] = object{"agent": []object{{"agentid": 1001, "appid": 2001, "agent_name": "Push Test"}}}
		o["auth_user_info"] = object{"userId": "user1"}
		o["auth_scope"] = object{"auth_user_field": []string{"name"}, "condition_field": []string{},
			"auth_org_scopes": object{"authed_dept": []int{1}, "authed_user": []string{}}}
	case "org_micro_app_restore", "org_micro_app_stop", "org_micro_app_remove", "org_micro_app_scope_update":
		o["agentId"] = 1001
	}
	return o
}
