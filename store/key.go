package store

import (
	"encoding/binary"
	"slices"
	"time"
)

// Key is a key made of parts, for instance
//
//	store.Key{}.Text(suite).Text(corp).Time(at)
//
// Keys that are built by the same steps sort as their parts do, the first part
// first, and are equal only when all their parts are. The key of the first
// parts is a prefix of the keys that continue it, and of no others, so that
// from k to k.PrefixEnd() lies exactly what belongs to k.
//
// Each method returns a new key and leaves its receiver alone.
type Key []byte

// Text appends a part that sorts bytewise. It may hold any bytes.
func (k Key) Text(s string) Key { return appendPart(k, s) }

// Bytes appends a part that sorts bytewise, encoded as Text does.
func (k Key) Bytes(b []byte) Key { return appendPart(k, b) }

// A part ends with 0x00. So that this byte cannot stand inside it, 0x00 and
// 0x01 are written as 0x01 0x01 and 0x01 0x02; what else there is sorts behind
// both, and ordinary text is written as it is.
const (
	endOfPart = 0x00
	escape    = 0x01
)

func appendPart[S string | []byte](k Key, part S) Key {
	key := k.cloneFor(len(part) + 1)
	for i := range len(part) {
		if b := part[i]; b <= escape {
			key = append(key, escape, b+1)
		} else {
			key = append(key, b)
		}
	}
	return append(key, endOfPart)
}

// Time appends a moment, to the nanosecond and without its zone. Parts sort by
// time, years before 1970 included.
func (k Key) Time(t time.Time) Key {
	key := k.cloneFor(12)
	// Flipping the sign bit makes negative seconds sort before positive ones.
	key = binary.BigEndian.AppendUint64(key, uint64(t.Unix())^1<<63)
	return binary.BigEndian.AppendUint32(key, uint32(t.Nanosecond()))
}

// PrefixEnd returns the first key behind all that begin with k, or nil when
// there is none.
func (k Key) PrefixEnd() []byte {
	for i := len(k) - 1; i >= 0; i-- {
		if k[i] < 0xff {
			end := slices.Clone(k[:i+1])
			end[i]++
			return end
		}
	}
	return nil
}

// cloneFor returns a copy of k with room for n more bytes.
func (k Key) cloneFor(n int) Key { return append(make(Key, 0, len(k)+n), k...) }
