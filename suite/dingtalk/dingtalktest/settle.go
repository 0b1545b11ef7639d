package dingtalktest

import (
	"fmt"
	"time"
)

// settle decides what becomes of d after an attempt.
func (p *Platform) settle(d *delivery, push Push) {
	switch {
	case d.kind == ticketPush:
		p.settleTicket(d, push)
	case push.OK:
	case d.attempt <= len(p.o.Retries):
		p.schedule(d, time.Now().Add(p.wait(p.o.Retries[d.attempt-1])))
	default:
		p.giveUp(d)
	}
}

func (p *Platform) settleTicket(d *delivery, push Push) {
	t := &d.suite.ticket
	current := t.delivery == d
	switch {
	case push.OK:
		t.wrong = 0
		if current {
			t.accepted, t.delivery = true, nil
		}
	case t.givenUp:
	case t.wrong+1 >= giveUpTicket:
		t.wrong++
		t.givenUp, t.delivery = true, nil
		p.counts.GivenUp++
		p.tell(Happening{Suite: d.suite.Key, What: d.event,
			Text: fmt.Sprintf("given up after %d wrong answers in a row: no ticket until re-push (重新推送)", t.wrong)})
	default:
		t.wrong++
		if current {
			p.schedule(d, time.Now().Add(p.wait(p.ticketRetry(t))))
		}
	}
}

// ticketRetry is the wait before a ticket is tried again.
func (p *Platform) ticketRetry(t *ticketState) time.Duration {
	if t.fault == TicketGivenUp {
		return p.o.GiveUpRetry
	}
	return p.o.TicketRetry
}

// giveUp drops an event for good, unless it is one of those that a corp's list
// of failed events keeps.
func (p *Platform) giveUp(d *delivery) {
	p.counts.GivenUp++
	text := "given up"
	if f, c := d.failedEvent(p.wait(p.o.FailedDelay)); c != nil {
		c.failed = append(c.failed, f)
		text = "given up, goes to the corp's list of failed events"
	}
	p.tell(Happening{Suite: d.suite.Key, Corp: d.corp, What: d.event, Text: text})
}

// failedEvent makes d an entry of the list of failed events, if it belongs
// there: events that a corp subscribed to, which name it in CorpId and no
// suite. The events of the suite itself do not.
func (d *delivery) failedEvent(delay time.Duration) (failedEvent, *corpState) {
	f, err := parseObject(d.msg)
	c := d.suite.corps[d.corp]
	if err != nil || c == nil || d.event == "" || d.kind != eventPush || f["SuiteKey"] != nil || f["AuthCorpId"] != nil {
		return failedEvent{}, nil
	}
	now := time.Now()
	at := now
	if ms, ok := f.number("TimeStamp"); ok {
		at = time.UnixMilli(ms)
	}
	return failedEvent{tag: d.event, corp: c.id, at: at, visibleAt: now.Add(delay), event: f}, c
}
