package suite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// eventCodec writes events: fixed fields first, then texts with their lengths,
// then the payload as it came. Events are what most bytes of a store are, and
// writing them is on the way of every push; JSON would cost three times the
// time and a third more space.
type eventCodec struct{}

// The first byte of a stored event says which form it has.
const eventForm = 1

// noTime stands for the zero time, which has no milliseconds since 1970.
const noTime = math.MinInt64

var errEventShort = errors.New("stored event is cut short")

func (eventCodec) Encode(e eventRecord) ([]byte, error) {
	texts := e.texts()
	b := make([]byte, 0, 64+len(e.Payload)+len(e.Suite)+len(e.Type)+len(e.Corp)+len(e.Reason))
	b = append(b, eventForm)
	b = append(b, e.ID[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(e.ReceivedAt.UnixNano()))
	issued := int64(noTime)
	if !e.IssuedAt.IsZero() {
		issued = e.IssuedAt.UnixMilli()
	}
	b = binary.BigEndian.AppendUint64(b, uint64(issued))
	b = binary.AppendUvarint(b, uint64(e.Duplicates))
	for _, t := range texts {
		b = binary.AppendUvarint(b, uint64(len(*t)))
		b = append(b, *t...)
	}
	return append(b, e.Payload...), nil
}

// texts are the texts of an event in the order in which they are stored.
func (e *eventRecord) texts() [6]*string {
	return [6]*string{(*string)(&e.Suite), &e.Type, (*string)(&e.Corp), (*string)(&e.Source), (*string)(&e.Outcome), (*string)(&e.Reason)}
}

func (eventCodec) Decode(data []byte) (e eventRecord, err error) {
	const fixed = 1 + len(EventID{}) + 8 + 8
	if len(data) < fixed {
		return e, errEventShort
	}
	if data[0] != eventForm {
		return e, fmt.Errorf("stored event has form %d, want %d", data[0], eventForm)
	}
	copy(e.ID[:], data[1:])
	e.ReceivedAt = time.Unix(0, int64(binary.BigEndian.Uint64(data[17:]))).UTC()
	if issued := int64(binary.BigEndian.Uint64(data[25:])); issued != noTime {
		e.IssuedAt = time.UnixMilli(issued).UTC()
	}
	duplicates, data, ok := cutUvarint(data[fixed:])
	if !ok {
		return e, errEventShort
	}
	e.Duplicates = int(duplicates)
	for _, t := range e.texts() {
		var n uint64
		if n, data, ok = cutUvarint(data); !ok || n > uint64(len(data)) {
			return e, errEventShort
		}
		*t, data = string(data[:n]), data[n:]
	}
	e.Payload = append([]byte(nil), data...)
	return e, nil
}

func cutUvarint(data []byte) (v uint64, rest []byte, ok bool) {
	v, n := binary.Uvarint(data)
	if n <= 0 {
		return 0, nil, false
	}
	return v, data[n:], true
}
