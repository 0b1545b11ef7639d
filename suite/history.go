package suite

import (
	"slices"
	"time"
)

// maxHistory is how many entries an authorisation's history keeps.
const maxHistory = 100

// HistoryEntry is one thing that happened to an authorisation, or a call that
// was made for it.
type HistoryEntry struct {
	At     time.Time `json:"at"`
	Event  *EventID  `json:"event,omitempty"` // the event that caused it, if one did
	What   string    `json:"what"`            // of a call its name in DingTalk's words, as "get_permanent_code"
	From   Status    `json:"from,omitempty"`
	To     Status    `json:"to,omitempty"`
	Detail Phrase    `json:"detail,omitempty"`

	Scopes *ScopeChange `json:"scopes,omitempty"` // of a scope_changed: what changed, for whoever wants to compare
	Call   *Call        `json:"call,omitempty"`   // of a call of DingTalk's API: how it went
}

// ScopeChange is a scope as it was and as it became.
type ScopeChange struct {
	Was Scope `json:"was"`
	Is  Scope `json:"is"`
}

// Call tells how a call of DingTalk's API went. Tries that end in the same way
// while nothing else happens are one entry, of the time of the first. It holds
// no secrets.
type Call struct {
	Code    string        `json:"code,omitempty"`    // DingTalk's errcode or code
	Message Phrase        `json:"message,omitempty"` // DingTalk's words, or what went wrong on the way; of the last try
	Took    time.Duration `json:"took"`              // the last try, to the millisecond
	Repeats int           `json:"repeats,omitempty"` // tries after the first
	LastAt  time.Time     `json:"last_at,omitzero"`  // with Repeats: when the last was begun
}

// CallOutcome is how a call ended.
type CallOutcome string

// The outcomes of calls.
const (
	CallSucceeded  CallOutcome = "ok"
	CallRefused    CallOutcome = "refused"    // by DingTalk, with a code
	CallUnanswered CallOutcome = "unanswered" // or not answered so that it could be used
)

// Outcome tells how the call ended.
func (c *Call) Outcome() CallOutcome {
	switch {
	case c.Code != "":
		return CallRefused
	case c.Message != "":
		return CallUnanswered
	default:
		return CallSucceeded
	}
}

// Explain tells what DingTalk's code means and what can be done about it. Both
// are empty where there is no code, and the meaning of a code that we do not know.
func (c *Call) Explain() (meaning, cure Text) {
	if c.Code == "" {
		return Text{}, Text{}
	}
	if e, ok := ExplainCode(c.Code); ok {
		return e.Meaning, e.Cure
	}
	_, cure = entryOf(AlertPlatformRefused).Fill(Values{Code: c.Code})
	return Text{}, cure
}

// note writes an entry into the history.
func (r *authRecord) note(e HistoryEntry) { r.History = appendEntry(r.History, e) }

// appendEntry adds an entry to a history or, if it is another try of a call,
// counts it where the one before is: the calls of a step that is tried again
// and again take their turns, but there are only so many of them. It changes
// nothing that an entry points to.
func appendEntry(history []HistoryEntry, e HistoryEntry) []HistoryEntry {
	for i := len(history) - 1; e.Call != nil && i >= 0 && history[i].Call != nil; i-- {
		if before := &history[i]; before.What == e.What && before.Call.Code == e.Call.Code && before.Call.Outcome() == e.Call.Outcome() {
			before.Call = before.Call.with(e)
			return history
		}
	}
	if len(history) >= maxHistory {
		i := leastOf(history)
		history = slices.Delete(history, i, i+1)
	}
	return append(history, e)
}

// with counts a try, or several, that ended in the same way.
func (c *Call) with(e HistoryEntry) *Call {
	sum := *e.Call
	sum.Repeats += c.Repeats + 1
	sum.LastAt = laterOf(e.At, e.Call.LastAt)
	return &sum
}

// leastOf is the entry that can be spared: the oldest, but of calls where they
// are more than half, so that they do not push out what they led to.
func leastOf(history []HistoryEntry) int {
	isCall := func(e HistoryEntry) bool { return e.Call != nil }
	calls := 0
	for _, e := range history {
		if isCall(e) {
			calls++
		}
	}
	if calls > len(history)/2 {
		return slices.IndexFunc(history, isCall)
	}
	return 0
}
