package suite

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestParseReadsDocumentedEvents parses every sample under testdata/events, the
// ones that DingTalk documents and variations of them, and compares with what
// the .golden file beside it says.
func TestParseReadsDocumentedEvents(t *testing.T) {
	files, err := filepath.Glob("testdata/events/*/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			msg, err := parse(text)
			if err != nil {
				t.Fatalf("parse(%s) = %v", text, err)
			}
			compareGolden(t, strings.TrimSuffix(file, ".json")+".golden", render(msg))
			for _, in := range msg.Events {
				if !bytes.Contains(text, in.Raw) || len(in.Raw) == 0 {
					t.Errorf("%s keeps %q, which the push does not hold", in.Type, in.Raw)
				}
			}
		})
	}
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("decoded differently from %s (-want +got):\n%s", file, diff)
	}
}

// render writes a message as text, secrets included: those of the samples are none.
func render(msg message) string {
	var b strings.Builder
	fmt.Fprintf(&b, "push %s\n", msg.Type)
	for _, in := range msg.Events {
		fmt.Fprintf(&b, "\n%s %s from %s\n", in.Type, kindNames[in.Kind], in.Source)
		line := func(name, value string) {
			if value != "" {
				fmt.Fprintf(&b, "  %s: %s\n", name, value)
			}
		}
		line("odd", in.Odd.String())
		line("suite", in.SuiteKey)
		line("corp", string(in.Corp))
		if !in.Stamp.IsZero() {
			line("stamp", in.Stamp.Format(time.RFC3339Nano))
		}
		line("random", in.Random)
		line("ticket", in.Ticket.Reveal())
		line("auth code", in.AuthCode.Reveal())
		for _, a := range in.Agents {
			line("agent", fmt.Sprintf("%+v", a))
		}
		if g := in.Grant; g != nil {
			line("permanent code", g.PermanentCode.Reveal())
			line("corp name", g.CorpName)
			if g.Scope != nil {
				line("scope", fmt.Sprintf("%+v", *g.Scope))
			}
		}
	}
	return b.String()
}

var kindNames = map[kind]string{
	kindOther: "other", kindURLCheck: "url check", kindTicket: "ticket", kindAuthCode: "auth code",
	kindAuthGranted: "auth granted", kindAuthChanged: "auth changed", kindRelieved: "relieved",
	kindAppStopped: "app stopped", kindAppRestored: "app restored", kindAppRemoved: "app removed",
}

func TestParseRefusesWhatIsNoJSONObject(t *testing.T) {
	for _, text := range []string{
		"", " ", "success", "null", "true", "5", `"{}"`, "[]", `[{"EventType":"check_url"}]`,
		"{", `{"EventType":"check_url"`, `{"EventType":"check_url"}x`, `{"EventType":"check_url"}{}`,
		`{'EventType':'check_url'}`, `{"EventType":"check_url",}`, "\ufeff{}", `{"a":01}`, "{\"a\":\"\n\"}",
		`{"a":` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + `}`,
	} {
		if msg, err := parse([]byte(text)); !errors.Is(err, ErrNotJSON) {
			t.Errorf("parse(%.40q) = %+v, %v, want %v", text, msg, err, ErrNotJSON)
		}
	}
}

func TestParseQuarantinesOddEvents(t *testing.T) {
	long := strings.Repeat("a", 257)
	for _, c := range []struct{ text, typ, odd string }{
		{`{}`, "", "EventType is missing"},
		{`{"EventType":null}`, "", "EventType is missing"},
		{`{"EventType":""}`, "", "EventType is missing"},
		{`{"EventType":5}`, "", "EventType is no string"},
		{`{"EventType":["suite_ticket"]}`, "", "EventType is no string"},
		{`{"eventtype":"check_url"}`, "", "EventType is missing"},
		{`{"EventType":"` + long + `"}`, "", "EventType is longer than 256 bytes"},
		{`{"EventType":"a\u0000b"}`, "", "EventType holds control characters"},
		{`{"EventType":"check_url","EventType":"check_url"}`, "check_url", "a name stands twice in one JSON object"},
		{`{"EventType":"suite_ticket","SuiteTicket":"t","SuiteTicket":"u"}`, "suite_ticket", "a name stands twice in one JSON object"},
		{`{"EventType":"suite_ticket","SuiteTicket":"t","Suite\u0054icket":"u"}`, "suite_ticket", "a name stands twice in one JSON object"},
		{`{"EventType":"something_new","x":{"y":1,"y":2}}`, "something_new", "a name stands twice in one JSON object"},
		{"{\"EventType\":\"something_new\",\"x\":\"\xff\"}", "something_new", "the JSON holds invalid UTF-8"},
		{`{"EventType":"something_new","x":"\ud800"}`, "something_new", "the JSON holds invalid UTF-8"},
		{"{\"EventType\":\"something\xff\"}", "", "the JSON holds invalid UTF-8"},
		{`{"EventType":"check_url","Random":5}`, "check_url", "Random is no string"},
		{`{"EventType":"check_url","SuiteKey":5}`, "check_url", "SuiteKey is no string"},
		{`{"EventType":"suite_ticket"}`, "suite_ticket", "SuiteTicket is missing"},
		{`{"EventType":"suite_ticket","suiteticket":"t"}`, "suite_ticket", "SuiteTicket is missing"},
		{`{"EventType":"suite_ticket","SuiteTicket":{}}`, "suite_ticket", "SuiteTicket is no string"},
		{`{"EventType":"suite_ticket","SuiteTicket":"a\nb"}`, "suite_ticket", "SuiteTicket holds control characters"},
		{`{"EventType":"tmp_auth_code","AuthCorpId":"ding1"}`, "tmp_auth_code", "AuthCode is missing"},
		{`{"EventType":"tmp_auth_code","AuthCode":"c","AuthCorpId":1}`, "tmp_auth_code", "AuthCorpId is no string"},
		{`{"EventType":"change_auth"}`, "change_auth", "AuthCorpId is missing"},
		{`{"EventType":"change_auth","CorpId":"ding1"}`, "change_auth", "AuthCorpId is missing"},
		{`{"EventType":"suite_relieve","AuthCorpId":""}`, "suite_relieve", "AuthCorpId is missing"},
		{`{"EventType":"suite_relieve","AuthCorpId":"` + long + `"}`, "suite_relieve", "AuthCorpId is longer than 256 bytes"},
		{`{"EventType":"suite_relieve","AuthCorpId":"ding\u0085"}`, "suite_relieve", "AuthCorpId holds control characters"},
		{`{"EventType":"org_micro_app_stop","AuthCorpId":"ding1"}`, "org_micro_app_stop", "AgentId or AppId is missing"},
		{`{"EventType":"org_micro_app_stop","AppId":1}`, "org_micro_app_stop", "AuthCorpId is missing"},
		{`{"EventType":"org_micro_app_stop","AuthCorpId":"ding1","AppId":"x"}`, "org_micro_app_stop", "AppId is no whole number"},
		{`{"EventType":"org_micro_app_stop","AuthCorpId":"ding1","AppId":1,"AgentId":1.5}`, "org_micro_app_stop", "AgentId is no whole number"},
		{`{"EventType":"org_micro_app_stop","AuthCorpId":"ding1","AppId":"+1"}`, "org_micro_app_stop", "AppId is no whole number"},
		{`{"EventType":"org_micro_app_stop","AuthCorpId":"ding1","AppId":9223372036854775808}`, "org_micro_app_stop", "AppId is no whole number"},
		{`{"EventType":"market_buy","corpId":"` + long + `"}`, "market_buy", "corpId is longer than 256 bytes"},
		{`{"EventType":"SYNC_HTTP_PUSH_HIGH"}`, "SYNC_HTTP_PUSH_HIGH", "bizData is missing or no array"},
		{`{"EventType":"SYNC_HTTP_PUSH_MEDIUM","bizData":"[]"}`, "SYNC_HTTP_PUSH_MEDIUM", "bizData is missing or no array"},
		{`{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[],"bizData":[]}`, "SYNC_HTTP_PUSH_HIGH", "a name stands twice in one JSON object"},
		{`{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[],"x":{"a":1,"a":1}}`, "SYNC_HTTP_PUSH_HIGH", "a name stands twice in one JSON object"},
		{"{\"EventType\":\"SYNC_HTTP_PUSH_HIGH\",\"bizData\":[],\"\xff\":1}", "SYNC_HTTP_PUSH_HIGH", "the JSON holds invalid UTF-8"},
		{`{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[],"SuiteKey":1}`, "SYNC_HTTP_PUSH_HIGH", "SuiteKey is no string"},
		{`{"EventType":"suite_ticket","EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[]}`, "SYNC_HTTP_PUSH_HIGH", "a name stands twice in one JSON object"},
		{`{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[` + strings.Repeat("{},", maxRows) + `{}]}`, "SYNC_HTTP_PUSH_HIGH", "bizData has more than 20000 rows"},
	} {
		msg, err := parse([]byte(c.text))
		if err != nil || len(msg.Events) != 1 {
			t.Errorf("parse(%.80q) = %d events, %v, want one event", c.text, len(msg.Events), err)
			continue
		}
		in := msg.Events[0]
		if msg.Type != c.typ || in.Type != c.typ || in.Odd.String() != c.odd {
			t.Errorf("parse(%.80q) = push %q, event %q, odd %q, want %q, odd %q", c.text, msg.Type, in.Type, in.Odd, c.typ, c.odd)
		}
		if in.Kind != kindOther || in.Ticket != "" || in.AuthCode != "" || in.Agents != nil || in.Grant != nil {
			t.Errorf("parse(%.80q) = %+v, want nothing that could be applied", c.text, in)
		}
		if string(in.Raw) != c.text {
			t.Errorf("parse(%.80q) keeps %.80q, want the whole text", c.text, in.Raw)
		}
	}
}

func TestParseQuarantinesBrokenRowsAlone(t *testing.T) {
	const sound = `{"biz_type":2,"biz_data":{"syncAction":"suite_ticket","suiteTicket":"t"}}`
	long := strings.Repeat("a", 257)
	for _, c := range []struct{ row, typ, odd string }{
		{`5`, "SYNC_HTTP_PUSH_HIGH", "the row is no JSON object"},
		{`null`, "SYNC_HTTP_PUSH_HIGH", "the row is no JSON object"},
		{`[]`, "SYNC_HTTP_PUSH_HIGH", "the row is no JSON object"},
		{`{}`, "SYNC_HTTP_PUSH_HIGH", "biz_type is missing"},
		{`{"biz_type":"two"}`, "SYNC_HTTP_PUSH_HIGH", "biz_type is no whole number"},
		{`{"biz_type":2,"biz_type":2}`, "SYNC_HTTP_PUSH_HIGH", "a name stands twice in one JSON object"},
		{`{"biz_type":2,"x":{"a":1,"a":1}}`, "SYNC_HTTP_PUSH_HIGH", "a name stands twice in one JSON object"},
		{"{\"biz_type\":2,\"x\":\"\xff\"}", "SYNC_HTTP_PUSH_HIGH", "the JSON holds invalid UTF-8"},
		{`{"biz_type":2}`, "biz_type_2", "biz_data is no JSON object"},
		{`{"biz_type":22,"biz_data":null}`, "biz_type_22", "biz_data is no JSON object"},
		{`{"biz_type":2,"biz_data":"{"}`, "biz_type_2", "biz_data is no JSON object"},
		{`{"biz_type":2,"biz_data":"[]"}`, "biz_type_2", "biz_data is no JSON object"},
		{`{"biz_type":2,"biz_data":"{\"a\":1,\"a\":1}"}`, "biz_type_2", "in biz_data, a name stands twice in one JSON object"},
		{`{"biz_type":2,"biz_data":{}}`, "biz_type_2", "biz_data.syncAction is missing or no string"},
		{`{"biz_type":4,"biz_data":{"syncAction":4}}`, "biz_type_4", "biz_data.syncAction is missing or no string"},
		{`{"biz_type":13,"biz_data":{"syncAction":"` + long + `"}}`, "biz_type_13", "biz_data.syncAction is longer than 256 bytes"},
		{`{"biz_type":2,"biz_data":{"syncAction":"suite_ticket"}}`, "suite_ticket", "biz_data.suiteTicket is missing"},
		{`{"biz_type":4,"corp_id":"ding1","biz_data":{"syncAction":"org_suite_auth"}}`, "org_suite_auth", "biz_data.permanent_code is missing"},
		{`{"biz_type":4,"biz_data":{"syncAction":"org_suite_auth","permanent_code":"p"}}`, "org_suite_auth", "corp_id is missing"},
		{`{"biz_type":4,"corp_id":"ding1","biz_data":{"syncAction":"org_suite_auth","permanent_code":"p","auth_corp_info":{"corpid":"ding2"}}}`, "org_suite_auth", "corp_id and auth_corp_info.corpid name different corps"},
		{`{"biz_type":4,"biz_data":{"syncAction":"org_suite_relieve"}}`, "org_suite_relieve", "corp_id is missing"},
		{`{"biz_type":7,"corp_id":"ding1","biz_data":{"syncAction":"org_micro_app_stop"}}`, "org_micro_app_stop", "biz_data.agentId or biz_id is missing"},
		{`{"biz_type":7,"corp_id":"ding1","biz_id":"x","biz_data":{"syncAction":"org_micro_app_stop"}}`, "org_micro_app_stop", "biz_id is no whole number"},
		{`{"biz_type":13,"corp_id":"ding\u0001","biz_data":{"syncAction":"user_add_org"}}`, "user_add_org", "corp_id holds control characters"},
	} {
		text := `{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[` + sound + `, ` + c.row + ` ,` + sound + `]}`
		msg, err := parse([]byte(text))
		if err != nil || len(msg.Events) != 3 {
			t.Errorf("parse(%.200q) = %d events, %v, want 3", text, len(msg.Events), err)
			continue
		}
		for _, i := range []int{0, 2} {
			if in := msg.Events[i]; in.Odd != "" || in.Kind != kindTicket || in.Ticket != "t" || string(in.Raw) != sound {
				t.Errorf("neighbour %d of %.80q is %+v, want a sound ticket", i, c.row, in)
			}
		}
		in := msg.Events[1]
		if in.Odd.String() != c.odd || in.Type != c.typ || in.Kind != kindOther || in.Grant != nil || string(in.Raw) != c.row {
			t.Errorf("row %.80q is type %q, odd %q, %+v, want type %q, odd %q", c.row, in.Type, in.Odd, in, c.typ, c.odd)
		}
	}
}

func TestParseNeverQuotesSecrets(t *testing.T) {
	const canary = "canary"
	for _, text := range []string{
		`{"EventType":"suite_ticket","SuiteTicket":"canary\n"}`,
		`{"EventType":"suite_ticket","SuiteTicket":["canary"]}`,
		`{"EventType":"tmp_auth_code","AuthCode":"canary","AuthCode":"canary"}`,
		`{"EventType":"tmp_auth_code","AuthCode":"canary","AuthCorpId":1}`,
		`{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[{"biz_type":4,"biz_data":{"syncAction":"org_suite_auth","permanent_code":"canary"}}]}`,
		`{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[{"biz_type":4,"biz_data":"{\"permanent_code\":\"canary\""}]}`,
	} {
		msg, err := parse([]byte(text))
		if err != nil || msg.Events[0].Odd == "" {
			t.Errorf("parse(%q) = %+v, %v, want an odd event", text, msg, err)
			continue
		}
		in := msg.Events[0]
		in.Raw = nil
		if shown := fmt.Sprintf("%+v", in); strings.Contains(shown, canary) {
			t.Errorf("parse(%q) = %s, which quotes the secret", text, shown)
		}
	}
	_, err := parse([]byte(`{"EventType":"suite_ticket","SuiteTicket":"canary"`))
	if strings.Contains(fmt.Sprint(err), canary) {
		t.Errorf("parse = %v, which quotes the secret", err)
	}
}

func TestStampOf(t *testing.T) {
	for text, want := range map[string]string{
		`1783610513000`: "2026-07-09T15:21:53Z", `"1783610513001"`: "2026-07-09T15:21:53.001Z",
		`1783610513`: "2026-07-09T15:21:53Z", `"1783610513"`: "2026-07-09T15:21:53Z",
		`1388534400`: "2014-01-01T00:00:00Z", `1388534400000`: "2014-01-01T00:00:00Z",
		`99999999999`: "5138-11-16T09:46:39Z", `253402300799999`: "9999-12-31T23:59:59.999Z",
		`1388534399`: "", `1388534399999`: "", `100000000000`: "", `123456`: "", `0`: "", `-0`: "", `-1783610513`: "",
		`253402300800000`: "", `9223372036854775808`: "", `1783610513.5`: "", `1.783610513e9`: "",
		`"1783610513 "`: "", `"+1783610513"`: "", `"0x6a4fb5d1"`: "", `"1_783_610_513"`: "", `"2020-12-22 20:20:48"`: "",
		`""`: "", `null`: "", `true`: "", `[1783610513]`: "", `{}`: "", ``: "",
	} {
		got := ""
		if at := stampOf([]byte(text)); !at.IsZero() {
			got = at.Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("stampOf(%s) = %q, want %q", text, got, want)
		}
	}
}
