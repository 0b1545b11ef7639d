package suite

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"time"
)

// What DingTalk thinks of our answers it does not say: it pushes again. An
// event that it pushes again and again although it was acknowledged shows that
// our answer did not reach it as we sent it; a ticket it gives up after so many
// wrong answers in a row.
const (
	answersWrongAfter = 3                // acknowledged repeats of one event, or URL checks in a row
	answersAlarmed    = time.Hour        // after the last repeat
	checksAlarmed     = 10 * time.Minute // after the last URL check
	ticketGivenUp     = 100              // wrong answers in a row
	ticketMaybeGiven  = 10               // and ticketSilence after the last
	ticketSilence     = 30 * time.Minute
	maxRepeated       = 16                     // events of a suite whose repeats are counted
	repeatPause       = 750 * time.Millisecond // DingTalk waits longer before it pushes again; copies on the way at once come sooner
)

// OwnCheck begins the Random of URL checks that suitekeeper itself sends. They
// are no sign that DingTalk dislikes the answers, however many come in a row.
const OwnCheck = "suitekeeper-"

// answers watches what DingTalk does after our answers. It is safe for
// concurrent use.
type answers struct {
	mu     sync.Mutex
	seed   maphash.Seed
	suites map[SuiteKey]*suiteAnswers
	saved  map[SuiteKey]answerRecord // as the store has them
}

// suiteAnswers is what is known of one suite; that of no suite has the
// rejections of pushes of which one cannot tell whose they are.
type suiteAnswers struct {
	answerRecord
	repeated []repeatedPush // the newest last
	judged   *repeatedPush  // the newest that was repeated too often, unless a new event was taken since
	checks   repeatedPush   // URL checks of the developer console in a row
}

// answerRecord is what is stored of it: the cure of wrong answers is often a
// restart, and DingTalk does not start again by itself.
type answerRecord struct {
	Refused  int       `json:"refused"`  // pushes since the last new ticket
	Repeated int       `json:"repeated"` // acknowledged pushes of a known ticket since then
	Failed   int       `json:"failed"`   // pushes of a ticket since then that could not be stored, or not in time
	At       time.Time `json:"at"`       // of the last of these
}

// wrong is how many answers were wrong, as DingTalk counts them: that before the
// first repeat was one.
func (r answerRecord) wrong() int { return r.Refused + r.Failed + r.Repeated + min(r.Repeated, 1) }

// repeatedPush is a push that came again although it was acknowledged.
type repeatedPush struct {
	hash  uint64
	kind  string    // EventType
	times int       // so often again; of URL checks, so often
	at    time.Time // when it was acknowledged last
}

func newAnswers() *answers {
	return &answers{seed: maphash.MakeSeed(), suites: map[SuiteKey]*suiteAnswers{}, saved: map[SuiteKey]answerRecord{}}
}

func (a *answers) of(suite SuiteKey) *suiteAnswers {
	s := a.suites[suite]
	if s == nil {
		s = &suiteAnswers{}
		a.suites[suite] = s
	}
	return s
}

// refused notes that a push was refused at the door.
func (a *answers) refused(suite SuiteKey, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.of(suite)
	s.Refused, s.At = s.Refused+1, at
}

// failed notes that a push is about to be answered with 503. DingTalk counts
// that as a wrong answer, too.
func (a *answers) failed(p Push, msg message) {
	if !msg.bringsTicket() {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.of(p.Suite)
	s.Failed, s.At = s.Failed+1, p.ReceivedAt
}

func (m message) bringsTicket() bool {
	return slices.ContainsFunc(m.Events, func(in incoming) bool { return in.Kind == kindTicket })
}

// acknowledged notes that a push is about to be answered with success. Known
// tells that all its events were known.
func (a *answers) acknowledged(p Push, msg message, known bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.of(p.Suite)
	ticket := msg.bringsTicket()
	switch {
	case len(msg.Events) == 1 && msg.Events[0].Kind == kindURLCheck:
		// Without a Random it is always the same text.
		if random := msg.Events[0].Random; random != "" && !strings.HasPrefix(random, OwnCheck) {
			s.check(repeatedPush{kind: msg.Type, at: p.ReceivedAt})
		}
	case known:
		s.again(repeatedPush{hash: maphash.Bytes(a.seed, p.Text), kind: msg.Type, at: time.Now().UTC()}, p.ReceivedAt, ticket)
	default:
		s.judged, s.checks = nil, repeatedPush{}
		if ticket {
			s.answerRecord = answerRecord{}
			a.of("").answerRecord = answerRecord{}
		}
	}
}

// check counts URL checks: somebody presses the button of the developer console
// again, because DingTalk does not like our answer.
func (s *suiteAnswers) check(push repeatedPush) {
	if push.at.Sub(s.checks.at) < checksAlarmed {
		push.times = s.checks.times
	}
	push.times++
	s.checks = push
}

// again counts a repeat that came at that time. One that came before its
// predecessor was answered says nothing about the answer. One of a ticket that
// was given up shows that somebody pressed re-push, and all begins anew.
func (s *suiteAnswers) again(push repeatedPush, came time.Time, ticket bool) {
	i := slices.IndexFunc(s.repeated, func(r repeatedPush) bool { return r.hash == push.hash })
	if i >= 0 && came.Before(s.repeated[i].at) {
		return
	}
	if ticket {
		if s.wrong() >= ticketGivenUp {
			s.answerRecord, s.repeated, s.judged = answerRecord{}, nil, nil
			return
		}
		s.Repeated, s.At = s.Repeated+1, push.at
	}
	if i >= 0 && came.Before(s.repeated[i].at.Add(repeatPause)) {
		return
	}
	if i >= 0 {
		push.times = s.repeated[i].times
		s.repeated = slices.Delete(s.repeated, i, i+1)
	} else if len(s.repeated) == maxRepeated {
		s.repeated = slices.Delete(s.repeated, 0, 1)
	}
	push.times++
	s.repeated = append(s.repeated, push)
	if push.times >= answersWrongAfter {
		s.judged = &push
	}
}

// notAccepted tells which push DingTalk repeats although it was acknowledged.
func (a *answers) notAccepted(suite SuiteKey, now time.Time) (push repeatedPush, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.of(suite)
	switch {
	case s.judged != nil && now.Sub(s.judged.at) < answersAlarmed:
		return *s.judged, true
	case s.checks.times >= answersWrongAfter && now.Sub(s.checks.at) < checksAlarmed:
		return s.checks, true
	default:
		return repeatedPush{}, false
	}
}

// givenUp tells after how many wrong answers DingTalk seems to have stopped
// pushing tickets. Refused pushes alone say so only where a ticket is missed:
// anybody can send some.
func (a *answers) givenUp(suite SuiteKey, ticket TicketState, now time.Time) (wrong answerRecord, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	wrong = a.of(suite).answerRecord
	if wrong.wrong()-wrong.Refused >= ticketGivenUp {
		return wrong, true
	}
	unknown := a.of("").answerRecord
	wrong.Refused += unknown.Refused
	wrong.At = laterOf(wrong.At, unknown.At)
	n := wrong.wrong()
	silent := now.Sub(wrong.At) >= ticketSilence
	return wrong, ticket != TicketFresh && (n >= ticketGivenUp || (n >= ticketMaybeGiven && silent))
}
