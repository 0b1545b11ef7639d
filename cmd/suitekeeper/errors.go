package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"suitekeeper/suite"
)

// usageError is a command line that makes no sense; it ends with status 2.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// usagef returns a usageError.
func usagef(said suite.Text, args ...any) error {
	return &usageError{errorf(said, args...)}
}

// hintedError is an error together with what to try next.
type hintedError struct {
	error
	hint suite.Text
}

func (e *hintedError) Unwrap() error { return e.error }

// withHint adds what to try next. Of several hints the outermost is shown.
func withHint(err error, hint suite.Text, args ...any) error {
	return &hintedError{err, both(hint, args...)}
}

// orHint adds what to try next, unless the error says so already.
func orHint(err error, hint suite.Text) error {
	if hinted := (*hintedError)(nil); errors.As(err, &hinted) {
		return err
	}
	return withHint(err, hint)
}

// printTimeout bounds how long a failed command tries to say why.
const printTimeout = time.Second

// printErrorSoon is printError for a writer that may be stuck. A server that
// ends because its disk failed must end, or nobody starts it again.
func printErrorSoon(w io.Writer, err error, lang language) {
	printed := make(chan struct{})
	go func() {
		defer close(printed)
		printError(w, err, lang)
	}()
	timer := time.NewTimer(printTimeout)
	defer timer.Stop()
	select {
	case <-printed:
	case <-timer.C:
	}
}

// printError writes what happened, and what to try next where that is known.
func printError(w io.Writer, err error, lang language) {
	v := view{words: lang.words()}
	fmt.Fprintln(w, v.say(errorLine, err))
	if hinted := (*hintedError)(nil); errors.As(err, &hinted) {
		fmt.Fprintln(w, v.say(hintLine, hinted.hint))
	}
}

var (
	errorLine = suite.Text{EN: "suitekeeper: %v", ZH: "suitekeeper：%v"}
	hintLine  = suite.Text{EN: "hint: %s", ZH: "提示：%s"}
)
