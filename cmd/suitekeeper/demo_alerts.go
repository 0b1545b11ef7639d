package main

import (
	"context"
	"fmt"
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
	last map[string]string // by suite, without what differs each time
}

func (n *ticketNews) again(h dingtalktest.Happening) bool {
	if h.What != "suite_ticket" {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.last == nil {
		n.last = map[string]string{}
	}
	what, _, _ := strings.Cut(h.Text, " in ")
	before := n.last[h.Suite]
	n.last[h.Suite] = what
	return what == before
}

// alertKind is what the alerts of several corps have in common: one cure.
type alertKind struct {
	code  suite.AlertCode
	suite suite.SuiteKey
}

// watchAlerts tells of each alert when it appears and when it is gone, until
// ctx ends.
func (d *demo) watchAlerts(ctx context.Context, keeper *suite.Keeper) error {
	tick := time.NewTicker(alertPoll)
	defer tick.Stop()
	shown := map[alertKind]bool{}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		report, err := keeper.Status(ctx)
		if err != nil {
			return err
		}
		now := map[alertKind]bool{}
		for _, a := range report.Alerts {
			kind := alertKind{a.Code, a.Suite}
			if !shown[kind] && !now[kind] {
				d.alert(kind, a)
			}
			now[kind] = true
		}
		for kind := range shown {
			if !now[kind] {
				d.say.line("alert", d.about(kind)+" is gone", true)
			}
		}
		shown = now
	}
}

// alert tells of an alert with its cure.
func (d *demo) alert(kind alertKind, a suite.Alert) {
	texts := wrap(d.text(a.Message), alertIndent, alertWidth) +
		wrap(d.language.words().cure+d.text(a.Cure), alertIndent, alertWidth)
	d.say.line("alert", d.about(kind)+"\n"+strings.TrimRight(texts, "\n"), false)
}

// about names an alert and the suite that it concerns, if it does one.
func (d *demo) about(kind alertKind) string {
	if kind.suite == "" {
		return string(kind.code)
	}
	return fmt.Sprintf("%s (%s)", kind.code, d.suiteName(string(kind.suite)))
}
