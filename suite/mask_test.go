package suite_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"suitekeeper/suite"
)

func TestPayloadsAreShownWithoutTheirSecrets(t *testing.T) {
	for _, test := range []struct{ name, payload, want string }{
		{"ticket", `{"SuiteKey":"s", "EventType":"suite_ticket","SuiteTicket":"canary"}`, `{"SuiteKey":"s", "EventType":"suite_ticket","SuiteTicket":"•••"}`},
		{"code", `{"AuthCode":"canary","AuthCorpId":"ding1"}`, `{"AuthCode":"•••","AuthCorpId":"ding1"}`},
		{"row", `{"biz_type":2,"biz_data":"{\"syncAction\":\"suite_ticket\",\"suiteTicket\":\"canary\"}"}`,
			`{"biz_type":2,"biz_data":"{\"syncAction\":\"suite_ticket\",\"suiteTicket\":\"•••\"}"}`},
		{"row with an object", `{"biz_data":{"permanent_code":"canary","ch_permanent_code":"canary","n":1}}`,
			`{"biz_data":{"permanent_code":"•••","ch_permanent_code":"•••","n":1}}`},
		{"three deep", `{"a":"{\"b\":\"[{\\\"accessToken\\\":\\\"canary\\\"}]\"}"}`, `{"a":"{\"b\":\"[{\\\"accessToken\\\":\\\"•••\\\"}]\"}"}`},
		{"numbers and lists", `{"token":[1,{"x":"canary"}],"password":12345678,"n":12}`, `{"token":"•••","password":"•••","n":12}`},
		{"in a URL", `{"url":"https://oapi.dingtalk.com/x?access_token=canary&a=1"}`, `{"url":"•••"}`},
		{"an object that is cut", `{"a":"{\"suiteTicket\":\"canary"}`, `{"a":"•••"}`},
		{"nothing to hide", ` {"UserId":["张三", "u2"],"n":1.50,"z":null,"t":true} `, ` {"UserId":["张三", "u2"],"n":1.50,"z":null,"t":true} `},
		{"escaped names", `{"Suite\u0054icket":"canary"}`, `{"Suite\u0054icket":"•••"}`},
		{"deeper than anybody means", strings.Repeat(`{"a":`, 100) + `"canary"` + strings.Repeat("}", 100),
			strings.Repeat(`{"a":`, 64) + `"•••"` + strings.Repeat("}", 64)},
	} {
		if got := string(suite.MaskPayload([]byte(test.payload), false)); got != test.want {
			t.Errorf("%s: masked %s is %s, want %s", test.name, test.payload, got, test.want)
		}
	}
}

// In quarantine nothing is sure, so only what names an event is shown.
func TestQuarantinedPayloadsShowNoUnknownText(t *testing.T) {
	for _, test := range []struct{ payload, want string }{
		{`{"EventType":"suite_ticket","a":"canary","n":5,"a":"{\"corp_id\":\"ding1\",\"x\":\"canary\"}"}`,
			`{"EventType":"suite_ticket","a":"•••","n":5,"a":"{\"corp_id\":\"ding1\",\"x\":\"•••\"}"}`},
		{`{"CorpId":["ding1"],"list":["canary"]}`, `{"CorpId":["ding1"],"list":["•••"]}`},
		{`{"a":"canary` + "\xff" + `"}`, `{"a":"•••"}`},
		{`SuiteTicket=canary`, `•••`},
		{`{"a":1} canary`, `•••`},
		{``, `•••`},
		{`"canary"`, `"•••"`},
	} {
		if got := string(suite.MaskPayload([]byte(test.payload), true)); got != test.want {
			t.Errorf("masked %q is %q, want %q", test.payload, got, test.want)
		}
	}
}

// TestNoSecretIsShownWhereverItStands hides secrets in documents of any shape.
func TestNoSecretIsShownWhereverItStands(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		doc, hidden := drawDocument(rt, 4)
		payload, err := json.Marshal(doc)
		if err != nil {
			rt.Fatal(err)
		}
		for _, quarantined := range []bool{false, true} {
			got := suite.MaskPayload(payload, quarantined)
			if strings.Contains(string(got), "canary") || !json.Valid(got) {
				rt.Fatalf("masked %s is %s", payload, got)
			}
		}
		want, err := json.Marshal(hidden)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(suite.MaskPayload(payload, false))); diff != "" {
			rt.Fatalf("masked %s (-want +got):\n%s", payload, diff)
		}
	})
}

// drawDocument draws a JSON value, and the same with its secrets masked.
func drawDocument(rt *rapid.T, depth int) (doc, hidden any) {
	switch kind := rapid.IntRange(0, 6).Draw(rt, "kind"); {
	case kind <= 1 && depth > 0:
		docs, hides := map[string]any{}, map[string]any{}
		for range rapid.IntRange(0, 3).Draw(rt, "members") {
			name := rapid.SampledFrom([]string{"a", "UserId", "biz_data", "名字"}).Draw(rt, "name")
			docs[name], hides[name] = drawDocument(rt, depth-1)
		}
		if rapid.Bool().Draw(rt, "secret") {
			name := rapid.SampledFrom([]string{"SuiteTicket", "suiteTicket", "AuthCode", "tmp_auth_code", "permanent_code", "access_token", "corpAccessToken", "suite-secret"}).Draw(rt, "secretName")
			docs[name], hides[name] = fmt.Sprintf("canary%d", depth), "•••"
		}
		return docs, hides
	case kind == 2 && depth > 0:
		var docs, hides []any
		for range rapid.IntRange(1, 3).Draw(rt, "elements") {
			d, h := drawDocument(rt, depth-1)
			docs, hides = append(docs, d), append(hides, h)
		}
		return docs, hides
	case kind == 3 && depth > 0: // JSON in a string
		d, h := drawDocument(rt, depth-1)
		text, _ := json.Marshal(d)
		hiddenText, _ := json.Marshal(h)
		return string(text), string(hiddenText)
	case kind == 4:
		n := rapid.Float64Range(-1e6, 1e6).Draw(rt, "number")
		return n, n
	default:
		s := rapid.StringMatching(`[a-z 张]{0,8}`).Draw(rt, "text")
		return s, s
	}
}
