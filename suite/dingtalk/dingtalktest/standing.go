package dingtalktest

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Standing is a fault of a suite that lasts until it is ended.
type Standing string

// The standing faults, with what starts them.
const (
	TicketStopped   Standing = "ticket_stopped"    // StopTickets
	TicketGivenUp   Standing = "ticket_given_up"   // GiveUpTicket, or 100 wrong answers
	TicketAged      Standing = "ticket_aged"       // AgeTicket
	TicketRefused   Standing = "ticket_refused"    // RefuseTicket
	CodeBurnt       Standing = "code_burnt"        // BurnCode, until the corp is activated or withdraws
	AddressRefused  Standing = "address_refused"   // SetIPWhitelist
	SecretChanged   Standing = "secret_changed"    // SetSecret
	TokenChanged    Standing = "token_changed"     // SetToken
	AESKeyChanged   Standing = "aes_key_changed"   // SetAESKey
	SuiteKeyChanged Standing = "suite_key_changed" // SealForCreation
	AnswersSpoilt   Standing = "answers_spoilt"    // SpoilAnswers
	ClockOff        Standing = "clock_off"         // SetClock
)

// standing lists the suite's faults.
func (s *suiteState) standing() []Standing {
	ticket := s.ticket.fault
	if s.ticket.givenUp {
		ticket = TicketGivenUp
	}
	burnt := func(c *corpState) bool { return c.burnt && c.authorized && c.activatedAt.IsZero() }
	var list []Standing
	for _, f := range []struct {
		name Standing
		on   bool
	}{
		{ticket, ticket != ""},
		{CodeBurnt, slices.ContainsFunc(s.order, burnt)},
		{AddressRefused, !slices.Equal(s.IPWhitelist, s.asAdded.IPWhitelist)},
		{SecretChanged, s.Secret != s.asAdded.Secret},
		{TokenChanged, s.Token != s.asAdded.Token},
		{AESKeyChanged, s.EncodingAESKey != s.asAdded.EncodingAESKey},
		{SuiteKeyChanged, s.faults.forCreation},
		{AnswersSpoilt, s.faults.spoilsAnswers},
		{ClockOff, s.faults.clock != 0},
	} {
		if f.on {
			list = append(list, f.name)
		}
	}
	return list
}

// switches are the standing faults beside those of tickets, codes and
// registration.
type switches struct {
	spoilsAnswers bool          // as if a proxy rewrote them
	forCreation   bool          // pushes are sealed with the key of suites under creation
	clock         time.Duration // added to signed timestamps
}

// SpoilAnswers has every answer of the suite judged wrong, as if a proxy put a
// page of its own in its place: what the receiver took comes again and again.
func (p *Platform) SpoilAnswers(suite string, on bool) error {
	return p.onSuite("spoil answers", suite, func(s *suiteState) error {
		s.faults.spoilsAnswers = on
		p.tellSwitch(s, on, "a proxy replaces every answer of the receiver by a page of its own")
		return nil
	})
}

// SealForCreation seals the suite's pushes with suite4xxxxxxxxxxxxxxx, the key
// of suites under creation, instead of its own.
func (p *Platform) SealForCreation(suite string, on bool) error {
	return p.onSuite("seal for creation", suite, func(s *suiteState) error {
		s.faults.forCreation = on
		p.tellSwitch(s, on, "pushes are encrypted for suite4xxxxxxxxxxxxxxx, as for a suite under creation")
		return nil
	})
}

// SetClock shifts the timestamps that the suite's pushes are signed with, so
// that the receiver's clock seems to be wrong by as much the other way. Zero
// ends it.
func (p *Platform) SetClock(suite string, ahead time.Duration) error {
	return p.onSuite("set clock", suite, func(s *suiteState) error {
		s.faults.clock = ahead
		p.tellSwitch(s, ahead != 0, "the timestamps of pushes are off by "+ahead.String())
		return nil
	})
}

// BurnCode lets a corp authorise the suite whose permanent code gets lost: the
// exchange burns the code and is not answered, and the code that the first
// reauth_corp brings is spent too. That of the next one works.
func (p *Platform) BurnCode(suite string, a Authorization) error {
	return p.onSuite("burn code", suite, func(s *suiteState) error {
		if c := s.corps[a.CorpID]; s.Mode != HTTP || c != nil && c.authorized {
			return fmt.Errorf("%w: corp %q exchanges no code", ErrInvalid, a.CorpID)
		}
		if err := p.authorize(s, a); err != nil {
			return err
		}
		c := s.corps[a.CorpID]
		c.burnt, c.losesAnswer, c.wastesReauth = true, true, true
		p.tellFault(s, fmt.Sprintf("%s authorises; the answer with its permanent code will be lost, and the next code is spent too", c.name))
		return nil
	})
}

// RelieveAll lets every corp withdraw its authorisation, all at once.
func (p *Platform) RelieveAll(suite string) error {
	return p.onSuite("relieve all", suite, func(s *suiteState) error {
		p.tellFault(s, "every corp withdraws")
		for _, c := range s.order {
			if c.authorized {
				p.relieve(s, c)
			}
		}
		return nil
	})
}

// AuthorizeAll lets every corp that has withdrawn authorise the suite again.
func (p *Platform) AuthorizeAll(suite string) error {
	return p.onSuite("authorize all", suite, func(s *suiteState) error {
		for _, c := range s.order {
			if c.authorized {
				continue
			}
			if err := p.authorize(s, Authorization{CorpID: c.id}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Burst queues so many events of the corps that authorised the suite, which are
// pushed all at once: DingTalk's bursts are not throttled.
func (p *Platform) Burst(suite string, events int) error {
	return p.onSuite("burst", suite, func(s *suiteState) error {
		var corps []string
		for _, c := range s.order {
			if c.authorized {
				corps = append(corps, c.id)
			}
		}
		if len(corps) == 0 {
			corps = []string{s.OwnCorp}
		}
		p.tellFault(s, fmt.Sprintf("%d events of %d corps at once", events, len(corps)))
		for i := range events {
			corp := corps[i%len(corps)]
			p.enqueue(&delivery{suite: s, kind: eventPush, corp: corp, event: "user_add_org", msg: encode(object{
				"EventType": "user_add_org", "TimeStamp": time.Now().UnixMilli(), "UserId": []string{p.ids.text(12)}, "CorpId": corp,
			})})
		}
		return nil
	})
}

// EndFaults makes the suite as sound as when it was added: its registration but
// for the callback URL, its clock, its answers, its tickets. Corps whose code
// was burnt by BurnCode are pushed a new one. It also forgets what Fault staged
// for any suite.
func (p *Platform) EndFaults(suite string) error {
	return p.onSuite("end faults", suite, func(s *suiteState) error {
		clear(p.faults)
		s.faults = switches{}
		s.Secret, s.IPWhitelist = s.asAdded.Secret, s.asAdded.IPWhitelist
		if err := s.setKeys(s.asAdded.Token, s.asAdded.EncodingAESKey); err != nil {
			return err
		}
		p.tell(Happening{Suite: s.Key, What: faultHappening, Text: "all faults are ended", Good: true})
		if t := &s.ticket; t.value != "" && (t.stopped() || t.fault != "" || !t.accepted) {
			p.resumeTickets(s)
		}
		for _, c := range s.order {
			c.losesAnswer = false
			c.wastesReauth = false
			if c.burnt && c.authorized && c.activatedAt.IsZero() {
				p.pushCode(s, c)
			}
		}
		return nil
	})
}

// rewritten is what a proxy makes of an answer.
func rewritten(a Answer) Answer {
	return Answer{Status: http.StatusOK, ContentType: "text/html", Body: []byte("<html><body>" + http.StatusText(a.Status) + "</body></html>")}
}

// faultHappening is what a happening of the standing faults is called.
const faultHappening = "fault"

func (p *Platform) tellFault(s *suiteState, text string) {
	p.tell(Happening{Suite: s.Key, What: faultHappening, Text: text})
}

func (p *Platform) tellSwitch(s *suiteState, on bool, text string) {
	if on {
		p.tellFault(s, text)
		return
	}
	p.tell(Happening{Suite: s.Key, What: faultHappening, Text: "ended: " + text, Good: true})
}
