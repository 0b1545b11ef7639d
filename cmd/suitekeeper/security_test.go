package main_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEveryClaimOfSecurityHasItsTest wants every row of the last table in
// SECURITY.md to name tests, and all of them to exist.
func TestEveryClaimOfSecurityHasItsTest(t *testing.T) {
	exists := testsOf(t, "../..")
	text := read(t, "../../SECURITY.md")
	_, table, ok := strings.Cut(text, "| claim | test |\n| --- | --- |\n")
	if !ok {
		t.Fatal("SECURITY.md has no table of claims")
	}
	claims := 0
	for row := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(row), "|"), " | ")
		if len(cells) != 2 {
			t.Errorf("a row of %d cells: %s", len(cells), row)
			continue
		}
		claims++
		named := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[1], -1)
		if len(named) == 0 {
			t.Errorf("no test is named for the claim: %s", cells[0])
		}
		for _, name := range named {
			if !exists[name[1]] {
				t.Errorf("there is no test %s, which SECURITY.md names for the claim: %s", name[1], cells[0])
			}
		}
	}
	if claims < 20 {
		t.Errorf("SECURITY.md has %d claims, want more", claims)
	}
}

// testsOf returns the names of all tests below a folder.
func testsOf(t *testing.T, root string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w*)\(\w+ \*testing\.[TF]\)`)
	must(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
			found[m[1]] = true
		}
		return err
	}))
	return found
}
