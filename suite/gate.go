package suite

import (
	"math/rand/v2"
	"time"
)

// gate stands before all work of a suite while no call of that suite can
// succeed: no valid ticket, a wrong secret, an address that is not on the
// whitelist. The work waits behind it without being counted as failed, and one
// probe asks DingTalk now and then instead of every corp.
type gate struct {
	failure Failure
	since   time.Time
	parked  map[workRef]struct{}
	asked   time.Time // when DingTalk's last refusal came, or whatever ended the last probe
	opened  time.Time // by a probe
}

// How often a closed gate is tried: often at first and whenever somebody looks,
// for whoever is at work on the cause wants to see within 5 s that it is gone,
// and otherwise slowly.
const (
	probeSoon      = 2500 * time.Millisecond
	probeSlow      = 30 * time.Second
	probeSlowAfter = 10 * time.Minute
	watchedFor     = 10 * time.Second // after a look
)

// gated tells the faults that concern every call of a suite.
func (f Fault) gated() bool {
	switch f {
	case FaultTicket, FaultAddress, FaultSecret, FaultSuiteKey:
		return true
	default:
		return false
	}
}

// closeGate keeps the suite's work back because of f, has it probed, and says
// when, and whether this is news. It is none where a probe has just opened the
// gate: a token is handed out then, and what it is for is refused.
func (s *schedule) closeGate(suite SuiteKey, f Failure) (due time.Time, news bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.gates[suite]
	if g == nil {
		g = &gate{since: f.At, asked: f.At, parked: map[workRef]struct{}{}}
		if t := s.tried[suite]; t != nil && t.failure.Alert == f.Alert && f.At.Sub(t.opened) < probeSlow {
			g.since, g.failure = t.since, t.failure
		}
		s.gates[suite] = g
	}
	due = f.At.Add(s.pause(g, f.At))
	news = g.failure.Alert != f.Alert
	if !news {
		f.At = g.failure.At // it is the same trouble since then
	}
	g.failure = f
	if ref := (workRef{Suite: suite, ID: probeID}); s.items[ref] == nil {
		s.put(ref, due)
	}
	s.signal()
	return due, news
}

// pause is the time until the next probe, spread so that several suites do not
// ask in step.
func (s *schedule) pause(g *gate, now time.Time) time.Duration {
	if now.Sub(g.since) > probeSlowAfter && now.Sub(s.looked) > watchedFor {
		return spread(probeSlow)
	}
	return spread(probeSoon)
}

func spread(d time.Duration) time.Duration { return d + rand.N(d/3) }

// watched notes that somebody looks at how things stand, and has what is due slowly
// tried sooner.
func (s *schedule) watched(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked = now
	for suite := range s.failed {
		s.retrySooner(suite, now)
	}
	for suite, g := range s.gates {
		ref := workRef{Suite: suite, ID: probeID}
		if it := s.items[ref]; it != nil && !it.running {
			s.put(ref, g.asked.Add(spread(probeSoon)))
			s.signal()
		}
	}
}

// openGate lets the suite's work go on.
func (s *schedule) openGate(suite SuiteKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.gates[suite]
	if g == nil {
		return
	}
	delete(s.gates, suite)
	for ref := range g.parked {
		delete(s.items, ref)
		s.put(ref, time.Now())
	}
	s.signal()
}

// tryGate opens the gate since a probe succeeded, which asks for nothing but a
// token.
func (s *schedule) tryGate(suite SuiteKey) {
	s.mu.Lock()
	if g := s.gates[suite]; g != nil {
		g.opened = time.Now()
		s.tried[suite] = g
	}
	s.mu.Unlock()
	s.openGate(suite)
}

// newCredentials notes that another secret came, which may be what the suite's
// work waited for.
func (s *schedule) newCredentials(suite SuiteKey) {
	s.note(suite)
	s.openGate(suite)
}

// newTicket notes that a ticket came. It cures the refusal of the one before; with
// a wrong secret or address the next call is refused as the last one was.
func (s *schedule) newTicket(suite SuiteKey) {
	s.note(suite)
	if f, closed := s.gateFailure(suite); closed && f.Alert == AlertTicketRejected {
		s.openGate(suite)
	}
}

func (s *schedule) note(suite SuiteKey) {
	s.mu.Lock()
	s.heard[suite]++
	s.mu.Unlock()
}

// credentials counts the tickets and secrets that came since the start: when the
// number has changed since a call was begun, the call may have been refused for
// those before.
func (s *schedule) credentials(suite SuiteKey) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard[suite]
}

// gateFailure tells why the suite's work is kept back, if it is.
func (s *schedule) gateFailure(suite SuiteKey) (Failure, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.gates[suite]
	if g == nil {
		return Failure{}, false
	}
	return g.failure, true
}
