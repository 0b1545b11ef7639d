package suite

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestEventIDsGrowThoughTheClockIsSetBack(t *testing.T) {
	var s idSource
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	last := EventID{}
	for i, step := range []time.Duration{0, 0, 0, time.Millisecond, -time.Hour, -time.Hour, time.Second, 0, 48 * time.Hour, 0} {
		now = now.Add(step)
		for range 1000 {
			id := s.next(now)
			if bytes.Compare(id[:], last[:]) <= 0 {
				t.Fatalf("step %d: %s is not above %s", i, id, last)
			}
			if u := uuid.UUID(id); u.Version() != 7 || u.Variant() != uuid.RFC4122 {
				t.Fatalf("%s has version %d and variant %s, want 7 and RFC 4122", id, u.Version(), u.Variant())
			}
			last = id
		}
	}
	if got := last.time(); !got.Equal(now) {
		t.Errorf("the last id leads with %v, want %v", got, now)
	}
}

func TestEventIDBehindFullTailIsOfTheNextMillisecond(t *testing.T) {
	full := firstIDAt(time.UnixMilli(1000))
	for i := 9; i < 16; i++ {
		full[i] = 0xff
	}
	full[8] = 0xbf
	if got := full.above(); bytes.Compare(got[:], full[:]) <= 0 || !got.time().Equal(time.UnixMilli(1001)) {
		t.Errorf("above %s is %s, want a higher one of the next millisecond", full, got)
	}
}
