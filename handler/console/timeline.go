package console

import (
	"fmt"
	"slices"
	"time"

	"suitekeeper/suite"
)

// step is one thing that happened to an authorisation: an entry of its history,
// which may be a call of DingTalk's API, or an event that left none.
type step struct {
	At       time.Time
	What     string       // of the history; empty: only the event came
	From, To suite.Status // when the state changed
	Detail   suite.Phrase
	Event    *suite.EventID
	Type     string // of the event
	Outcome  suite.Outcome
	Repeats  int
	Scopes   []scopeRow
	Call     *suite.Call
	Meaning  suite.Text // of the code with which DingTalk refused the call
	Cure     suite.Text // for that code
}

// timeline puts history and events together, the newest first.
func timeline(history []suite.HistoryEntry, events []suite.Event) []step {
	types := map[suite.EventID]string{}
	for _, e := range events {
		types[e.ID] = e.Type
	}
	told := map[suite.EventID]bool{}
	var steps []step
	for _, h := range history {
		s := step{At: h.At, What: h.What, From: h.From, To: h.To, Detail: detailOf(h), Event: h.Event, Scopes: scopeRows(h.Scopes), Call: h.Call}
		if h.Call != nil {
			s.Meaning, s.Cure = h.Call.Explain()
		}
		if h.Event != nil {
			told[*h.Event], s.Type = true, types[*h.Event]
		}
		steps = append(steps, s)
	}
	for _, e := range events {
		if !told[e.ID] {
			steps = append(steps, step{
				At: e.ReceivedAt, Event: &e.ID, Type: e.Type, Outcome: e.Outcome, Repeats: e.Duplicates, Detail: e.Reason,
			})
		}
	}
	slices.Reverse(steps) // what happened in one moment happened in this order
	slices.SortStableFunc(steps, func(a, b step) int { return b.At.Compare(a.At) })
	return steps
}

// detailOf is what an entry says beyond its name: the words of DingTalk where
// something failed.
func detailOf(h suite.HistoryEntry) suite.Phrase {
	switch h.What {
	case "failed", "retry":
		return h.Detail
	case "authorized", "granted", "activated", "relieved", "stopped", "restored", "seen", "exchanged", "scope_changed", "reauth_corp":
		return "" // the name says it all, in the reader's language
	default:
		return h.Detail
	}
}

// scopeRow is what changed in one part of a scope.
type scopeRow struct {
	Part           string // a message below scope
	Added, Removed []string
}

func scopeRows(c *suite.ScopeChange) []scopeRow {
	if c == nil {
		return nil
	}
	var rows []scopeRow
	add := func(part string, was, is []string) {
		r := scopeRow{Part: part, Added: without(is, was), Removed: without(was, is)}
		if len(r.Added)+len(r.Removed) > 0 {
			rows = append(rows, r)
		}
	}
	add("departments", texts(c.Was.Departments), texts(c.Is.Departments))
	add("users", c.Was.Users, c.Is.Users)
	add("user_fields", c.Was.UserFields, c.Is.UserFields)
	add("condition_fields", c.Was.ConditionFields, c.Is.ConditionFields)
	return rows
}

// without is what is in list and not in other.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}

func texts(numbers []int64) []string {
	list := make([]string, 0, len(numbers))
	for _, n := range numbers {
		list = append(list, fmt.Sprint(n))
	}
	return list
}
