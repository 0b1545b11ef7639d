package suite

import (
	"encoding/base64"
	"fmt"
	"slices"
)

// cursorForm is the first byte of every cursor; it changes when the rest does.
const cursorForm = 1

// What a cursor belongs to: a list takes none but its own.
const (
	cursorNewest = 'n' // events, the newest first
	cursorOldest = 'o' // events, the oldest first
	cursorCorp   = 'c' // authorisations
	cursorAudit  = 'a' // the audit log, the newest first
)

// newCursor packs the place where a list ended, for whoever wants what follows.
func newCursor(list byte, place []byte) string {
	return base64.RawURLEncoding.EncodeToString(append([]byte{cursorForm, list}, place...))
}

// openCursor returns the place that a cursor of that list stands for; nil for
// no cursor.
func openCursor(list byte, cursor string) ([]byte, error) {
	if cursor == "" {
		return nil, nil
	}
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(data) <= 2 || data[0] != cursorForm || data[1] != list {
		return nil, fmt.Errorf("%w: the cursor was not given out for this list; leave it out to begin anew", ErrBadQuery)
	}
	return data[2:], nil
}

// limitOf returns how many entries a list may have that was asked for limit.
func limitOf(limit int) (int, error) {
	switch {
	case limit == 0:
		return DefaultLimit, nil
	case limit < 0 || limit > MaxLimit:
		return 0, fmt.Errorf("%w: limit is %d, want 1 to %d", ErrBadQuery, limit, MaxLimit)
	}
	return limit, nil
}

// oneOf refuses a value that is none of those; the empty one asks for nothing.
func oneOf[T ~string](what string, v T, all ...T) error {
	if v == "" || slices.Contains(all, v) {
		return nil
	}
	return fmt.Errorf("%w: there is no %s %.40q, only %v", ErrBadQuery, what, v, all)
}
