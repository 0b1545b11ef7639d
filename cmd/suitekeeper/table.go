package main

import (
	"io"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// style is a colour on a terminal.
type style string

const (
	plain  style = ""
	red    style = "\x1b[31m"
	green  style = "\x1b[32m"
	yellow style = "\x1b[33m"
)

// painter colours text, or leaves it as it is when false.
type painter bool

// painterFor returns a painter that colours on a terminal only, and not when
// the user wants none (https://no-color.org).
func painterFor(w io.Writer, getenv func(string) string) painter {
	return painter(isTerminal(w) && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb")
}

func (p painter) paint(s style, text string) string {
	if !bool(p) || s == plain {
		return text
	}
	return string(s) + text + "\x1b[0m"
}

// table is text in columns, aligned also where characters are two cells wide.
type table struct {
	paint   painter
	columns []column
	rows    [][]cell // each with a cell for every column
}

type column struct {
	name  string
	right bool // aligned to the right, as numbers are
}

type cell struct {
	text  string
	style style
}

// String returns the lines of the table, with no blanks at their ends.
func (t table) String() string {
	widths := t.widths()
	var b strings.Builder
	for _, row := range append([][]cell{t.head()}, t.rows...) {
		b.WriteString(t.line(row, widths) + "\n")
	}
	return b.String()
}

// widths are the cells that each column needs.
func (t table) widths() []int {
	widths := make([]int, len(t.columns))
	for i, c := range t.columns {
		widths[i] = displayWidth(c.name)
		for _, row := range t.rows {
			widths[i] = max(widths[i], displayWidth(row[i].text))
		}
	}
	return widths
}

// head is the row of names.
func (t table) head() []cell {
	var row []cell
	for _, c := range t.columns {
		row = append(row, cell{text: c.name})
	}
	return row
}

func (t table) line(row []cell, widths []int) string {
	var parts []string
	for i, c := range row {
		pad := strings.Repeat(" ", widths[i]-displayWidth(c.text))
		text := t.paint.paint(c.style, c.text)
		if t.columns[i].right {
			parts = append(parts, pad+text)
		} else {
			parts = append(parts, text+pad)
		}
	}
	return strings.TrimRight(strings.Join(parts, "  "), " ")
}

// without returns the table without one of its columns.
func (t table) without(i int) table {
	t.columns = slices.Delete(slices.Clone(t.columns), i, i+1)
	rows := make([][]cell, len(t.rows))
	for j, row := range t.rows {
		rows[j] = slices.Delete(slices.Clone(row), i, i+1)
	}
	t.rows = rows
	return t
}

// fieldList is names with their values, one a line.
type fieldList struct {
	paint painter
	names []string
	cells []cell
}

func (f *fieldList) add(name string, c cell) {
	f.names, f.cells = append(f.names, name), append(f.cells, c)
}

// String returns the lines, the values aligned.
func (f fieldList) String() string {
	width := 0
	for _, name := range f.names {
		width = max(width, displayWidth(name))
	}
	var b strings.Builder
	for i, name := range f.names {
		b.WriteString(name + strings.Repeat(" ", width-displayWidth(name)+2) + f.paint.paint(f.cells[i].style, f.cells[i].text) + "\n")
	}
	return b.String()
}

// displayWidth is how many cells of a terminal a text takes.
func displayWidth(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case isWide(r):
		return 2
	}
	return 1
}

func isWide(r rune) bool {
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}

// clean takes out of a text what would do something to a terminal: names and
// messages come from other machines.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// wrap breaks a text into lines of at most limit cells, each with the indent
// before it: at blanks, and between wide characters, but not before the
// punctuation that closes.
func wrap(text, indent string, limit int) string {
	var b strings.Builder
	line, used := indent, displayWidth(indent)
	empty := true
	for _, word := range splitWords(clean(text)) {
		n := displayWidth(word)
		if !empty && used+displayWidth(strings.TrimRight(word, " ")) > limit {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			line, used = indent, displayWidth(indent)
		}
		line, used, empty = line+word, used+n, false
	}
	return b.String() + strings.TrimRight(line, " ") + "\n"
}

// splitWords cuts a text after each blank and around wide characters.
func splitWords(text string) []string {
	var words []string
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
			word.Reset()
		}
	}
	var last rune
	for _, r := range text {
		if (last == ' ' && r != ' ') || breakable(last, r) {
			end()
		}
		word.WriteRune(r)
		last = r
	}
	end()
	return words
}

// breakable tells whether a line may end between two characters without a
// blank between them.
func breakable(a, b rune) bool {
	const opening, closing = "（“《「【", "，。；：！？、）”》」】…"
	if a == 0 || b == ' ' || strings.ContainsRune(opening, a) || strings.ContainsRune(closing, b) {
		return false
	}
	return isWide(a) || isWide(b)
}
