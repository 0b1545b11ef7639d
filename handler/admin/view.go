package admin

import (
	"time"

	"suitekeeper/suite"
)

// mapped puts every element into the shape of the API. An empty list stays a
// list: programs need not tell it from null.
func mapped[A, B any](list []A, fn func(A) B) []B {
	out := make([]B, 0, len(list))
	for _, a := range list {
		out = append(out, fn(a))
	}
	return out
}

// listed is a list that is not null.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// utc is a time as the API writes it. Finer than milliseconds nothing here is.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// idText is an id, or nothing.
func idText(id *suite.EventID) string {
	if id == nil {
		return ""
	}
	return id.String()
}

// bothTexts is a phrase in English, and in Chinese where that is another text.
func bothTexts(p suite.Phrase) (en, zh string) {
	text := p.Text()
	if text.ZH == text.EN {
		return text.EN, ""
	}
	return text.EN, text.ZH
}
