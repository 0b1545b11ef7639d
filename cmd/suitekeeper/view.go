package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"time"

	"suitekeeper/suite"
)

// view is how commands show to people what a server told: in which language,
// with colours or without, and at which moment, for telling how old things are.
type view struct {
	words words
	paint painter
	now   time.Time
}

func newView(out io.Writer, lang language) view {
	return view{words: lang.words(), paint: painterFor(out, os.Getenv), now: time.Now()}
}

// say returns a text in the language of the view, with what belongs into it.
func (v view) say(t suite.Text, args ...any) string {
	return sayIn(v.words.language, t, args)
}

// either is a text of the server in the language of the view; Chinese is absent
// where it is the same text, and from servers that know none.
func (v view) either(en, zh string) string { return v.say(suite.Text{EN: en, ZH: cmp.Or(zh, en)}) }

// since tells how long ago something was.
func (v view) since(at time.Time) string { return v.words.duration(v.now.Sub(at)) }

// ago is since in words for a cell of a table.
func (v view) ago(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return fmt.Sprintf(v.words.ago, v.since(at))
}

// in tells how long something is ahead; what is due is told as 0s.
func (v view) in(at time.Time) string { return v.words.duration(at.Sub(v.now)) }

// moment is a time by the clock of this machine.
func moment(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.Local().Format(time.DateTime)
}

// heads are the columns of a table with these names.
func (v view) heads(names ...suite.Text) []column {
	var columns []column
	for _, name := range names {
		columns = append(columns, column{name: v.say(name)})
	}
	return columns
}
