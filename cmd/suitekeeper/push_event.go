package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"strings"
	"time"

	"suitekeeper/suite"
)

// pushEvents lists the events that push has sample members for, for help
// texts. Any other EventType is sent with what --data says.
const pushEvents = `URL checks     check_create_suite_url check_update_suite_url check_url
Suite          suite_ticket check_suite_license_code market_buy
Authorisation  tmp_auth_code change_auth suite_relieve
App            org_micro_app_restore org_micro_app_stop org_micro_app_remove
Address book   user_add_org user_modify_org user_leave_org
               org_dept_create org_dept_modify org_dept_remove org_update
SyncHTTP only  org_suite_auth org_suite_change org_suite_relieve org_micro_app_scope_update`

// rawEvent stands for a message that is not built but given.
const rawEvent = "-"

// creationEvent is the one event that comes before the suite exists.
const creationEvent = "check_create_suite_url"

// object is a JSON object that is being put together.
type object = map[string]any

// message is what is sealed and pushed.
type message struct {
	text   []byte
	random string // of a URL check; empty elsewhere
	sync   bool   // in SyncHTTP form, for which DingTalk waits less
}

// messageBuilder builds messages of one kind. It is safe for concurrent use.
type messageBuilder struct {
	event    string // EventType or syncAction; rawEvent for given
	sync     bool
	suiteKey string
	corp     string
	data     object // laid over the sample's members; null removes one
	given    []byte // the whole text of a rawEvent
	unique   bool   // for load: no two messages alike
}

// build returns a message as of now.
func (b *messageBuilder) build(now time.Time) (message, error) {
	if b.event == rawEvent {
		return b.buildGiven()
	}
	if b.sync {
		return b.buildRow(now)
	}
	o := b.httpSample(now)
	b.lay(o)
	text, err := json.Marshal(o)
	return message{text: text, random: randomOf(o)}, err
}

func (b *messageBuilder) buildGiven() (message, error) {
	m := message{text: b.given, sync: bytes.Contains(b.given, []byte(`"SYNC_HTTP_PUSH_`))}
	if !b.unique {
		if o, err := parseObject(b.given); err == nil { // it is pushed all the same
			m.random = randomOf(o)
		}
		return m, nil
	}
	if m.sync { // each of its rows is an event
		return message{}, errorf(suite.Text{
			EN: "a SyncHTTP message that is given whole cannot be made unique: for a load test name the event, with --sync",
			ZH: "完整给出的 SyncHTTP 消息无法逐个区分：压力测试请指定事件名并加上 --sync",
		})
	}
	o, err := parseObject(b.given)
	if err != nil {
		return message{}, errorf(suite.Text{EN: "only an object can be made unique: %w", ZH: "只有 JSON 对象才能逐个区分：%w"}, err)
	}
	b.lay(o)
	m.random = randomOf(o)
	m.text, err = json.Marshal(o)
	return m, err
}

// eventType is what the receiver will take the messages for.
func (b *messageBuilder) eventType() string {
	if b.event != rawEvent {
		return b.event
	}
	o, err := parseObject(b.given)
	if err != nil {
		return "" // it is pushed all the same
	}
	name, _ := o["EventType"].(string)
	return name
}

// lay puts the given members over o and, for load, one that no other has.
func (b *messageBuilder) lay(o object) {
	maps.Copy(o, b.data)
	maps.DeleteFunc(o, func(_ string, v any) bool { return v == nil })
	if b.unique {
		o["PushId"] = rand.Text()
	}
}

// httpSample returns the event as HTTP push mode sends it.
func (b *messageBuilder) httpSample(now time.Time) object {
	o := object{"EventType": b.event}
	switch {
	case b.event == "check_url":
		return o
	case isURLCheck(b.event):
		o["Random"], o["TestSuiteKey"] = suite.OwnCheck+rand.Text()[:8], b.suiteKey
		return o
	case isCorpEvent(b.event):
		o["CorpId"], o["TimeStamp"] = b.corp, now.UnixMilli()
		maps.Copy(o, addressBookSample(b.event))
		return o
	}
	o["SuiteKey"], o["TimeStamp"] = b.suiteKey, now.UnixMilli()
	if b.event != "suite_ticket" && b.event != "market_buy" {
		o["AuthCorpId"] = b.corp
	}
	switch b.event {
	case "suite_ticket":
		o["SuiteTicket"] = rand.Text()
	case "tmp_auth_code":
		o["AuthCode"] = rand.Text()
	case "org_micro_app_restore", "org_micro_app_stop", "org_micro_app_remove":
		o["AgentId"], o["AppId"] = 1001, 2001
	case "check_suite_license_code":
		o["LicenseCode"] = rand.Text()
	case "market_buy":
		maps.Copy(o, object{"corpId": b.corp, "orderId": now.UnixMilli(), "goodsCode": "FW_GOODS-1", "itemCode": "1",
			"paidtime": now.UnixMilli(), "serviceStopTime": now.AddDate(1, 0, 0).UnixMilli(), "payFee": 100})
	}
	return o
}

func isURLCheck(event string) bool {
	return event == creationEvent || event == "check_update_suite_url"
}

// randomOf returns the Random of a URL check, and nothing for other events.
func randomOf(o object) string {
	random := ""
	if event, _ := o["EventType"].(string); isURLCheck(event) {
		random, _ = o["Random"].(string)
	}
	return random
}

// isCorpEvent reports whether event comes from a corp's address book and not
// from the suite.
func isCorpEvent(event string) bool {
	for _, prefix := range []string{"user_", "org_dept_", "org_role_", "org_update", "org_remove", "bpms_"} {
		if strings.HasPrefix(event, prefix) {
			return true
		}
	}
	return false
}

func addressBookSample(event string) object {
	switch {
	case strings.HasPrefix(event, "user_"):
		return object{"UserId": []string{"user1"}}
	case strings.HasPrefix(event, "org_dept_"):
		return object{"DeptId": []int{1}}
	default:
		return object{}
	}
}

// parseObject reads exactly one JSON object and keeps its numbers as written.
func parseObject(text []byte) (object, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	o := object{}
	if err := dec.Decode(&o); err != nil || o == nil {
		return nil, errorf(suite.Text{EN: "not a JSON object", ZH: "不是 JSON 对象"})
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errorf(suite.Text{EN: "more than one JSON value", ZH: "不止一个 JSON 值"})
	}
	return o, nil
}
