package boltstore

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
)

// changes holds the new value of each key, nil for a deleted one.
type changes map[string][]byte

// layer is changes on top of the data file that are not in it yet.
type layer struct {
	changes changes
	bytes   int // of the keys and values, of those too that were changed again
}

// add puts changes on top of those there are.
func (l *layer) add(c changes, bytes int) {
	if l.changes == nil {
		l.changes = changes{}
	}
	maps.Copy(l.changes, c)
	l.bytes += bytes
}

func (l layer) empty() bool { return len(l.changes) == 0 }

// between returns the keys with from <= key < to in order; a nil to means up to
// the end.
func (c changes) between(from, to []byte) []string {
	var keys []string
	for key := range c {
		if key >= string(from) && (to == nil || key < string(to)) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// sorted returns all keys in order.
func (c changes) sorted() []string { return slices.Sorted(maps.Keys(c)) }

// appendChange appends a change as changes.read reads it: the length of the key
// and the key; 0 for a deleted one, or the length of the value plus 1 and the
// value.
func appendChange(b []byte, key string, value []byte) []byte {
	b = append(binary.AppendUvarint(b, uint64(len(key))), key...)
	if value == nil {
		return binary.AppendUvarint(b, 0)
	}
	return append(binary.AppendUvarint(b, uint64(len(value))+1), value...)
}

var errContent = errors.New("its content makes no sense")

// read makes the changes of an entry on top of those there are. It keeps parts
// of b.
func (c changes) read(b []byte) error {
	for len(b) > 0 {
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return errContent
		}
		key := string(b[n : n+int(size)])
		b = b[n+int(size):]
		size, n = binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n)+1 {
			return errContent
		}
		b = b[n:]
		if size == 0 {
			c[key] = nil
			continue
		}
		c[key] = b[: size-1 : size-1]
		b = b[size-1:]
	}
	return nil
}
