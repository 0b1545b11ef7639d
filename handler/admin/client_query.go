package admin

import (
	"net/url"
	"strconv"
	"time"
)

// AuthorizationsQuery says which authorisations of a suite to list. Empty
// fields do not filter.
type AuthorizationsQuery struct {
	Status string
	Search string // the beginning of a corp id, or a part of a corp's name
	Limit  int    // at most so many; 0: 50
	Cursor string // where an earlier list ended
}

// EventsQuery says which events to list. Empty fields do not filter.
type EventsQuery struct {
	SuiteKey  string
	Type      string
	CorpID    string
	Outcome   string
	Since     string // received then or later: a time of RFC 3339, or how long ago, as 90m, 2h or 7d
	Ascending bool   // the oldest first
	After     string // with Ascending: only events stored after the one with this id
	Limit     int    // at most so many; 0: 50
	Cursor    string // where an earlier list ended
}

// ListQuery says which part to list of what takes no filters.
type ListQuery struct {
	Limit  int    // at most so many; 0: 50
	Cursor string // where an earlier list ended
}

// maxLimit is how many entries of a list can be asked for at once.
const maxLimit = 500

func (q ListQuery) values() url.Values { return pageValues(q.Limit, q.Cursor) }

func (q AuthorizationsQuery) values() url.Values {
	v := pageValues(q.Limit, q.Cursor)
	setValue(v, "status", q.Status)
	setValue(v, "search", q.Search)
	return v
}

func (q EventsQuery) values() url.Values {
	v := pageValues(q.Limit, q.Cursor)
	setValue(v, "suite_key", q.SuiteKey)
	setValue(v, "type", q.Type)
	setValue(v, "corp_id", q.CorpID)
	setValue(v, "outcome", q.Outcome)
	setValue(v, "since", q.Since)
	setValue(v, "after", q.After)
	if q.Ascending {
		v.Set("order", "asc")
	}
	return v
}

func (q EventsQuery) waiting(wait time.Duration) url.Values {
	v := q.values()
	v.Set("order", "asc")
	v.Set("wait", wait.String())
	return v
}

func pageValues(limit int, cursor string) url.Values {
	v := url.Values{}
	if limit != 0 {
		v.Set("limit", strconv.Itoa(limit))
	}
	setValue(v, "cursor", cursor)
	return v
}

func setValue(v url.Values, name, value string) {
	if value != "" {
		v.Set(name, value)
	}
}
