package suite

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
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

// errForeignCursor says that a cursor is none that this list gave out.
var errForeignCursor = BadQuery(Say(SayParameter, "cursor", string(Say(SayForeignCursor))))

// openCursor returns the place that a cursor of that list stands for; nil for
// no cursor.
func openCursor(list byte, cursor string) ([]byte, error) {
	if cursor == "" {
		return nil, nil
	}
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(data) <= 2 || data[0] != cursorForm || data[1] != list {
		return nil, errForeignCursor
	}
	return data[2:], nil
}

// limitOf returns how many entries a list may have that was asked for limit.
func limitOf(limit int) (int, error) {
	switch {
	case limit == 0:
		return DefaultLimit, nil
	case limit < 0 || limit > MaxLimit:
		return 0, BadQuery(Say(SayLimit, strconv.Itoa(limit), strconv.Itoa(MaxLimit)))
	}
	return limit, nil
}

// oneOf refuses a value that is none of those; the empty one asks for nothing.
func oneOf[T ~string](what string, v T, all ...T) error {
	if v == "" || slices.Contains(all, v) {
		return nil
	}
	return BadQuery(Say(SayNoneOf, what, fmt.Sprintf("%.40q", v), strings.Trim(fmt.Sprint(all), "[]")))
}
