package suite

import (
	"bytes"
	"context"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"

	"suitekeeper/store"
)

// EventID names a stored event: a UUID of version 7. Ids grow in the order in
// which events are stored, even when the clock is set back, so a reader that
// has seen one id has missed none before it.
type EventID uuid.UUID

// String returns the usual form with hyphens.
func (id EventID) String() string { return uuid.UUID(id).String() }

// MarshalText writes the form of String.
func (id EventID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

// UnmarshalText reads the form of String.
func (id *EventID) UnmarshalText(text []byte) error { return (*uuid.UUID)(id).UnmarshalText(text) }

// idSource makes event ids. It is safe for concurrent use; ids are in the
// order of commits as long as the engine runs its updates one after another.
type idSource struct {
	mu   sync.Mutex
	last EventID
}

// load has s take up where a collection with ids for keys ends.
func load[T any](ctx context.Context, e store.Engine, c store.Collection[T], s *idSource) error {
	return e.View(ctx, func(r store.Reader) error {
		for newest, err := range c.Scan(r, nil, nil, true) {
			if err != nil {
				return err
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			copy(s.last[:], newest.Key)
			break
		}
		return nil
	})
}

// newest is the id that was given out last.
func (s *idSource) newest() EventID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// The random bits behind the variant in the second half of a UUID.
const idTailBits = 62

// next returns an id above all that it returned, or was told of, before. An id
// is no secret, so quick randomness will do.
func (s *idSource) next(now time.Time) EventID {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := firstIDAt(now)
	binary.BigEndian.PutUint64(id[8:], rand.Uint64())
	id[6] |= byte(rand.Uint32() & 0x0f)
	id[7] = byte(rand.Uint32())
	id[8] = id[8]&0x3f | 0x80
	if bytes.Compare(id[:], s.last[:]) <= 0 {
		id = s.last.above()
	}
	s.last = id
	return id
}

// above returns an id a little above this one, of the same millisecond unless
// its random bits are used up.
func (id EventID) above() EventID {
	tail := binary.BigEndian.Uint64(id[8:])&(1<<idTailBits-1) + 1 + uint64(rand.Uint32())
	if tail >= 1<<idTailBits {
		return firstIDAt(id.time().Add(time.Millisecond))
	}
	binary.BigEndian.PutUint64(id[8:], 1<<63|tail)
	return id
}

// after returns the lowest id above this one. It may be none that is given out.
func (id EventID) after() EventID {
	for i := len(id) - 1; i >= 0; i-- {
		if id[i]++; id[i] != 0 {
			break
		}
	}
	return id
}

// time is the millisecond that the id leads with.
func (id EventID) time() time.Time {
	ms := uint64(binary.BigEndian.Uint16(id[0:]))<<32 | uint64(binary.BigEndian.Uint32(id[2:]))
	return time.UnixMilli(int64(ms))
}

// firstIDAt is the lowest id that an event of that moment can have.
func firstIDAt(at time.Time) EventID {
	var id EventID
	ms := uint64(max(at.UnixMilli(), 0))
	binary.BigEndian.PutUint16(id[0:], uint16(ms>>32))
	binary.BigEndian.PutUint32(id[2:], uint32(ms))
	id[6], id[8] = 0x70, 0x80
	return id
}
