package suite

import (
	"bytes"
	"errors"
	"iter"
	"slices"

	"suitekeeper/store"
)

// merge yields the events of the ranges, put in order. It returns false when
// that is enough.
func (s eventSearch) merge(r store.Reader, ranges []indexRange, from, to []byte, yield func(eventFound, error) bool) bool {
	var heads []*rangeHead
	defer func() {
		for _, h := range heads {
			h.stop()
		}
	}()
	for _, in := range ranges {
		h := newRangeHead(r, in, from, to, !s.Ascending)
		heads = append(heads, h)
		h.advance()
	}
	for {
		heads = slices.DeleteFunc(heads, func(h *rangeHead) bool { return h.ended })
		if len(heads) == 0 {
			return true
		}
		h := slices.MinFunc(heads, s.compare)
		found, err := s.look(r, h)
		if !yield(found, err) || err != nil {
			return false
		}
		h.advance()
	}
}

// compare orders ranges by the event that each is at.
func (s eventSearch) compare(a, b *rangeHead) int {
	if s.Ascending {
		return bytes.Compare(a.id[:], b.id[:])
	}
	return bytes.Compare(b.id[:], a.id[:])
}

// look reads the event that a range is at, unless the index tells that it is
// not wanted. An entry whose event is gone is passed over.
func (s eventSearch) look(r store.Reader, h *rangeHead) (eventFound, error) {
	found := eventFound{id: h.id}
	if h.err != nil || s.Outcome != "" && h.mark.Outcome != s.Outcome || s.Type != "" && h.mark.Type != "" && h.mark.Type != s.Type {
		return found, h.err
	}
	e, err := events.Get(r, h.id[:])
	if errors.Is(err, store.ErrNotFound) {
		return found, nil
	}
	found.record = &e
	return found, err
}

// rangeHead goes through one range of an index.
type rangeHead struct {
	prefix int // length
	next   func() (store.Entry[eventMark], error, bool)
	stop   func()

	id    EventID // where it is
	mark  eventMark
	err   error
	ended bool
}

func newRangeHead(r store.Reader, in indexRange, from, to []byte, descending bool) *rangeHead {
	end := in.prefix.PrefixEnd()
	if to != nil {
		end = join(in.prefix, to)
	}
	h := &rangeHead{prefix: len(in.prefix)}
	h.next, h.stop = iter.Pull2(in.in.Scan(r, join(in.prefix, from), end, descending))
	return h
}

var errIndexKey = errors.New("an entry of an index has no event id")

// advance goes to the next entry.
func (h *rangeHead) advance() {
	e, err, ok := h.next()
	switch {
	case !ok:
		h.stop()
		h.ended = true
	case err != nil:
		h.err = err
	case len(e.Key) != h.prefix+len(h.id):
		h.err = errIndexKey
	default:
		h.id, h.mark = EventID(e.Key[h.prefix:]), e.Value
	}
}

func join(prefix store.Key, rest []byte) []byte { return append(bytes.Clone(prefix), rest...) }
