package admin

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"suitekeeper/suite"
)

// errSince says how a moment is given. It quotes nothing.
var errSince = errors.New(suite.Say(suite.SayNoTimeOrPeriod).String())

// maxDays keeps times of long ago within what time.Duration can hold.
const maxDays = 100_000

// ParseSince reads a moment in the past as the API and the commands take it: a
// time of RFC 3339, or how long before now it was, as 90m, 2h or 7d. Nothing
// is the zero time. Its error tells what is expected.
func ParseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC(), nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 32)
		if err != nil || n > maxDays {
			return time.Time{}, errSince
		}
		return now.Add(-time.Duration(n) * 24 * time.Hour).UTC(), nil
	}
	ago, err := time.ParseDuration(text)
	if err != nil || ago < 0 {
		return time.Time{}, errSince
	}
	return now.Add(-ago).UTC(), nil
}
