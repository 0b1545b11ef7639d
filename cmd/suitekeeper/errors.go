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
func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// hintedError is an error together with what to try next.
type hintedError struct {
	error
	hint string
	lang language // of the hint
}

func (e *hintedError) Unwrap() error { return e.error }

// withHint adds what to try next. Of several hints the outermost is shown.
func withHint(err error, format string, args ...any) error {
	return &hintedError{err, fmt.Sprintf(format, args...), english}
}

// orHint adds what to try next, unless the error says so already.
func orHint(err error, hint string) error {
	if hinted := (*hintedError)(nil); errors.As(err, &hinted) {
		return err
	}
	return withHint(err, "%s", hint)
}

// printTimeout bounds how long a failed command tries to say why.
const printTimeout = time.Second

// printErrorSoon is printError for a writer that may be stuck. A server that
// ends because its disk failed must end, or nobody starts it again.
func printErrorSoon(w io.Writer, err error) {
	printed := make(chan struct{})
	go func() {
		defer close(printed)
		printError(w, err)
	}()
	timer := time.NewTimer(printTimeout)
	defer timer.Stop()
	select {
	case <-printed:
	case <-timer.C:
	}
}

// printError writes what happened, and what to try next where that is known.
func printError(w io.Writer, err error) {
	fmt.Fprintf(w, "suitekeeper: %v\n", err)
	if hinted := (*hintedError)(nil); errors.As(err, &hinted) {
		fmt.Fprintln(w, view{words: hinted.lang.words()}.say(hintLine, hinted.hint))
	}
}

var hintLine = suite.Text{EN: "hint: %s", ZH: "提示：%s"}

// toldError is an error in other words than its own, as those of another
// language.
type toldError struct {
	error
	words string
}

func (e *toldError) Error() string { return e.words }
func (e *toldError) Unwrap() error { return e.error }
