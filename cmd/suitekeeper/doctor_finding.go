package main

import (
	"fmt"
	"strings"

	"suitekeeper/suite"
)

// severity tells how bad a finding of doctor's is.
type severity string

// The severities.
const (
	severityError   severity = "error"   // something does not work until it is cured
	severityWarning severity = "warning" // something may come to that
	severityUnknown severity = "unknown" // could not be checked
	severityOK      severity = "ok"
)

// diagnosis is one finding of doctor's, in both languages.
type diagnosis struct {
	Check     string   `json:"check"`
	Code      string   `json:"code"`
	Severity  severity `json:"severity"`
	SuiteKey  string   `json:"suite_key,omitempty"`
	CorpIDs   []string `json:"corp_ids,omitempty"`
	Message   string   `json:"message"`
	Cure      string   `json:"cure,omitempty"`
	MessageZH string   `json:"message_zh"`
	CureZH    string   `json:"cure_zh,omitempty"`
}

// remedy is what doctor says about a finding. Placeholders stand in braces.
type remedy struct {
	severity severity
	message  suite.Text
	cure     suite.Text
}

// found returns the finding of that code about a suite, or about none. The
// pairs are placeholders, without braces, and what they stand for: no secrets.
// A value that looks like a placeholder is not replaced again.
func found(code, suiteKey string, pairs ...string) diagnosis {
	fill := []string{"{suite}", suiteKey}
	for i := 0; i+1 < len(pairs); i += 2 {
		fill = append(fill, "{"+pairs[i]+"}", pairs[i+1])
	}
	r, ok := remedies[code]
	if !ok {
		r = urlRemedies[code]
	}
	texts := strings.NewReplacer(fill...)
	return diagnosis{
		Code: code, Severity: r.severity, SuiteKey: suiteKey,
		Message: texts.Replace(r.message.EN), MessageZH: texts.Replace(r.message.ZH),
		Cure: texts.Replace(r.cure.EN), CureZH: texts.Replace(r.cure.ZH),
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
		case severityError:
			r.Errors++
		case severityWarning:
			r.Warnings++
		case severityUnknown:
			r.Unknown++
		case severityOK:
		}
	}
	return r
}

// What the report says around its findings.
var (
	doctorLabels = map[severity]suite.Text{
		severityError:   {EN: "ERROR", ZH: "错误"},
		severityWarning: {EN: "WARNING", ZH: "警告"},
		severityUnknown: {EN: "UNKNOWN", ZH: "未检查"},
		severityOK:      {EN: "ok", ZH: "正常"},
	}
	doctorStyles = map[severity]style{severityError: red, severityWarning: yellow, severityOK: green}
	doctorSum    = suite.Text{EN: "errors %d, warnings %d, not checked %d", ZH: "错误 %d，警告 %d，未检查 %d"}
	doctorCalm   = suite.Text{EN: "All is well.", ZH: "一切正常。"}
)

// doctor shows the report: what is well in a line, what is not with its cure.
func (v view) doctor(r doctorReport) string {
	var b strings.Builder
	for i, d := range r.Findings {
		if calm := d.Severity == severityOK; i > 0 && (!calm || r.Findings[i-1].Severity != severityOK) {
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
	if d.Severity == severityOK {
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
