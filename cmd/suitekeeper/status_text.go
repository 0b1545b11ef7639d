package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

// What is shown, so that it stays about one screen.
const (
	shownAlerts = 10 // of different kinds
	shownCorps  = 3  // with the same alert
	textWidth   = 80
)

// text shows the status.
func (v statusView) text() string {
	var b strings.Builder
	b.WriteString(v.summary() + "\n\n")
	if len(v.Suites) == 0 {
		b.WriteString(v.words.noSuites + "\n")
	} else {
		b.WriteString(v.suites().String())
	}
	b.WriteString("\n" + v.alerts())
	return b.String()
}

func (v statusView) summary() string {
	engine, size := clean(v.Store.Engine), byteSize(v.Store.SizeBytes)
	if v.server.stopped {
		return fmt.Sprintf(v.words.stopped, v.server.url, v.Store.Events, engine, size)
	}
	return fmt.Sprintf(v.words.summary, clean(v.Version), v.server.url, v.since(v.StartedAt), v.Store.Events, engine, size)
}

// suites is the table of suites.
func (v statusView) suites() table {
	t := table{paint: v.paint}
	for i, name := range v.words.columns {
		t.columns = append(t.columns, column{name: name, right: i >= 3 && i <= 7})
	}
	for _, s := range v.Suites {
		a := s.Authorizations
		t.rows = append(t.rows, []cell{
			{text: cmp.Or(clean(s.Name), "-")}, {text: clean(s.SuiteKey)}, v.ticket(s.Ticket),
			count(a.Pending, plain), count(a.Active, plain), count(a.Disabled, plain), count(a.Failed, red), count(a.Relieved, plain),
			v.lastEvent(s.LastEventAt),
		})
	}
	return t
}

func (v statusView) ticket(t admin.Ticket) cell {
	c := cell{text: cmp.Or(v.words.tickets[t.State], clean(t.State))}
	switch t.State {
	case "fresh":
		c.style = green
	case "stale":
		c.style = yellow
	case "missing":
		c.style = red
	}
	if t.AgeSeconds != nil {
		age := v.words.duration(time.Duration(*t.AgeSeconds) * time.Second)
		c.text = fmt.Sprintf(v.words.ticketOf, c.text, age)
	}
	return c
}

// count is a number that has a colour unless it is zero.
func count(n int, s style) cell {
	if n == 0 {
		s = plain
	}
	return cell{text: fmt.Sprint(n), style: s}
}

func (v statusView) lastEvent(at time.Time) cell {
	if at.IsZero() {
		return cell{text: v.words.never}
	}
	return cell{text: v.ago(at)}
}

// alerts tells what needs a person, the most urgent first.
func (v statusView) alerts() string {
	if len(v.Alerts) == 0 {
		return v.paint.paint(green, v.words.calm) + "\n"
	}
	var b strings.Builder
	b.WriteString(v.words.alerts(len(v.Alerts)) + "\n")
	left := len(v.Alerts)
	for i, g := range groupAlerts(v.Alerts) {
		if i == shownAlerts {
			fmt.Fprintf(&b, "\n"+v.words.more+"\n", left)
			break
		}
		b.WriteString("\n" + v.alert(g))
		left -= g.size
	}
	return b.String()
}

// alertGroup is one alert for several corps of a suite.
type alertGroup struct {
	admin.Alert // of the first corp, since the earliest moment
	size        int
	corps       []string // their ids
	named       []string // the same with their names, as far as those are known
}

// groupAlerts joins what differs in the corp alone, in the order of the first
// of each: fifty corps have one cure.
func groupAlerts(alerts []admin.Alert) []*alertGroup {
	type kind struct{ code, suite string }
	var groups []*alertGroup
	known := map[kind]*alertGroup{}
	for _, a := range alerts {
		k := kind{a.Code, a.SuiteKey}
		g := known[k]
		if g == nil {
			g = &alertGroup{Alert: a}
			known[k], groups = g, append(groups, g)
		}
		g.size++
		if a.CorpID != "" {
			g.corps, g.named = append(g.corps, a.CorpID), append(g.named, suite.NamedCorp(suite.CorpID(a.CorpID), a.CorpName))
		}
		if a.Since.Before(g.Since) {
			g.Since = a.Since
		}
	}
	return groups
}

func (v statusView) alert(g *alertGroup) string {
	color := yellow
	if g.Severity == "critical" {
		color = red
	}
	message, cure := g.Message, g.Cure
	if v.words.language == chinese {
		message, cure = cmp.Or(g.MessageZH, message), cmp.Or(g.CureZH, cure)
	}
	return v.paint.paint(color, cmp.Or(v.words.urgency[g.Severity], clean(g.Severity))) + " " +
		strings.Join(v.concerns(g), v.words.comma) + "\n" +
		wrap(message, "  ", textWidth) + wrap(v.words.cure+cure, "  ", textWidth)
}

// concerns names the alert, whom it concerns, and for how long it has been.
func (v statusView) concerns(g *alertGroup) []string {
	parts := []string{clean(g.Code)}
	if g.SuiteKey != "" {
		parts = append(parts, fmt.Sprintf(v.words.suite, clean(g.SuiteKey)))
	}
	parts = append(parts, v.corps(g.named)...)
	return append(parts, fmt.Sprintf(v.words.since, v.since(g.Since)))
}

// corps names the first of several corps, and how many more there are.
func (v view) corps(corps []string) []string {
	var parts []string
	for _, corp := range corps[:min(len(corps), shownCorps)] {
		parts = append(parts, fmt.Sprintf(v.words.corp, clean(corp)))
	}
	if hidden := len(corps) - shownCorps; hidden > 0 {
		parts = append(parts, fmt.Sprintf(v.words.moreCorps, hidden))
	}
	return parts
}

// byteSize tells a size in a unit that makes it short.
func byteSize(n int64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	size, units := float64(n)/unit, "KMGTPE"
	for size >= unit && len(units) > 1 {
		size, units = size/unit, units[1:]
	}
	return fmt.Sprintf("%.1f %ciB", size, units[0])
}
