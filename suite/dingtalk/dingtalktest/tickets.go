package dingtalktest

import (
	"fmt"
	"time"
)

// ticketPeriod is how often DingTalk makes a new ticket.
const ticketPeriod = 5 * time.Hour

// giveUpTicket is after how many wrong answers in a row DingTalk stops pushing
// tickets.
const giveUpTicket = 100

type ticketState struct {
	value    string
	issuedAt time.Time
	pushed   bool      // it was queued for the suite, at least
	previous string    // the last other one that was
	replaced time.Time // when that was replaced
	delivery *delivery // what pushes the current ticket, until it is accepted or given up
	nextAt   time.Time // when the next is due, with TicketEvery
	accepted bool      // the suite answered the current one rightly
	wrong    int       // wrong answers in a row
	givenUp  bool
	fault    Standing // what is done to the tickets on purpose
}

// stopped tells whether tickets are not pushed.
func (t *ticketState) stopped() bool {
	return t.givenUp || t.fault == TicketStopped || t.fault == TicketAged || t.fault == TicketRefused
}

// honours tells whether the ticket is the current one, or within its grace the
// last that the suite may have before that.
func (t *ticketState) honours(value string, grace time.Duration) bool {
	if value == "" {
		return false
	}
	return value == t.value || value == t.previous && time.Since(t.replaced) < grace
}

// resume ends whatever kept tickets from being pushed.
func (t *ticketState) resume() {
	t.givenUp, t.wrong, t.fault = false, 0, ""
}

// PushTicket makes a new ticket, which replaces the one before at once, and
// queues it. A suite whose tickets are given up or stopped gets none until
// RePush.
func (p *Platform) PushTicket(suite string) error {
	return p.onSuite("push ticket", suite, func(s *suiteState) error {
		p.newTicket(s)
		return nil
	})
}

// RePush is the button 重新推送: it pushes the current ticket again and lets
// DingTalk go on pushing tickets, whatever stopped it. A ticket that should
// have been replaced long ago is. The error wraps ErrNoTicket when there is
// none yet.
func (p *Platform) RePush(suite string) error {
	return p.onSuite("re-push", suite, func(s *suiteState) error {
		if s.ticket.value == "" {
			return ErrNoTicket
		}
		p.tell(Happening{Suite: s.Key, What: "suite_ticket", Text: "re-push (重新推送) pressed", Good: true})
		p.resumeTickets(s)
		return nil
	})
}

// resumeTickets pushes a ticket that is not older than DingTalk's own get.
func (p *Platform) resumeTickets(s *suiteState) {
	s.ticket.resume()
	if time.Since(s.ticket.issuedAt) >= ticketPeriod {
		p.newTicket(s)
		return
	}
	p.pushTicket(s)
}

// StopTickets stops pushing tickets to the suite until RePush. Those that are
// made meanwhile replace the one before all the same. Called before anything
// was pushed, it makes a suite that never got a ticket.
func (p *Platform) StopTickets(suite string) error {
	return p.onSuite("stop tickets", suite, func(s *suiteState) error {
		p.stopTickets(s, TicketStopped)
		p.tellFault(s, "no ticket is pushed any more until re-push (重新推送)")
		return nil
	})
}

// GiveUpTicket makes a new ticket and finds every answer to it wrong, until it
// gives up after 100, Options.GiveUpRetry apart. RePush ends that.
func (p *Platform) GiveUpTicket(suite string) error {
	return p.onSuite("give up ticket", suite, func(s *suiteState) error {
		s.ticket.resume()
		s.ticket.fault = TicketGivenUp
		p.tellFault(s, fmt.Sprintf("every answer to a ticket is judged wrong; after %d no ticket is pushed", giveUpTicket))
		p.newTicket(s)
		return nil
	})
}

// AgeTicket pushes a ticket that was made so long ago, as the last one before
// DingTalk stopped. RePush ends that. A receiver that has a newer one keeps it.
func (p *Platform) AgeTicket(suite string, age time.Duration) error {
	return p.onSuite("age ticket", suite, func(s *suiteState) error {
		p.tellFault(s, fmt.Sprintf("a ticket made %s ago is pushed, and none after it until re-push (重新推送)", age))
		s.ticket.resume()
		p.makeTicket(s, time.Now().Add(-age))
		p.pushTicket(s)
		s.ticket.fault = TicketAged
		return nil
	})
}

// RefuseTicket makes DingTalk refuse (40085) the ticket that the receiver has:
// a new one is made and not pushed, and the suite's tokens are worth nothing.
// RePush ends that.
func (p *Platform) RefuseTicket(suite string) error {
	return p.onSuite("refuse ticket", suite, func(s *suiteState) error {
		p.stopTickets(s, TicketRefused)
		p.tellFault(s, "the suite_ticket was replaced, and the new one is not pushed: calls are refused with 40085")
		p.makeTicket(s, time.Now())
		s.ticket.previous = "" // no grace
		p.dropTokens(func(t token) bool { return t.suite == s })
		return nil
	})
}

// stopTickets also ends the pushing of the current ticket.
func (p *Platform) stopTickets(s *suiteState, why Standing) {
	s.ticket.resume()
	s.ticket.fault, s.ticket.delivery = why, nil
}

func (p *Platform) newTicket(s *suiteState) {
	p.makeTicket(s, time.Now())
	switch {
	case s.ticket.givenUp:
		p.tell(Happening{Suite: s.Key, What: "suite_ticket", Text: "a new ticket is not pushed: given up until re-push (重新推送)"})
	case s.ticket.stopped():
		p.tell(Happening{Suite: s.Key, What: "suite_ticket", Text: "a new ticket is not pushed: stopped until re-push (重新推送)"})
	default:
		p.pushTicket(s)
	}
}

func (p *Platform) makeTicket(s *suiteState, at time.Time) {
	t := &s.ticket
	if t.pushed {
		t.previous, t.replaced = t.value, at
	}
	t.value, t.issuedAt = p.ids.hex(""), at
	t.pushed, t.accepted = false, false
}

// pushTicket queues the current ticket instead of whichever was being pushed.
func (p *Platform) pushTicket(s *suiteState) {
	s.ticket.pushed = true
	if s.Mode == SyncHTTP {
		s.ticket.delivery = p.enqueueRows(s, High, []Row{ticketRow(s)})
		s.ticket.delivery.kind, s.ticket.delivery.corp = ticketPush, ""
		return
	}
	d := &delivery{suite: s, kind: ticketPush, event: "suite_ticket", msg: encode(object{
		"EventType": "suite_ticket", "SuiteKey": s.Key, "SuiteTicket": s.ticket.value,
		"TimeStamp": s.ticket.issuedAt.UnixMilli(),
	})}
	s.ticket.delivery = d
	p.enqueue(d)
}
