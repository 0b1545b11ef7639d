package main_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// authentic is a case whose text is sealed as DingTalk does.
func authentic(t *testing.T, name, text string) hostile {
	return hostile{name: name, sent: rawPush(sealedFor(t, attacked, text)), keepsOn: true}
}

// textCases are authentic texts that make no sense. What is a JSON object is
// kept as it came and acknowledged; refusing it would only lose it.
func textCases(t *testing.T) (list []hostile) {
	for name, text := range map[string]string{
		"nothing": "", "words": "success and more", "a string": `"suite_ticket"`, "a list": `[{"EventType":"check_url"}]`, "null": "null", "a number": "17",
		"an object and more": `{"EventType":"check_url"}{}`, "an object cut off": `{"EventType":"check_url"`, "a byte order mark": "\ufeff" + `{"EventType":"check_url"}`,
		"NUL bytes": "\x00\x00\x00\x00", "an object of single quotes": `{'EventType':'check_url'}`, "XML": "<xml/>",
		"an object nested 20,000 deep": `{"EventType":"check_url","x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "}",
	} {
		h := authentic(t, "a text of "+name, text).isRejected("not_json")
		h.writes = notJSON
		list = append(list, h)
	}
	odd := func(name, reason, format string, values ...any) {
		list = append(list, authentic(t, "an event "+name, fmt.Sprintf(format, values...)).does("quarantined", stored).because(reason))
	}
	ticket := `"SuiteTicket":"` + secretTicket + `",` + member()
	odd("with a name twice", twice, `{"EventType":"suite_ticket","EventType":"suite_ticket",%s}`, ticket)
	odd("with a name twice in disguise", twice, `{"EventType":"suite_ticket","\u0045ventType":"x",%s}`, ticket)
	odd("with a ticket twice", twice, `{"EventType":"suite_ticket","SuiteTicket":"x",%s}`, ticket)
	odd("with a name twice one level down", twice, `{"EventType":"suite_ticket",%s,"x":{"a":1,"a":1}}`, ticket)
	odd("with names in small letters", "EventType is missing", `{"eventtype":"suite_ticket","suiteticket":"x",%s}`, member())
	odd("with names in capitals", "SuiteTicket is missing", `{"EventType":"suite_ticket","SUITETICKET":"x",%s}`, member())
	odd("that is no UTF-8", "the JSON holds invalid UTF-8", `{"EventType":"suite_ticket",%s,"x":"%s"}`, ticket, "\xff")
	odd("with half a surrogate", "the JSON holds invalid UTF-8", `{"EventType":"suite_ticket",%s,"x":"\ud800"}`, ticket)
	odd("without a type", "EventType is missing", `{%s}`, ticket)
	odd("whose type is null", "EventType is missing", `{"EventType":null,%s}`, ticket)
	odd("whose type is a number", "EventType is no string", `{"EventType":1,%s}`, ticket)
	odd("whose type is a list", "EventType is no string", `{"EventType":["suite_ticket"],%s}`, ticket)
	odd("whose type is huge", "EventType is longer than 256 bytes", `{"EventType":"%s",%s}`, strings.Repeat("t", 700_000), member())
	odd("whose type holds NUL", "EventType holds control characters", `{"EventType":"suite_ticket\u0000",%s}`, member())
	odd("whose type holds a line break", "EventType holds control characters", `{"EventType":"suite\nticket",%s}`, member())
	odd("of another suite", "the event names suite "+brittle.Key+" inside, but its envelope was that of "+attacked.Key,
		`{"EventType":"suite_ticket","SuiteKey":"%s",%s}`, brittle.Key, ticket)
	odd("whose suite is a number", "SuiteKey is no string", `{"EventType":"suite_ticket","SuiteKey":4,%s}`, ticket)
	odd("whose suite holds an escape", "SuiteKey holds control characters", `{"EventType":"suite_ticket","SuiteKey":"\u001b[31m",%s}`, ticket)
	odd("whose ticket is missing", "SuiteTicket is missing", `{"EventType":"suite_ticket",%s}`, member())
	odd("whose ticket is empty", "SuiteTicket is missing", `{"EventType":"suite_ticket","SuiteTicket":"",%s}`, member())
	odd("whose ticket is an object", "SuiteTicket is no string", `{"EventType":"suite_ticket","SuiteTicket":{"a":"b"},%s}`, member())
	odd("whose ticket is huge", "SuiteTicket is longer than 4096 bytes", `{"EventType":"suite_ticket","SuiteTicket":"%s",%s}`, strings.Repeat("t", 4097), member())
	odd("whose ticket holds DEL", "SuiteTicket holds control characters", `{"EventType":"suite_ticket","SuiteTicket":"a%sb",%s}`, "\x7f", member())
	odd("whose code is missing", "AuthCode is missing", `{"EventType":"tmp_auth_code","AuthCorpId":"ding1",%s}`, member())
	odd("whose code is a number", "AuthCode is no string", `{"EventType":"tmp_auth_code","AuthCode":7,%s}`, member())
	odd("whose corp is missing", "AuthCorpId is missing", `{"EventType":"suite_relieve",%s}`, member())
	odd("whose corp is true", "AuthCorpId is no string", `{"EventType":"suite_relieve","AuthCorpId":true,%s}`, member())
	odd("whose corp is huge", "AuthCorpId is longer than 256 bytes", `{"EventType":"change_auth","AuthCorpId":"%s",%s}`, strings.Repeat("c", 257), member())
	odd("whose corp climbs out of its key", "AuthCorpId holds control characters", `{"EventType":"suite_relieve","AuthCorpId":"a\u0000\u0001b",%s}`, member())
	odd("whose app is missing", "AgentId or AppId is missing", `{"EventType":"org_micro_app_stop","AuthCorpId":"ding1",%s}`, member())
	odd("whose app is a fraction", "AppId is no whole number", `{"EventType":"org_micro_app_stop","AuthCorpId":"ding1","AppId":1.5,%s}`, member())
	odd("whose app is beyond all numbers", "AgentId is no whole number", `{"EventType":"org_micro_app_stop","AuthCorpId":"ding1","AgentId":9223372036854775808,%s}`, member())

	for name, text := range map[string]string{
		"nobody knows":            `{"EventType":"__proto__",` + member() + `}`,
		"with 700 kB of text":     `{"EventType":"user_add_org","x":"` + strings.Repeat("x", 700_000) + `",` + member() + `}`,
		"with 20,000 names":       `{"EventType":"user_add_org",` + manyNames(20_000) + member() + `}`,
		"nested 9,000 deep":       `{"EventType":"user_add_org","x":` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + `,` + member() + `}`,
		"with numbers beyond all": `{"EventType":"user_add_org","x":1e999999,"y":-0,"z":` + strings.Repeat("9", 10_000) + `,` + member() + `}`,
		"with control bytes, in a text that nothing depends on": `{"EventType":"user_add_org","x":"\u0000\u001b[2J\u202e",` + member() + `}`,
		"whose type is markup": `{"EventType":"<script>alert(1)</script>",` + member() + `}`,
		"whose corp is a list": `{"EventType":"user_add_org","CorpId":["a"],` + member() + `}`,
	} {
		list = append(list, authentic(t, "an event "+name, text).does("stored", stored))
	}
	return list
}

const twice = "a name stands twice in one JSON object"

func manyNames(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, `"%x":1,`, i)
	}
	return text.String()
}

// stampCases are tickets of the wrong time. A strange one counts as of now; an
// old one undoes nothing.
func stampCases(t *testing.T) (list []hostile) {
	add := func(name, stamp, outcome, writes string) {
		text := fmt.Sprintf(`{"EventType":"suite_ticket","SuiteTicket":"%s",%s,"TimeStamp":%s}`, secretTicket, member(), stamp)
		list = append(list, authentic(t, "a TimeStamp "+name, text).does(outcome, writes))
	}
	list = append(list, authentic(t, "no TimeStamp", `{"EventType":"suite_ticket","SuiteTicket":"`+secretTicket+`"}`).does("applied", stored+" ticket+1"))
	for name, stamp := range map[string]string{
		"of null": "null", "of nothing": `""`, "of words": `"now"`, "of true": "true", "of a list": "[1783610513123]", "of an object": `{"$date":1}`,
		"of zero": "0", "of minus one": "-1", "with a fraction": "1783610513123.5", "with an exponent": "1.7e12", "in quotes with a sign": `"+1783610513123"`,
		"in quotes with a space": `" 1783610513123"`, "in hexadecimal": `"0x19f4b1c5a23"`, "in wide digits": `"１７８３６１０５１３１２３"`, "of a date": `"2026-11-27T06:00:00Z"`,
		"of an example": "123456", "before 2014": "1388534399999", "beyond the year 9999": "253402300800000", "of 2^63": "9223372036854775808",
		"of 400 digits": strings.Repeat("9", 400), "in a year": fmt.Sprint(time.Now().AddDate(1, 0, 0).UnixMilli()), "in the year 9999": `"253402300799999"`,
	} {
		add(name, stamp, "applied", stored+" ticket~1")
	}
	for name, stamp := range map[string]string{
		"of 2015": "1420070400000", "of 2015 in seconds": "1420070400", "of 2015 in quotes": `"1420070400000"`, "of an hour ago": fmt.Sprint(time.Now().Add(-time.Hour).UnixMilli()),
	} {
		add(name, stamp, "stale", stored)
	}
	return list
}

// rowCases are pushes of SyncHTTP mode. A row that is odd spoils no other.
func rowCases(t *testing.T) (list []hostile) {
	push := func(rows string) string {
		return `{"EventType":"SYNC_HTTP_PUSH_HIGH",` + member() + `,"bizData":` + rows + `}`
	}
	good := func() string { return fmt.Sprintf(`{"biz_type":13,"id":%d,"biz_data":"{}"}`, texts.Add(1)) }
	whole := func(name, rows, reason string) {
		list = append(list, authentic(t, "rows "+name, push(rows)).does("quarantined", stored).because(reason))
	}
	whole("that are missing", "null", "bizData is missing or no array")
	whole("in an object", "{}", "bizData is missing or no array")
	whole("in a string", `"[]"`, "bizData is missing or no array")
	whole("beyond all bounds", "["+strings.Repeat("1,", 20_000)+"1]", "bizData has more than 20000 rows")
	for name, row := range map[string]struct{ text, reason string }{
		"of false":                     {"false", "the row is no JSON object"},
		"of a list":                    {"[" + good() + "]", "the row is no JSON object"},
		"of nothing":                   {"{}", "biz_type is missing"},
		"whose type is words":          {`{"biz_type":"x",` + member() + `}`, "biz_type is no whole number"},
		"with a name twice":            {`{"biz_type":13,"biz_type":13,` + member() + `,"biz_data":"{}"}`, twice},
		"with data twice named":        {`{"biz_type":13,` + member() + `,"biz_data":"{\"a\":1,\"a\":1}"}`, "in biz_data, " + twice},
		"without data":                 {`{"biz_type":13,` + member() + `}`, "biz_data is no JSON object"},
		"with data that is no JSON":    {`{"biz_type":13,` + member() + `,"biz_data":"{"}`, "biz_data is no JSON object"},
		"with data that is a list":     {`{"biz_type":13,` + member() + `,"biz_data":[]}`, "biz_data is no JSON object"},
		"with half a surrogate":        {`{"biz_type":13,` + member() + `,"biz_data":"\ud800"}`, "the JSON holds invalid UTF-8"},
		"of a ticket without one":      {`{"biz_type":2,` + member() + `,"biz_data":"{\"syncAction\":\"suite_ticket\"}"}`, "biz_data.suiteTicket is missing"},
		"of a suite without an action": {`{"biz_type":4,` + member() + `,"biz_data":"{}"}`, "biz_data.syncAction is missing or no string"},
		"of a grant without a code":    {`{"biz_type":4,"corp_id":"ding1",` + member() + `,"biz_data":{"syncAction":"org_suite_auth"}}`, "biz_data.permanent_code is missing"},
		"of a grant of two corps": {`{"biz_type":4,"corp_id":"ding1",` + member() + `,"biz_data":{"syncAction":"org_suite_auth","permanent_code":"p","auth_corp_info":{"corpid":"ding2"}}}`,
			"corp_id and auth_corp_info.corpid name different corps"},
		"of a grant to nobody":        {`{"biz_type":4,` + member() + `,"biz_data":{"syncAction":"org_suite_auth","permanent_code":"p"}}`, "corp_id is missing"},
		"of an app that is no number": {`{"biz_type":7,"corp_id":"ding1","biz_id":"x",` + member() + `,"biz_data":{"syncAction":"org_micro_app_stop"}}`, "biz_id is no whole number"},
		"of a corp that is huge":      {`{"biz_type":13,"corp_id":"` + strings.Repeat("c", 257) + `",` + member() + `,"biz_data":"{}"}`, "corp_id is longer than 256 bytes"},
	} {
		h := authentic(t, "a row "+name+" between others", push("["+good()+","+row.text+","+good()+"]"))
		list = append(list, h.does("quarantined", "event+3 print+3").because(row.reason).says(`"quarantined":1,`))
	}
	list = append(list, authentic(t, "no rows at all", push("[]")).does("stored", stored))
	return append(list, manyRowCases(t)...)
}

// manyRowCases hold as many rows as a push of 1 MiB has room for.
func manyRowCases(t *testing.T) (list []hostile) {
	n := 10_000
	if raced { // or parsing takes more than the budget
		n = 1_000
	}
	for name, broken := range map[string]string{"in ten broken": `{"biz_type":"x","id":%d}`, "in ten cut off": `{"biz_type":13,"id":%d,"biz_data":"{"}`} {
		rows := make([]string, n)
		for i := range rows {
			form := `{"biz_type":13,"corp_id":"d","id":%d,"biz_data":"{}"}`
			if i%10 == 3 {
				form = broken
			}
			rows[i] = fmt.Sprintf(form, texts.Add(1))
		}
		text := `{"EventType":"SYNC_HTTP_PUSH_MEDIUM","bizData":[` + strings.Join(rows, ",") + `]}`
		list = append(list, authentic(t, "10,000 rows, one "+name, text).
			does("quarantined", fmt.Sprintf("event+%d print+%[1]d", n)).says(fmt.Sprintf(`"quarantined":%d,`, n/10)))
	}
	return list
}
