package suite

import (
	"bytes"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// maxRows bounds what one push may turn into. DingTalk's rows have more than
// minRow bytes, so a push of 1 MiB holds a third of this; only an array of
// hardly anything reaches it, which would otherwise take many times its size
// in memory.
const (
	maxRows = 20_000
	minRow  = 150
)

// parseSync reads a push of SyncHTTP mode: one event a row, so that a broken
// row spoils no other. Where the push itself is odd, or has no rows, it is one
// event.
func parseSync(text []byte, eventType string, head pushHead) []incoming {
	var f fields
	whole := incoming{Type: eventType, Source: SourceSyncHTTP, Raw: text, Stamp: stampOf(head.TimeStamp)}
	whole.SuiteKey = f.id("SuiteKey", head.SuiteKey)
	if why := oddAround("bizData", text); why != "" {
		return []incoming{whole.quarantined(why)}
	}
	if head.BizData.Kind() != '[' {
		f.fail(SayMissingOrNoArray, "bizData")
	}
	if f.odd != "" {
		return []incoming{whole.quarantined(f.odd)}
	}
	list := make([]incoming, 0, min(len(head.BizData)/minRow+1, maxRows))
	for row := range elements(head.BizData) {
		if len(list) == maxRows {
			return []incoming{whole.quarantined(Say(SayTooManyRows, "bizData", strconv.Itoa(maxRows)))}
		}
		list = append(list, parseRow(incoming{
			Type: eventType, Source: SourceSyncHTTP, SuiteKey: whole.SuiteKey, Raw: row,
		}))
	}
	if len(list) == 0 {
		return []incoming{whole}
	}
	return list
}

// oddAround says what is odd about an object outside of one member. The object
// is valid by its grammar, so reading it does not fail.
func oddAround(member string, object []byte) Phrase {
	dec := jsontext.NewDecoder(bytes.NewBuffer(object), lenient)
	if _, err := dec.ReadToken(); err != nil {
		return oddJSON(err)
	}
	seen := make(map[string]struct{})
	for dec.PeekKind() == '"' {
		quoted, err := dec.ReadValue()
		if err != nil {
			return oddJSON(err)
		}
		name, err := jsontext.AppendUnquote(nil, quoted)
		if err != nil {
			return oddJSON(err)
		}
		if _, repeated := seen[string(name)]; repeated {
			return oddJSON(jsontext.ErrDuplicateName)
		}
		seen[string(name)] = struct{}{}
		value, err := dec.ReadValue()
		if err != nil {
			return oddJSON(err)
		}
		if string(name) == member {
			continue
		}
		if err := jsontext.NewDecoder(bytes.NewBuffer(value)).SkipValue(); err != nil {
			return oddJSON(err)
		}
	}
	return ""
}
