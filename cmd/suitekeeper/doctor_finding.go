package main

import (
	"fmt"
	"strings"

	"suitekeeper/suite"
)

// diagnosis is one finding of doctor's, in both languages.
type diagnosis struct {
	Check     string                `json:"check"`
	Code      string                `json:"code"`
	Severity  suite.FindingSeverity `json:"severity"`
	DingTalk  string                `json:"platform_code,omitempty"` // what its developer console shows for this
	SuiteKey  string                `json:"suite_key,omitempty"`
	CorpIDs   []string              `json:"corp_ids,omitempty"`
	Message   string                `json:"message"`
	Cure      string                `json:"cure,omitempty"`
	MessageZH string                `json:"message_zh"`
	CureZH    string                `json:"cure_zh,omitempty"`
}

// found returns the finding of that code about a suite, or about none. The
// pairs are placeholders, without braces, and what they stand for, a string or
// a Text: no secrets. A value that looks like a placeholder is not replaced
// again.
func found(code suite.FindingCode, suiteKey string, pairs ...any) diagnosis {
	en, zh := []string{"{suite}", suiteKey}, []string{"{suite}", suiteKey}
	for i := 0; i+1 < len(pairs); i += 2 {
		value, ok := pairs[i+1].(suite.Text)
		if !ok {
			text := fmt.Sprint(pairs[i+1])
			value = suite.Text{EN: text, ZH: text}
		}
		name := fmt.Sprintf("{%s}", pairs[i])
		en, zh = append(en, name, value.EN), append(zh, name, value.ZH)
	}
	e, _ := suite.ExplainFinding(code) // a test sees to it that every one is known
	inEN, inZH := strings.NewReplacer(en...), strings.NewReplacer(zh...)
	return diagnosis{
		Code: string(code), Severity: e.Severity, DingTalk: e.PlatformCode(), SuiteKey: suiteKey,
		Message: inEN.Replace(e.Message.EN), MessageZH: inZH.Replace(e.Message.ZH),
		Cure: inEN.Replace(e.Cure.EN), CureZH: inZH.Replace(e.Cure.ZH),
	}
}

// doctorReport is what doctor prints for programs.
type doctorReport struct {
	Errors   int         `json:"errors"`
	Warnings int         `json:"warnings"`
	Unknown  int         `json:"unknown"`
	Findings []diagnosis `json:"findings"`
}

func newDoctorReport(findings []diagnosis) doctorReport {
	r := doctorReport{Findings: append([]diagnosis{}, findings...)}
	for _, d := range findings {
		switch d.Severity {
		case suite.FindingError:
			r.Errors++
		case suite.FindingWarning:
			r.Warnings++
		case suite.FindingUnknown:
			r.Unknown++
		case suite.FindingOK:
		}
	}
	return r
}

// What the report says around its findings.
var (
	doctorLabels = map[suite.FindingSeverity]suite.Text{
		suite.FindingError:   {EN: "ERROR", ZH: "错误"},
		suite.FindingWarning: {EN: "WARNING", ZH: "警告"},
		suite.FindingUnknown: {EN: "UNKNOWN", ZH: "未检查"},
		suite.FindingOK:      {EN: "ok", ZH: "正常"},
	}
	doctorStyles = map[suite.FindingSeverity]style{suite.FindingError: red, suite.FindingWarning: yellow, suite.FindingOK: green}
	doctorSum    = suite.Text{EN: "errors %d, warnings %d, not checked %d", ZH: "错误 %d，警告 %d，未检查 %d"}
	doctorCalm   = suite.Text{EN: "All is well.", ZH: "一切正常。"}
)

// doctor shows the report: what is well in a line, what is not with its cure.
func (v view) doctor(r doctorReport) string {
	var b strings.Builder
	for i, d := range r.Findings {
		if calm := d.Severity == suite.FindingOK; i > 0 && (!calm || r.Findings[i-1].Severity != suite.FindingOK) {
			b.WriteString("\n") // around what is not well
		}
		b.WriteString(v.diagnosis(d))
	}
	sum := v.say(doctorSum, r.Errors, r.Warnings, r.Unknown)
	if r.Errors+r.Warnings+r.Unknown == 0 {
		sum = v.paint.paint(green, v.say(doctorCalm))
	}
	b.WriteString("\n" + sum + "\n")
	return b.String()
}

func (v view) diagnosis(d diagnosis) string {
	label := v.paint.paint(doctorStyles[d.Severity], v.say(doctorLabels[d.Severity]))
	message, cure := v.say(suite.Text{EN: d.Message, ZH: d.MessageZH}), v.say(suite.Text{EN: d.Cure, ZH: d.CureZH})
	if d.Severity == suite.FindingOK {
		return label + "  " + clean(message) + "\n"
	}
	head := []string{clean(d.Code)}
	if d.SuiteKey != "" {
		head = append(head, fmt.Sprintf(v.words.suite, clean(d.SuiteKey)))
	}
	head = append(head, v.corps(d.CorpIDs)...)
	text := label + " " + strings.Join(head, v.words.comma) + "\n" + wrap(message, "  ", textWidth)
	if cure != "" {
		text += wrap(v.words.cure+cure, "  ", textWidth)
	}
	return text
}
