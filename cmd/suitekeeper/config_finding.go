package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Finding is one thing to say about a configuration: an error or a warning. It
// quotes no values, so that no secret that stands in the wrong place is shown.
type Finding struct {
	Where   string `json:"where,omitempty"` // file, environment variable or flag
	Line    int    `json:"line,omitempty"`  // in the file
	Key     string `json:"key,omitempty"`   // as in "suites[0].aes_key"
	Problem string `json:"problem"`
	Cure    string `json:"cure,omitempty"` // what is allowed, or what to do
}

// String returns the finding as one line.
func (f Finding) String() string {
	var b strings.Builder
	switch {
	case f.Line > 0:
		fmt.Fprintf(&b, "%s:%d: ", f.Where, f.Line)
	case f.Where != "":
		b.WriteString(f.Where + ": ")
	}
	if f.Key != "" {
		b.WriteString(f.Key + ": ")
	}
	b.WriteString(f.Problem)
	if f.Cure != "" {
		b.WriteString("; " + f.Cure)
	}
	return b.String()
}

// ConfigError says why a configuration cannot be used: all reasons at once.
type ConfigError struct{ Findings []Finding }

// Error lists the findings, one a line.
func (e *ConfigError) Error() string {
	if len(e.Findings) == 1 {
		return "configuration: " + e.Findings[0].String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "configuration: %d problems", len(e.Findings))
	for _, f := range e.Findings {
		b.WriteString("\n  " + f.String())
	}
	return b.String()
}

// inReadingOrder sorts findings as a reader meets their causes: down the file,
// then what stands elsewhere.
func inReadingOrder(findings []Finding) []Finding {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Compare(uint(a.Line-1), uint(b.Line-1)) // no line: the largest uint
	})
	return findings
}

// nearest returns the candidate that word was probably meant to be, or nothing
// when none is close.
func nearest(word string, candidates []string) string {
	best, bestDistance := "", 1+max(1, len(word)/4)
	for _, c := range candidates {
		if d := distance(word, c); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// distance counts the single-byte edits that lead from a to b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
