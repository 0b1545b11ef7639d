package main_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

// TestImageIsBuiltAsTheReleaseIs compares Dockerfile, compose.yaml and Makefile:
// the flags of go build, and the version that a build is given when nobody tells it.
func TestImageIsBuiltAsTheReleaseIs(t *testing.T) {
	makefile, dockerfile := readTopLevel(t, "Makefile"), readTopLevel(t, "Dockerfile")
	if diff := cmp.Diff(goBuildOf(t, makefile), goBuildOf(t, dockerfile)); diff != "" {
		t.Errorf("go build differs (- make release, + Dockerfile):\n%s", diff)
	}
	version := captured(t, makefile, `(?m)^VERSION \?= .*\|\| echo (\S+)\)$`)
	if got := captured(t, dockerfile, `(?m)^ARG VERSION=(\S*)$`); got != version {
		t.Errorf("the version of the Dockerfile is %q, want the Makefile's, %q", got, version)
	}
	if got := captured(t, dockerfile, `(?m)^ARG COMMIT=(\S*)$`); got != "" {
		t.Errorf("the commit of the Dockerfile is %q, want none", got)
	}
	captured(t, makefile, `(docker build --build-arg VERSION=\$\(VERSION\) --build-arg COMMIT=\$\(COMMIT\) )`)

	var compose struct {
		Services map[string]struct {
			Build struct{ Args map[string]string }
		}
	}
	if err := yaml.Unmarshal([]byte(readTopLevel(t, "deploy/compose.yaml")), &compose); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"VERSION": "${VERSION:-" + version + "}", "COMMIT": "${COMMIT:-}"}
	if diff := cmp.Diff(want, compose.Services["suitekeeper"].Build.Args); diff != "" {
		t.Errorf("the build args of compose.yaml differ (- want, + got):\n%s", diff)
	}
}

// goBuildOf finds the go build of the release binary: its words, without where the
// binary goes, and with variables written as Docker does.
func goBuildOf(t *testing.T, text string) []string {
	t.Helper()
	text = strings.ReplaceAll(text, "\\\n", " ")
	command := captured(t, text, `(?m)(CGO_ENABLED=0 go build .* \./cmd/suitekeeper)`)
	for _, name := range []string{"TAGS", "LDFLAGS"} {
		if ref := "$(" + name + ")"; strings.Contains(command, ref) {
			command = strings.ReplaceAll(command, ref, captured(t, text, `(?m)^`+name+`\s*= (.*)$`))
		}
	}
	command = regexp.MustCompile(`\$\((\w+)\)`).ReplaceAllString(command, "$${$1}")
	command = regexp.MustCompile(`-o \S+ `).ReplaceAllString(command, "")
	return strings.Fields(strings.ReplaceAll(command, `"`, "'"))
}

func captured(t *testing.T, text, pattern string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("no %s in:\n%s", pattern, text)
	}
	return found[1]
}

func readTopLevel(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
