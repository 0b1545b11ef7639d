package main

import (
	"encoding"
	"fmt"
	"iter"
	"reflect"
	"strconv"
	"strings"

	"suitekeeper/suite"
)

// field is one key of the configuration: where it stands and what may be put
// into it.
type field struct {
	path  string // as in "admin.listen" or "suites[0].key"
	key   string // the last part of path
	value reflect.Value
	tag   reflect.StructTag
}

// fields returns the keys of the struct at path, in order.
func fields(structure reflect.Value, path string) []field {
	var all []field
	for i := range structure.NumField() {
		tag := structure.Type().Field(i).Tag
		key := tag.Get("json")
		all = append(all, field{join(path, key), key, structure.Field(i), tag})
	}
	return all
}

// leaves yields the keys below structure that hold a value or a list of
// values: those that one text can set. It does not look into lists.
func leaves(structure reflect.Value, path string) iter.Seq[field] {
	return func(yield func(field) bool) {
		yieldLeaves(structure, path, yield)
	}
}

func yieldLeaves(structure reflect.Value, path string, yield func(field) bool) bool {
	for _, f := range fields(structure, path) {
		switch {
		case f.isObject():
			if !yieldLeaves(f.value, f.path, yield) {
				return false
			}
		case f.isObjectList():
		case !yield(f):
			return false
		}
	}
	return true
}

// objectLists returns the keys below structure that hold a list of objects,
// which no one text can set. It does not look into lists.
func objectLists(structure reflect.Value, path string) (all []field) {
	for _, f := range fields(structure, path) {
		switch {
		case f.isObject():
			all = append(all, objectLists(f.value, f.path)...)
		case f.isObjectList():
			all = append(all, f)
		}
	}
	return all
}

// allowed tells what may be put into the field, as its tag does.
func (f field) allowed() suite.Text {
	text := f.tag.Get("allowed")
	if text == "" {
		return suite.Text{}
	}
	return suite.Text{EN: "allowed: " + text, ZH: allowedZH[text]}
}

func (f field) isObject() bool { return f.value.Kind() == reflect.Struct }
func (f field) isList() bool   { return f.value.Kind() == reflect.Slice }
func (f field) isSecret() bool { return f.value.Type() == reflect.TypeFor[suite.Secret]() }

func (f field) isObjectList() bool {
	return f.isList() && f.value.Type().Elem().Kind() == reflect.Struct
}

// isPath reports whether the field names a file that stands relative to the
// configuration file.
func (f field) isPath() bool { return strings.HasSuffix(f.key, "_file") }

// set puts text into the field; the elements of a list are separated by
// commas. The error says what is wrong with text without quoting it.
func (f field) set(text string) error {
	if f.isList() {
		f.value.Set(reflect.MakeSlice(f.value.Type(), 0, 0))
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				f.add(part)
			}
		}
		return nil
	}
	if u, ok := f.value.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	switch f.value.Kind() {
	case reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil { // quotes text
			return errorf(suite.Text{EN: "is not a whole number", ZH: "不是整数"})
		}
		f.value.SetInt(n)
	default:
		f.value.SetString(text)
	}
	return nil
}

// add appends one value to a list of strings.
func (f field) add(text string) {
	f.value.Set(reflect.Append(f.value, reflect.ValueOf(text)))
}

// grow appends an element with its defaults to a list of objects and returns
// it with its path.
func (f field) grow() (element reflect.Value, path string) {
	i := f.value.Len()
	f.value.Set(reflect.Append(f.value, reflect.Zero(f.value.Type().Elem())))
	element = f.value.Index(i)
	setDefaults(element)
	return element, fmt.Sprintf("%s[%d]", f.path, i)
}

// setDefaults fills structure with the defaults of its tags. Lists become
// empty rather than nil, so that they print as lists.
func setDefaults(structure reflect.Value) {
	for _, f := range fields(structure, "") {
		switch text, ok := f.tag.Lookup("default"); {
		case ok:
			_ = f.set(text) // a tag that it could not read would fail the test of the defaults
		case f.isObject():
			setDefaults(f.value)
		case f.isList():
			f.value.Set(reflect.MakeSlice(f.value.Type(), 0, 0))
		}
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
