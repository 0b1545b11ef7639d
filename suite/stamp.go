package suite

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Stamps below this count seconds, the others milliseconds: as milliseconds it
// is a day in 1973, as seconds one in the year 5138.
const firstMilli = 100_000_000_000

var (
	// DingTalk did not exist before. Its documents are full of samples such as
	// 123456, which must not order anything.
	firstStamp = time.Date(2014, time.January, 1, 0, 0, 0, 0, time.UTC)
	// RFC 3339 ends there.
	lastStamp = time.Date(9999, time.December, 31, 23, 59, 59, 999_000_000, time.UTC)
)

// stampOf reads DingTalk's time stamps: milliseconds or seconds since 1970, as
// a number or a string of digits. The zero time stands for one that is absent,
// unreadable, fractional, before 2014 or after the year 9999, which means that
// the time of arrival counts.
func stampOf(v jsontext.Value) time.Time {
	n, ok := numberOf(v)
	if !ok || n < 0 || n > lastStamp.UnixMilli() {
		return time.Time{}
	}
	t := time.UnixMilli(n).UTC()
	if n < firstMilli {
		t = time.Unix(n, 0).UTC()
	}
	if t.Before(firstStamp) {
		return time.Time{}
	}
	return t
}
