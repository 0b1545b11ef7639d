package suite

import (
	"bytes"
	"iter"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// Ids become keys of the store and stand in pages and logs, secrets go into
// calls, names into pages. DingTalk's own are far shorter.
const (
	maxID     = 256
	maxName   = 1024
	maxSecret = 4096
)

// fields reads typed values out of raw JSON and remembers the first thing that
// was wrong with one of them. Absent and null are the same. What is wrong reads
// as nothing.
type fields struct{ odd Phrase }

func (f *fields) fail(what Sentence, values ...string) {
	if f.odd == "" {
		f.odd = Say(what, values...)
	}
}

// id reads an identifier that may be absent.
func (f *fields) id(name string, v jsontext.Value) string { return f.text(name, v, maxID) }

// needID reads an identifier that must be there.
func (f *fields) needID(name string, v jsontext.Value) string {
	id := f.id(name, v)
	if id == "" {
		f.fail(SayMissing, name)
	}
	return id
}

// needSecret reads a ticket or a code, which must be there.
func (f *fields) needSecret(name string, v jsontext.Value) Secret {
	s := f.text(name, v, maxSecret)
	if s == "" {
		f.fail(SayMissing, name)
	}
	return Secret(s)
}

func (f *fields) text(name string, v jsontext.Value, limit int) string {
	if absent(v) {
		return ""
	}
	s, ok := textOf(v)
	switch {
	case !ok:
		f.fail(SayNoString, name)
	case len(s) > limit:
		f.fail(SayTooLong, name, strconv.Itoa(limit))
	case strings.ContainsFunc(s, unicode.IsControl):
		f.fail(SayControl, name)
	default:
		return s
	}
	return ""
}

// number reads a whole number, given as such or as a string of digits.
func (f *fields) number(name string, v jsontext.Value) (n int64, ok bool) {
	if absent(v) {
		return 0, false
	}
	n, ok = numberOf(v)
	if !ok {
		f.fail(SayNoNumber, name)
	}
	return n, ok
}

func absent(v jsontext.Value) bool { return len(v) == 0 || v.Kind() == 'n' }

// textOf returns the text of a JSON string, if v is one of sound UTF-8.
func textOf(v jsontext.Value) (string, bool) {
	if v.Kind() != '"' {
		return "", false
	}
	s, err := jsontext.AppendUnquote(nil, v)
	return string(s), err == nil
}

// numberOf returns the whole number that v is, or that v spells in a string.
func numberOf(v jsontext.Value) (int64, bool) {
	digits := string(v)
	switch v.Kind() {
	case '"':
		var ok bool
		// ParseInt would let a plus sign pass.
		if digits, ok = textOf(v); !ok || strings.HasPrefix(digits, "+") {
			return 0, false
		}
	case '0':
	default:
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// elements yields the elements of a JSON array that is valid at least by its
// grammar, each as its own bytes within v. It yields nothing of another value.
func elements(v jsontext.Value) iter.Seq[jsontext.Value] {
	return func(yield func(jsontext.Value) bool) {
		if v.Kind() != '[' {
			return
		}
		dec := jsontext.NewDecoder(bytes.NewBuffer(v), lenient)
		if _, err := dec.ReadToken(); err != nil {
			return
		}
		for dec.PeekKind() != ']' {
			element, err := dec.ReadValue()
			if err != nil {
				return
			}
			// The decoder may reuse what it returned; v itself stays.
			end := dec.InputOffset()
			if !yield(v[end-int64(len(element)) : end : end]) {
				return
			}
		}
	}
}

// listOf returns what read makes of the elements of a JSON array, and passes
// over those that it refuses.
func listOf[T any](v jsontext.Value, read func(jsontext.Value) (T, bool)) (list []T) {
	for e := range elements(v) {
		if value, ok := read(e); ok {
			list = append(list, value)
		}
	}
	return list
}
