package suite

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestStatesFollowTheTable names every pair of state and input, so that no
// transition comes or goes unnoticed.
func TestStatesFollowTheTable(t *testing.T) {
	// One row a state; its inputs stand in the order of their declaration.
	want := map[Status][inputCount]Status{
		StatusNone:     {StatusPending, StatusActive, StatusNone, StatusFailed, StatusRelieved, StatusNone, StatusNone, StatusPending},
		StatusPending:  {StatusPending, StatusActive, StatusActive, StatusFailed, StatusRelieved, StatusPending, StatusPending, StatusPending},
		StatusActive:   {StatusActive, StatusActive, StatusActive, StatusFailed, StatusRelieved, StatusDisabled, StatusActive, StatusActive},
		StatusDisabled: {StatusDisabled, StatusDisabled, StatusDisabled, StatusFailed, StatusRelieved, StatusDisabled, StatusActive, StatusDisabled},
		StatusFailed:   {StatusPending, StatusActive, StatusActive, StatusFailed, StatusRelieved, StatusFailed, StatusFailed, StatusFailed},
		StatusRelieved: {StatusPending, StatusActive, StatusRelieved, StatusRelieved, StatusRelieved, StatusRelieved, StatusRelieved, StatusPending},
	}
	if len(want) != len(transitions) && len(want) != len(transitions)+1 {
		t.Fatalf("the test knows %d states, the table has rows for %d", len(want), len(transitions))
	}
	for from, row := range want {
		for in := range inputCount {
			if got := from.next(in); got != row[in] {
				t.Errorf("%q.next(%s) = %q, want %q", from, in, got, row[in])
			}
		}
	}
}

// TestDocShowsTheTable keeps the picture in the package documentation equal to
// the table; run it with -update to print the picture anew.
func TestDocShowsTheTable(t *testing.T) {
	const begin, end = "// This table is printed from the one that the code uses:\n//\n", "package suite"
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	head, tail, ok := strings.Cut(string(doc), begin)
	if !ok {
		t.Fatalf("doc.go has no line %q", begin)
	}
	want := head + begin + picture() + end + "\n"
	if *update {
		if err := os.WriteFile("doc.go", []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got := head + begin + tail; got != want {
		t.Errorf("doc.go shows another state table than state.go has; run go test ./suite -run %s -update", t.Name())
	}
}

// picture draws the table as documentation: a row a state, a column an input,
// a dot where nothing changes.
func picture() string {
	var b strings.Builder
	line := func(cells ...string) {
		var text strings.Builder
		for _, c := range cells {
			fmt.Fprintf(&text, "%-11s", c)
		}
		fmt.Fprintf(&b, "//\t%s\n", strings.TrimRight(text.String(), " "))
	}
	header := []string{""}
	for in := range inputCount {
		header = append(header, in.String())
	}
	line(header...)
	for _, from := range append([]Status{StatusNone}, Statuses()...) {
		name := string(from)
		if from == StatusNone {
			name = "(none)"
		}
		cells := []string{name}
		for in := range inputCount {
			cell := "."
			if to := from.next(in); to != from {
				cell = string(to)
			}
			cells = append(cells, cell)
		}
		line(cells...)
	}
	return b.String()
}
