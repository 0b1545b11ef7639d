package suite

import (
	"bytes"
	"iter"

	"suitekeeper/store"
)

// maxRanges is how many ranges of an index one answer puts together. Suites
// and types of events are few.
const maxRanges = 256

// eventFound is an event that a search came by.
type eventFound struct {
	id     EventID
	record *eventRecord // nil if its index entry tells that it is not wanted, or it is gone
}

func (e eventFound) cost() int {
	if e.record == nil {
		return costOfEntry
	}
	return costOfEvent
}

// candidates yields the events that may be wanted in the order of the list:
// from an index as far as that goes, and the others, which are new, from the
// events themselves.
func (s eventSearch) candidates(r store.Reader) iter.Seq2[eventFound, error] {
	return func(yield func(eventFound, error) bool) {
		ranges, err := s.ranges(r)
		if err != nil {
			yield(eventFound{}, err)
			return
		}
		if ranges == nil {
			s.scan(r, s.from, s.to, yield)
			return
		}
		done, err := indexed(r)
		if err != nil {
			yield(eventFound{}, err)
			return
		}
		end := successor(done[:])
		inIndex := func() bool { return s.merge(r, ranges, s.from, minKey(s.to, end), yield) }
		behind := func() bool { return s.scan(r, maxKey(s.from, end), s.to, yield) }
		if s.Ascending {
			_ = inIndex() && behind()
		} else {
			_ = behind() && inIndex()
		}
	}
}

// scan yields events from the events themselves. It returns false when that is
// enough.
func (s eventSearch) scan(r store.Reader, from, to []byte, yield func(eventFound, error) bool) bool {
	for e, err := range events.Scan(r, from, to, !s.Ascending) {
		found := eventFound{record: &e.Value}
		copy(found.id[:], e.Key) // which is there although the event cannot be read
		if !yield(found, err) || err != nil {
			return false
		}
	}
	return true
}

// indexRange is the part of an index with one suite, type or corp.
type indexRange struct {
	in     store.Collection[eventMark]
	prefix store.Key // what stands before the event id
}

// ranges are the parts of the index that is the most selective for the query;
// nil if the events themselves are to be read.
func (s eventSearch) ranges(r store.Reader) ([]indexRange, error) {
	switch {
	case s.Corp != "":
		return s.everySuite(r, eventsByCorp, func(suite store.Key) store.Key { return suite.Text(string(s.Corp)) })
	case s.Outcome == OutcomeQuarantined:
		return s.everySuite(r, eventsOdd, func(suite store.Key) store.Key { return suite })
	case s.Type != "":
		return s.everySuite(r, eventsByType, func(suite store.Key) store.Key { return suite.Text(s.Type) })
	case s.Suite != "":
		types, err := nextParts(r, eventsByType, suiteID(s.Suite))
		return rangesOf(eventsByType, types, func(t store.Key) store.Key { return t }), err
	default:
		return nil, nil
	}
}

// everySuite returns the ranges of the suite that the query names, or of each.
func (s eventSearch) everySuite(r store.Reader, in store.Collection[eventMark], of func(suite store.Key) store.Key) ([]indexRange, error) {
	suites := []store.Key{suiteID(s.Suite)}
	if s.Suite == "" {
		var err error
		if suites, err = nextParts(r, in, nil); err != nil {
			return nil, err
		}
	}
	return rangesOf(in, suites, of), nil
}

// rangesOf returns nil when there are too many, and no nil when there are none.
func rangesOf(in store.Collection[eventMark], prefixes []store.Key, of func(store.Key) store.Key) []indexRange {
	if len(prefixes) > maxRanges {
		return nil
	}
	list := make([]indexRange, 0, len(prefixes))
	for _, p := range prefixes {
		list = append(list, indexRange{in, of(p)})
	}
	return list
}

// nextParts returns the different prefixes that are one part longer, but not
// many more than maxRanges. It seeks from one to the next.
func nextParts(r store.Reader, in store.Collection[eventMark], prefix store.Key) ([]store.Key, error) {
	var list []store.Key
	from, end := []byte(prefix), prefix.PrefixEnd()
	for len(list) <= maxRanges {
		var next store.Key
		for e, err := range in.Scan(r, from, end, false) {
			if err != nil {
				return nil, err
			}
			part := bytes.IndexByte(e.Key[len(prefix):], 0) // which ends a part and stands in none
			next = e.Key[:len(prefix)+part+1]
			break
		}
		if next == nil {
			break
		}
		list = append(list, next)
		from = next.PrefixEnd()
	}
	return list, nil
}

func minKey(a, b []byte) []byte {
	if a == nil || bytes.Compare(b, a) < 0 {
		return b
	}
	return a
}
