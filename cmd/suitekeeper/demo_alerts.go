package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// How the demo tells of alerts.
const (
	alertPoll   = 200 * time.Millisecond
	alertIndent = "                        "
	alertWidth  = 110
)

// happening prints what the stand-in did or was asked.
func (d *demo) happening(h dingtalktest.Happening) {
	if d.tickets.again(h) {
		return
	}
	what := h.What
	if h.Suite == d.idle.Key {
		what = d.idle.Name + " " + what
	}
	if h.Corp != "" {
		what += " " + h.Corp
	}
	d.say.line("DingTalk", what+": "+h.Text, h.Good)
}

// ticketNews tells which happenings of tickets are none: they come so often. It is
// safe for concurrent use.
type ticketNews struct {
	mu   sync.Mutex
	last map[string]string // by suite, without ticketFigures
}

// ticketFigures are what differs each time that the same happens to a ticket.
var ticketFigures = regexp.MustCompile(` (?:in|after) [0-9.]+m?s| \(attempt [0-9]+\)`)

func (n *ticketNews) again(h dingtalktest.Happening) bool {
	if h.What != "suite_ticket" {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.last == nil {
		n.last = map[string]string{}
	}
	what := ticketFigures.ReplaceAllString(h.Text, "")
	before := n.last[h.Suite]
	n.last[h.Suite] = what
	return what == before
}

// watchAlerts tells of each alert when it appears and when it is gone, until
// ctx ends.
func (d *demo) watchAlerts(ctx context.Context, keeper *suite.Keeper) {
	keeper.WatchAlerts(ctx, suite.WatchOptions{Every: alertPoll, Watched: true}, func(n suite.AlertNews) {
		if n.Gone {
			d.say.line("alert", d.about(n.Alert)+" is gone", true)
			return
		}
		texts := wrap(d.text(n.Alert.Message), alertIndent, alertWidth) +
			wrap(d.language.words().cure+d.text(n.Alert.Cure), alertIndent, alertWidth)
		d.say.line("alert", d.about(n.Alert)+"\n"+strings.TrimRight(texts, "\n"), false)
	})
}

// about names an alert and the suite that it concerns, if it does one.
func (d *demo) about(a suite.Alert) string {
	if a.Suite == "" {
		return string(a.Code)
	}
	return fmt.Sprintf("%s (%s)", a.Code, d.suiteName(string(a.Suite)))
}
