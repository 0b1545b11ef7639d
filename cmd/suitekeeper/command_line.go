package main

import (
	"path/filepath"
	"regexp"
	"strings"
)

// sourceDir is this command in the source, seen from the module's folder.
const sourceDir = "./cmd/suitekeeper"

// goRunBinary is where "go run" puts what it builds: in a temporary folder, and
// from the second time on in the build cache.
var goRunBinary = regexp.MustCompile(`/(go-build\d+/b\d+/exe|[0-9a-f]{2}/[0-9a-f]{64}-d)/[^/]+$`)

// commandName is how to call this program again in the same folder, when it was
// called as arg0. inSource tells whether that folder is the module's.
func commandName(arg0 string, inSource bool) string {
	if inSource && goRunBinary.MatchString(filepath.ToSlash(arg0)) {
		return "go run " + sourceDir
	}
	return shellWord(arg0)
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./~-]+$`)

// shellWord quotes text for a shell, if need be.
func shellWord(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
