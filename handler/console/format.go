package console

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"suitekeeper/suite"
)

// The forms of times, by language. The day is left out where it is today. A line
// may end before the clock only.
var clockForms = map[string]struct{ today, year, full string }{
	"en": {"15:04:05", "Jan\u00a02, 15:04:05", "Jan\u00a02,\u00a02006, 15:04:05"},
	"zh": {"15:04:05", "1月2日 15:04:05", "2006年1月2日 15:04:05"},
}

// clock writes a time as somebody reads it who knows what day it is.
func (l *locale) clock(now, t time.Time, zone *time.Location) string {
	now, t = now.In(zone), t.In(zone)
	forms := clockForms[l.Code]
	switch {
	case now.Year() == t.Year() && now.YearDay() == t.YearDay():
		return t.Format(forms.today)
	case now.Year() == t.Year():
		return t.Format(forms.year)
	default:
		return t.Format(forms.full)
	}
}

// exactly writes a time in full, with its zone.
func exactly(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2006-01-02 15:04:05.000 MST -07:00")
}

// zoneName says in which zone times are shown.
func zoneName(now time.Time, zone *time.Location) string {
	name, offset := now.In(zone).Zone()
	if offset == 0 {
		return "UTC"
	}
	utc := "UTC" + now.In(zone).Format("-07:00")
	if strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") || name == "" {
		return utc
	}
	return utc + " (" + name + ")"
}

// stamp is a time inside a sentence of package suite.
var stamp = regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)`)

// phrase says a sentence with its times in the form and the zone of the page.
// Words of DingTalk's stay as they are.
func (l *locale) phrase(p suite.Phrase, zone *time.Location) string {
	said := l.text(p.Text())
	if p.Sentence() == "" {
		return said
	}
	return stamp.ReplaceAllStringFunc(said, func(s string) string {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return s
		}
		return at.In(zone).Format(clockForms[l.Code].full)
	})
}

// units of time, the longest first, with how many of the one make the one before.
var ageUnits = []struct {
	name string
	size time.Duration
}{
	{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute},
}

// age writes how long something lasts, in its two longest units. What is below
// a minute changes with every look, so no more is said of it.
func (l *locale) age(d time.Duration) (string, error) {
	if d < time.Minute {
		return l.t("age.now")
	}
	var parts []string
	for _, u := range ageUnits {
		n := d / u.size
		d -= n * u.size
		if n == 0 {
			if len(parts) > 0 {
				break
			}
			continue
		}
		part, err := l.t("age."+u.name, "Count", int(n))
		if err != nil {
			return "", err
		}
		if parts = append(parts, part); len(parts) == 2 {
			break
		}
	}
	return strings.Join(parts, " "), nil
}

// took writes how long a call lasted, which is known to the millisecond.
func took(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d\u00a0ms", d.Milliseconds())
	}
	return strconv.FormatFloat(d.Round(time.Second/10).Seconds(), 'f', -1, 64) + "\u00a0s"
}

// number groups the digits by threes, which both languages read.
func number(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// size writes a number of bytes in the unit that suits it.
func size(n uint64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	value, exp := float64(n)/unit, 0
	for value >= unit && exp < 4 {
		value /= unit
		exp++
	}
	return fmt.Sprintf("%.1f %ciB", value, "KMGTP"[exp])
}
