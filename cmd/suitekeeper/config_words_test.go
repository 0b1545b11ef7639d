package main_test

import (
	"reflect"
	"regexp"
	"testing"
	"unicode"

	keeper "suitekeeper/cmd/suitekeeper"
)

// englishWords is more than a Chinese text quotes.
var englishWords = regexp.MustCompile(`[a-z]+ [a-z]+ [a-z]+`)

func TestWhatIsAllowedInAConfigurationIsTranslated(t *testing.T) {
	tags := allowedIn(reflect.TypeFor[keeper.Config]())
	for _, text := range tags {
		if zh := keeper.AllowedZH[text]; !hasHan(zh) || englishWords.MatchString(zh) {
			t.Errorf("that %q is allowed reads %q in Chinese", text, zh)
		}
	}
	if len(tags) < 30 {
		t.Errorf("only %d tags were found", len(tags))
	}
}

// allowedIn is what the tags of a configuration say is allowed.
func allowedIn(structure reflect.Type) (all []string) {
	for i := range structure.NumField() {
		f := structure.Field(i)
		if text := f.Tag.Get("allowed"); text != "" {
			all = append(all, text)
		}
		inner := f.Type
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			all = append(all, allowedIn(inner)...)
		}
	}
	return all
}

func hasHan(s string) bool {
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			return true
		}
	}
	return false
}
