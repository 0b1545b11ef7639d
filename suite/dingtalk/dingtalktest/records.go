package dingtalktest

import (
	"fmt"
	"strings"
	"time"
)

// Push is one attempt to push an event, or one URL check.
type Push struct {
	ID      int64  // of what was pushed: the same in each of its attempts
	Attempt int    // from 1
	Suite   string // suite key
	Corp    string // the corp concerned, where there is one
	Event   string // EventType, or the syncAction of a single row
	Message []byte // the plain JSON, with its secrets
	At      time.Time
	Took    time.Duration
	Status  int    // HTTP status of the answer; 0 when there was none
	OK      bool   // the answer was the encrypted success
	Code    int    // how DingTalk's console would put it when not OK: 71009, 71011, 71012
	Reason  string // why not OK
}

// Call is one call of the API.
type Call struct {
	Endpoint Endpoint
	Suite    string // as far as the call got to say
	Corp     string
	Code     string // "0", an errcode ("88/90018" with a sub_code) or api's code; empty when it took no effect
	Spoilt   Spoil  // how the answer was spoilt
	From     string // the caller's address
	At       time.Time
	Took     time.Duration
}

// Counts count since the beginning, beyond what the records keep.
type Counts struct {
	Pushes   int // attempts
	Accepted int // attempts answered rightly
	Refused  int // attempts answered wrongly or not at all
	GivenUp  int // events, rows and tickets that are not pushed any more without having been accepted
	Calls    int
	Queued   int // what is to be pushed, now or later, or is being pushed
}

// Happening is one line of what happens.
type Happening struct {
	At    time.Time
	Suite string
	Corp  string
	What  string // the event or the endpoint
	Text  string // what became of it, without secrets
	Good  bool
}

// record keeps at least the last keep entries.
type record[T any] struct {
	keep    int
	entries []T
}

func (r *record[T]) add(v T) {
	if len(r.entries) >= 2*r.keep {
		r.entries = append([]T(nil), r.entries[r.keep:]...)
	}
	r.entries = append(r.entries, v)
}

// last returns a copy of the last n entries, oldest first; all when n is
// negative.
func (r *record[T]) last(n int) []T {
	from := 0
	if n >= 0 && n < len(r.entries) {
		from = len(r.entries) - n
	}
	return append([]T(nil), r.entries[from:]...)
}

// Pushes returns the attempts on record, oldest first.
func (p *Platform) Pushes() []Push {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pushes.last(-1)
}

// Calls returns the calls on record, oldest first.
func (p *Platform) Calls() []Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls.last(-1)
}

// Counts returns how much happened.
func (p *Platform) Counts() Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.counts
	c.Queued = len(p.queue) + p.started
	return c
}

func (p *Platform) recordPush(push Push) {
	p.pushes.add(push)
	p.counts.Pushes++
	took := push.Took.Round(time.Millisecond)
	var text strings.Builder
	if push.OK {
		p.counts.Accepted++
		fmt.Fprintf(&text, "pushed and accepted in %s", took)
	} else {
		p.counts.Refused++
		fmt.Fprintf(&text, "pushed, answer wrong after %s: %s", took, push.Reason)
	}
	if push.Attempt > 1 {
		fmt.Fprintf(&text, " (attempt %d)", push.Attempt)
	}
	p.tell(Happening{Suite: push.Suite, Corp: push.Corp, What: push.Event, Text: text.String(), Good: push.OK})
}

func (p *Platform) recordCall(c *apiCall, start time.Time, done bool, refused *refusal, f Fault) {
	entry := Call{
		Endpoint: c.endpoint, Corp: c.corp, Spoilt: f.Spoil, From: c.from,
		At: start, Took: time.Since(start),
	}
	if c.suite != nil {
		entry.Suite = c.suite.Key
	}
	if done {
		entry.Code = refused.shown(strings.HasPrefix(c.path, "/v1.0/"))
	}
	p.change(func() {
		p.calls.add(entry)
		p.counts.Calls++
		p.tell(Happening{Suite: entry.Suite, Corp: entry.Corp, What: string(entry.Endpoint),
			Text: entry.text(refused), Good: entry.Code == "0" && entry.Spoilt == Intact})
	})
}

// text says what became of a call.
func (c Call) text(refused *refusal) string {
	var text string
	switch {
	case c.Code == "":
		text = "not done"
	case refused != nil:
		text = "refused with " + c.Code + ": " + refused.errmsg
	default:
		text = "done"
	}
	if c.Spoilt != Intact {
		text += ", answer " + string(c.Spoilt)
	}
	return text
}

// tell notes a happening, to be told when the lock is free.
func (p *Platform) tell(h Happening) {
	if p.o.OnHappening == nil {
		return
	}
	h.At = time.Now()
	p.told = append(p.told, h)
}
