package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
)

// progress is a line on a terminal that is written over and over. Elsewhere
// nothing is written: a log of it would be of use to nobody.
type progress struct{ out io.Writer }

// progressOn returns the progress line of w, which is mostly standard error.
func progressOn(w io.Writer, getenv func(string) string) progress {
	if !isTerminal(w) || getenv("TERM") == "dumb" {
		w = io.Discard
	}
	return progress{w}
}

const clearLine = "\r\x1b[K"

// show replaces the line, cut off where it would not fit on one.
func (p progress) show(text string) {
	fmt.Fprint(p.out, clearLine+strings.TrimRight(cutWidth(clean(text), textWidth-1), " "))
}

// clear takes the line away.
func (p progress) clear() { fmt.Fprint(p.out, clearLine) }

// isTerminal tells whether a person looks at what is written to w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// cutWidth returns as much of the text as fits into so many cells.
func cutWidth(text string, cells int) string {
	for i, r := range text {
		if cells -= runeWidth(r); cells < 0 {
			return text[:i]
		}
	}
	return text
}
