package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"suitekeeper/suite"
)

// Finding is one thing to say about a configuration: an error or a warning. It
// quotes no values, so that no secret that stands in the wrong place is shown.
type Finding struct {
	Where   string `json:"where,omitempty"` // file, environment variable or flag
	Line    int    `json:"line,omitempty"`  // in the file
	Key     string `json:"key,omitempty"`   // as in "suites[0].aes_key"
	Problem string `json:"problem"`
	Cure    string `json:"cure,omitempty"` // what is allowed, or what to do

	ProblemZH string `json:"problem_zh"` // the same in Chinese
	CureZH    string `json:"cure_zh,omitempty"`
}

// String returns the finding as one line.
func (f Finding) String() string { return f.text().EN }

// text is the finding as one line.
func (f Finding) text() suite.Text {
	if f.Cure == "" {
		return f.problem()
	}
	return both(suite.Text{EN: "%s; %s", ZH: "%s；%s"}, f.problem(), suite.Text{EN: f.Cure, ZH: f.CureZH})
}

// problem is what is wrong and where, without the cure.
func (f Finding) problem() suite.Text {
	var at []string
	switch {
	case f.Line > 0:
		at = append(at, fmt.Sprintf("%s:%d", f.Where, f.Line))
	case f.Where != "":
		at = append(at, f.Where)
	}
	if f.Key != "" {
		at = append(at, f.Key)
	}
	problem := suite.Text{EN: f.Problem, ZH: f.ProblemZH}
	if len(at) == 0 {
		return problem
	}
	return both(suite.Text{EN: "%s: %s", ZH: "%s：%s"}, strings.Join(at, ": "), problem)
}

// cure is what to do about it.
func (f Finding) cure() suite.Text {
	if f.Cure == "" {
		return suite.Text{EN: "deploy/suitekeeper.yaml explains every key", ZH: "deploy/suitekeeper.yaml 中有每个配置项的说明"}
	}
	return suite.Text{EN: f.Cure, ZH: f.CureZH}
}

// ConfigError says why a configuration cannot be used: all reasons at once.
type ConfigError struct{ Findings []Finding }

// Error lists the findings, one a line.
func (e *ConfigError) Error() string { return e.text().EN }

// text lists the findings, one a line.
func (e *ConfigError) text() suite.Text {
	if len(e.Findings) == 1 {
		return both(suite.Text{EN: "configuration: %s", ZH: "配置：%s"}, e.Findings[0].text())
	}
	all := both(suite.Text{EN: "configuration: %d problems", ZH: "配置有 %d 个问题"}, len(e.Findings))
	for _, f := range e.Findings {
		all = both(suite.Text{EN: "%s\n  %s", ZH: "%s\n  %s"}, all, f.text())
	}
	return all
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
