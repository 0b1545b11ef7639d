package admin_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

// at is a moment that is neither UTC nor full milliseconds, so that both are
// the API's doing.
func at(h, m int) time.Time {
	return time.Date(2026, 8, 1, h, m, 0, 123456789, time.FixedZone("CST", 8*3600))
}

func eventID(t testing.TB, n int) suite.EventID {
	t.Helper()
	var id suite.EventID
	if err := id.UnmarshalText(fmt.Appendf(nil, "0198c0de-0000-7000-8000-%012d", n)); err != nil {
		t.Fatal(err)
	}
	return id
}

// The golden files are what programs rely on: a change there is a change of
// the API.
func TestShapes(t *testing.T) {
	one, two := eventID(t, 1), eventID(t, 2)
	scope := suite.Scope{UserFields: []string{"name"}, Departments: []int64{1, 42}}
	auth := suite.Authorization{
		Suite: "suite4xxxxxxxxxxxxxxx", Corp: "ding123", CorpName: "苹果", Status: suite.StatusFailed, PermanentCode: "••••9f3a",
		Agents: []suite.Agent{{AgentID: 7, AppID: 8, Name: "考勤", Stopped: true}}, Scope: &scope,
		AuthorizedAt: at(9, 0), ActivatedAt: at(9, 1), ChangedAt: at(9, 2), RelievedAt: at(9, 3),
		Exchange: suite.Exchange{State: suite.ExchangeFailed, Attempts: 3, NextAttemptAt: at(9, 4), Failure: &suite.ExplainedFailure{
			Alert: suite.AlertCodeBurnt, PlatformCode: "40078", At: at(9, 3),
			Message: suite.Text{EN: "The code was burnt.", ZH: "授权码已失效。"}, Cure: suite.Text{EN: "Set app_id.", ZH: "配置 app_id。"},
		}},
	}
	pending := suite.Authorization{Suite: "suite4xxxxxxxxxxxxxxx", Corp: "ding456", Status: suite.StatusPending, Exchange: suite.Exchange{State: suite.ExchangeWaiting}}
	event := suite.Event{
		ID: one, Suite: "suite4xxxxxxxxxxxxxxx", Type: "tmp_auth_code", Corp: "ding123", Source: suite.SourceHTTP,
		IssuedAt: at(9, 0), ReceivedAt: at(9, 1), Duplicates: 2, Outcome: suite.OutcomeStale, Reason: "an older authorisation",
	}
	replay := suite.Replay{
		ID: one, Actor: "ops", Query: suite.ReplayQuery{Suite: "suite4xxxxxxxxxxxxxxx", Type: "change_auth", Corp: "ding123", Since: at(8, 0), Failed: true},
		StartedAt: at(9, 0), Total: 10, Done: 5, Changed: 4, Retried: 3, Failed: 2,
	}
	ended, stopped, single := replay, replay, suite.Replay{ID: two, Actor: "ops", Event: one, StartedAt: at(9, 0), EndedAt: at(9, 0), Total: 1, Done: 1}
	ended.EndedAt, stopped.EndedAt, stopped.Error = at(9, 5), at(9, 5), suite.Say(suite.SayServerStopped)

	tests := []struct {
		golden string
		view   any
	}{
		{"authorizations.json", admin.NewAuthorizations(suite.AuthorizationList{Authorizations: []suite.Authorization{auth, pending}, Next: "CURSOR"})},
		{"authorization.json", admin.NewAuthorizationDetail(suite.AuthorizationDetail{Authorization: auth, History: []suite.HistoryEntry{
			{At: at(9, 0), Event: &one, What: "authorized", To: suite.StatusPending},
			{At: at(9, 1), What: "get_permanent_code", Call: &suite.Call{
				Code: "-1", Message: "系统繁忙", Took: 1500 * time.Millisecond, Repeats: 3, LastAt: at(9, 2),
			}},
			{At: at(9, 2), What: "activate_suite", Call: &suite.Call{Took: 80 * time.Millisecond, Message: suite.Say(suite.SayNoAnswerWithin, "80ms")}},
			{At: at(9, 2), What: "scope_changed", Detail: "was …; is …", Scopes: &suite.ScopeChange{Is: scope}},
		}})},
		{"events.json", admin.NewEvents(suite.EventList{Events: []suite.Event{event, {ID: two, Suite: "suite4xxxxxxxxxxxxxxx", Type: "suite_ticket", Source: suite.SourceSyncHTTP, ReceivedAt: at(9, 1), Outcome: suite.OutcomeQuarantined, Reason: suite.Say(suite.SayMissing, "SuiteTicket")}}, Next: "CURSOR", Looked: at(9, 1)})},
		{"event.json", admin.NewEventDetail(suite.EventDetail{Event: event, Payload: []byte(`{"b":9007199254740993, "a":"<&>", "a":null}`), Revealed: true})},
		{"repush.json", []admin.Repush{admin.NewRepush(replay), admin.NewRepush(ended), admin.NewRepush(stopped), admin.NewRepush(single)}},
		{"repush_preview.json", admin.NewRepushPreview(suite.ReplayPreview{Events: 3, Types: map[string]int{"change_auth": 2, "suite_relieve": 1}, Corps: 2, Oldest: at(9, 0), Capped: true})},
		{"audit.json", admin.NewAudit(suite.AuditList{Next: "CURSOR", Entries: []suite.AuditEntry{
			{ID: two, At: at(9, 1), Actor: "ops", Role: "operator", RemoteAddr: "192.0.2.1", Action: suite.AuditRevealPayload, Suite: "suite4xxxxxxxxxxxxxxx", Corp: "ding123", Event: &one, Detail: "tmp_auth_code"},
			{ID: one, At: at(9, 0), Actor: "ops", Role: "operator", RemoteAddr: "192.0.2.1", Action: suite.AuditSignIn},
			{ID: one, At: at(9, 0), Actor: "ops", Role: "operator", RemoteAddr: "192.0.2.1", Action: suite.AuditReplay, Detail: "type change_auth, failed only", Replay: &suite.ReplayQuery{Type: "change_auth", Failed: true}},
			{ID: one, At: at(9, 0), Actor: "ops", Role: "operator", RemoteAddr: "192.0.2.1", Action: suite.AuditBackup, Detail: suite.Say(suite.SayForMasterKey)},
		}})},
	}
	for _, tt := range tests {
		t.Run(tt.golden, func(t *testing.T) {
			text, err := json.Marshal(tt.view)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile("testdata/" + tt.golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), indent(t, string(text))+"\n"); diff != "" {
				t.Errorf("shape differs from testdata/%s (-want +got):\n%s", tt.golden, diff)
			}
		})
	}
}

// Programs go through lists without asking whether there are any.
func TestEmptyListsAreLists(t *testing.T) {
	for name, view := range map[string]any{
		"authorizations": admin.NewAuthorizations(suite.AuthorizationList{}),
		"agents":         admin.NewAuthorizationDetail(suite.AuthorizationDetail{}),
		"history":        admin.NewAuthorizationDetail(suite.AuthorizationDetail{}),
		"events":         admin.NewEvents(suite.EventList{}),
		"rejections":     admin.NewRejections(suite.RejectionReport{}),
		"entries":        admin.NewAudit(suite.AuditList{}),
		"suites":         admin.NewSuites(suite.Report{}),
	} {
		text, err := json.Marshal(view)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(text, &fields); err != nil {
			t.Fatal(err)
		}
		if string(fields[name]) != "[]" {
			t.Errorf("%s of nothing = %s, want []", name, fields[name])
		}
	}
}

func TestPayloadIsJSONWhateverItWas(t *testing.T) {
	tests := []struct{ name, payload, want string }{
		{"object", `{"a":1}`, `{"a":1}`},
		{"names given twice", `{"a":1,"a":2}`, `{"a":1,"a":2}`},
		{"large number", `{"a":12345678901234567890}`, `{"a":12345678901234567890}`},
		{"cut off", `{"a":`, `"{\"a\":"`},
		{"not UTF-8", "{\"a\":\"\xff\"}", "\"{\\\"a\\\":\\\"\\ufffd\\\"}\""},
		{"nothing", ``, `""`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := admin.NewEventDetail(suite.EventDetail{Payload: []byte(tt.payload)}).Payload
			if string(got) != tt.want || !json.Valid(got) {
				t.Errorf("payload of %q = %s, want %s", tt.payload, got, tt.want)
			}
		})
	}
}
