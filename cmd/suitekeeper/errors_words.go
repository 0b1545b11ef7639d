package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strings"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

// saidError is an error in both languages.
type saidError struct {
	error
	said suite.Text
}

// Error says it in English.
func (e *saidError) Error() string { return e.said.EN }
func (e *saidError) Unwrap() error { return e.error }

// errorf is fmt.Errorf in both languages.
func errorf(said suite.Text, args ...any) error {
	err := fmt.Errorf(said.EN, valuesIn(english, args)...)
	zh := fmt.Errorf(said.ZH, valuesIn(chinese, args)...)
	return &saidError{err, suite.Text{EN: err.Error(), ZH: zh.Error()}}
}

// both is fmt.Sprintf in both languages.
func both(said suite.Text, args ...any) suite.Text {
	return suite.Text{EN: sayIn(english, said, args), ZH: sayIn(chinese, said, args)}
}

// sayIn returns a text in one language, with what belongs into it.
func sayIn(lang language, said suite.Text, args []any) string {
	text := said.EN
	if lang == chinese {
		text = said.ZH
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, valuesIn(lang, args)...)
}

// valuesIn are values in one language: errors and texts have words of their own.
func valuesIn(lang language, args []any) []any {
	values := make([]any, len(args))
	for i, arg := range args {
		values[i] = arg
		switch arg := arg.(type) {
		case suite.Text:
			values[i] = sayIn(lang, arg, nil)
		case error:
			if lang == chinese {
				values[i] = errors.New(inChinese(arg))
			}
		}
	}
	return values
}

// inChinese says an error in Chinese as far as its words are known. The rest,
// as what the standard library says, stays in English.
func inChinese(err error) string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		if list := joined.Unwrap(); errors.Join(list...).Error() == err.Error() {
			var lines []string
			for _, one := range list {
				lines = append(lines, inChinese(one))
			}
			return strings.Join(lines, "\n")
		}
	}
	if inner := errors.Unwrap(err); inner != nil && !isWhole(err) {
		if before, ok := strings.CutSuffix(err.Error(), inner.Error()); ok {
			return before + inChinese(inner)
		}
	}
	return inBoth(err).ZH
}

// isWhole tells whether inBoth has words for an error with all that it wraps.
func isWhole(err error) bool {
	switch err.(type) { //nolint:errorlint // this very error, not one in it
	case *saidError, *suite.PlatformError, *suite.ProblemError, *admin.Error, *net.OpError, *url.Error, *fs.PathError, *os.LinkError:
		return true
	}
	return false
}
