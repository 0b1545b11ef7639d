package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

// What lists and pages of events say.
var (
	columnReceived = suite.Text{EN: "RECEIVED", ZH: "收到时间"}
	columnType     = suite.Text{EN: "TYPE", ZH: "类型"}
	columnOutcome  = suite.Text{EN: "OUTCOME", ZH: "结果"}
	columnRepeats  = suite.Text{EN: "REPEATS", ZH: "重复"}
	columnEvent    = suite.Text{EN: "EVENT ID", ZH: "事件 ID"}
	noEvents       = suite.Text{EN: "No event matches.", ZH: "没有符合条件的事件。"}

	outcomeTexts = map[string]suite.Text{
		"applied":     {EN: "applied", ZH: "已生效"},
		"stale":       {EN: "stale", ZH: "已过时"},
		"stored":      {EN: "stored", ZH: "已保存"},
		"quarantined": {EN: "quarantined", ZH: "已隔离"},
	}
	outcomeStyles = map[string]style{"applied": green, "stale": yellow, "quarantined": red}

	lineEvent    = suite.Text{EN: "event", ZH: "事件"}
	lineType     = suite.Text{EN: "type", ZH: "类型"}
	lineSource   = suite.Text{EN: "came by", ZH: "来源"}
	lineIssued   = suite.Text{EN: "issued", ZH: "发生时间"}
	lineReceived = suite.Text{EN: "received", ZH: "收到时间"}
	lineRepeats  = suite.Text{EN: "repeats", ZH: "重复"}
	lineOutcome  = suite.Text{EN: "outcome", ZH: "结果"}
	lineReason   = suite.Text{EN: "because", ZH: "原因"}
)

// events is the table of events.
func (v view) events(list admin.Events) string {
	if len(list.Events) == 0 {
		return v.say(noEvents) + "\n"
	}
	t := v.eventTable()
	for _, e := range list.Events {
		t.rows = append(t.rows, v.eventRow(e))
	}
	text := t.String()
	if list.NextCursor != "" {
		text += v.say(moreFollow, list.NextCursor) + "\n"
	}
	return text
}

// eventTable is the table without its rows.
func (v view) eventTable() table {
	t := table{paint: v.paint, columns: v.heads(
		columnReceived, columnSuite, columnType, columnCorp, columnOutcome, columnRepeats, columnEvent)}
	t.columns[5].right = true
	return t
}

func (v view) eventRow(e admin.Event) []cell {
	return []cell{
		{text: moment(e.ReceivedAt)}, {text: clean(e.SuiteKey)}, {text: clean(e.Type)}, {text: cmp.Or(clean(e.CorpID), "-")},
		v.outcome(e.Outcome), {text: fmt.Sprint(e.Duplicates)}, {text: clean(e.ID)},
	}
}

func (v view) outcome(outcome string) cell {
	c := cell{text: clean(outcome), style: outcomeStyles[outcome]}
	if text, ok := outcomeTexts[outcome]; ok {
		c.text = v.say(text)
	}
	return c
}

// event is one event in full.
func (v view) event(e admin.EventDetail) string {
	f := fieldList{paint: v.paint}
	f.add(v.say(lineEvent), cell{text: clean(e.ID)})
	f.add(v.say(lineSuite), cell{text: clean(e.SuiteKey)})
	f.add(v.say(lineType), cell{text: clean(e.Type)})
	f.add(v.say(lineCorp), cell{text: cmp.Or(clean(e.CorpID), "-")})
	f.add(v.say(lineSource), cell{text: clean(e.Source)})
	f.add(v.say(lineIssued), cell{text: moment(e.IssuedAt)})
	f.add(v.say(lineReceived), cell{text: moment(e.ReceivedAt)})
	f.add(v.say(lineRepeats), cell{text: fmt.Sprint(e.Duplicates)})
	f.add(v.say(lineOutcome), v.outcome(e.Outcome))
	if e.Reason != "" {
		f.add(v.say(lineReason), cell{text: clean(v.either(e.Reason, e.ReasonZH))})
	}
	return f.String() + "\n" + payload(e.Payload)
}

// payload is what DingTalk sent, with a line for each member. Whatever would
// do something to the terminal is taken out of each line.
func payload(raw json.RawMessage) string {
	var indented bytes.Buffer
	text := string(raw)
	if json.Indent(&indented, raw, "", "  ") == nil {
		text = indented.String()
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(clean(line), " ") + "\n")
	}
	return b.String()
}
