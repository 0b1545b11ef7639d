package suite

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ErrNotJSON says that a decrypted text is no JSON object, or one nested so
// deeply that nobody means it.
var ErrNotJSON = errors.New("the decrypted text is no JSON object")

// notJSON says the same of an event that is kept.
var notJSON = Say(SayNotJSON)

// lenient lets through what is JSON by its grammar but makes an event odd.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// pushHead is what tells how to read a push. All fields of this and the other
// raw types keep their JSON, so that one wrong type spoils nothing but its field.
type pushHead struct {
	EventType jsontext.Value `json:"EventType"`
	TimeStamp jsontext.Value `json:"TimeStamp"`
	SuiteKey  jsontext.Value `json:"SuiteKey"`
	BizData   jsontext.Value `json:"bizData"`
}

// parse takes a decrypted push apart. Its only error is ErrNotJSON; whatever
// else is wrong makes an event odd, with a reason that quotes nothing of the
// push. Names count only in the spelling and case that DingTalk documents.
//
// The events refer to text, which must not be changed afterwards.
func parse(text []byte) (message, error) {
	var head pushHead
	if err := json.Unmarshal(text, &head, lenient); err != nil || jsontext.Value(text).Kind() != '{' {
		return message{}, ErrNotJSON
	}
	// Of a text that names two EventTypes this is the last one. Such a text is
	// odd either way; the type only helps the operator to find it.
	var f fields
	eventType := f.id("EventType", head.EventType)
	if syncPush(eventType) {
		return message{Type: eventType, Events: parseSync(text, eventType, head)}, nil
	}
	return message{Type: eventType, Events: []incoming{parseHTTP(text, eventType)}}, nil
}

// syncPush tells the pushes of SyncHTTP mode, which hold rows.
func syncPush(eventType string) bool {
	return eventType == "SYNC_HTTP_PUSH_HIGH" || eventType == "SYNC_HTTP_PUSH_MEDIUM"
}

// quarantined is what remains of an event that is odd: enough to find it, and
// nothing that could be applied.
func (in incoming) quarantined(why Phrase) incoming {
	return incoming{
		Type: in.Type, Kind: kindOther, Source: in.Source, SuiteKey: in.SuiteKey,
		Corp: in.Corp, Stamp: in.Stamp, Raw: in.Raw, Odd: why,
	}
}

// oddJSON says in which way a text that is JSON by its grammar is no sound
// JSON. The library's own message is not used: it quotes the text.
func oddJSON(err error) Phrase {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return Say(SayNameTwice)
	}
	return Say(SayInvalidUTF8)
}
