package main

import (
	"errors"
	"fmt"
	"io"
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
}

func (e *hintedError) Unwrap() error { return e.error }

// withHint adds what to try next. Of several hints the outermost is shown.
func withHint(err error, format string, args ...any) error {
	return &hintedError{err, fmt.Sprintf(format, args...)}
}

// printError writes what happened, and what to try next where that is known.
func printError(w io.Writer, err error) {
	fmt.Fprintf(w, "suitekeeper: %v\n", err)
	if hinted := (*hintedError)(nil); errors.As(err, &hinted) {
		fmt.Fprintf(w, "hint: %s\n", hinted.hint)
	}
}
