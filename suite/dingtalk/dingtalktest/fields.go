package dingtalktest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// fields is a JSON object taken apart, with exact names.
type fields map[string]json.RawMessage

// Why a text is no JSON object.
var (
	errNotObject   = errors.New("not a JSON object")
	errBrokenJSON  = errors.New("broken JSON")
	errMoreObjects = errors.New("more than one JSON object")
)

// repeatedError says that an object has two fields of one name.
type repeatedError struct{ field string }

func (e *repeatedError) Error() string { return fmt.Sprintf("field %q appears twice", e.field) }

// parseObject takes one JSON object apart. A repeated name, anything behind
// the object and anything that is no object are errors.
func parseObject(data []byte) (fields, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errNotObject
	}
	f := make(fields)
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, errBrokenJSON
		}
		name, _ := t.(string)
		if _, ok := f[name]; ok {
			return nil, &repeatedError{name}
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, errBrokenJSON
		}
		f[name] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, errBrokenJSON
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errMoreObjects
	}
	return f, nil
}

// text returns a string, or nothing when the field is absent or is none.
func (f fields) text(name string) string {
	var s string
	if json.Unmarshal(f[name], &s) != nil {
		return ""
	}
	return s
}

// number returns an integer that stands in the field as a number or, as
// DingTalk's own samples do for app_id, as a string.
func (f fields) number(name string) (int64, bool) {
	digits := f.text(name)
	if digits == "" {
		digits = string(f[name])
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// texts returns a list of strings.
func (f fields) texts(name string) []string {
	var list []string
	if json.Unmarshal(f[name], &list) != nil {
		return nil
	}
	return list
}
