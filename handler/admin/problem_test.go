package admin_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

func TestProblemsOfHumaNameTheParameterAndNotItsValue(t *testing.T) {
	tests := []struct {
		name          string
		from          *huma.ErrorModel
		title, detail string
		code          suite.Problem
	}{
		{
			"parameters at fault",
			&huma.ErrorModel{Status: 422, Detail: "validation failed", Errors: []*huma.ErrorDetail{
				{Message: "expected number <= 500", Location: "query.limit", Value: "canary"},
				{Message: "unknown query parameter", Location: "query.suit_key"},
			}},
			"Unprocessable Entity", "query.limit: expected number <= 500; query.suit_key: unknown query parameter", suite.ProblemInvalid,
		},
		{
			"no single parameter",
			&huma.ErrorModel{Status: 413, Detail: "request body is too large"},
			"Request Entity Too Large", "request body is too large", suite.ProblemInvalid,
		},
		{
			"failure",
			&huma.ErrorModel{Status: 500, Detail: "canary"},
			"Internal Server Error", "", suite.ProblemInternal,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := admin.OwnProblems(nil, "", tt.from)
			if err != nil {
				t.Fatal(err)
			}
			message, cure := tt.code.Entry().Fill(suite.Values{Detail: suite.AsItIs(tt.detail).Text()})
			want := &admin.Problem{
				Title: tt.title, Status: tt.from.Status, Code: tt.code.String(), Detail: message.EN + " " + cure.EN,
				Message: message.EN, Cure: cure.EN, MessageZH: message.ZH, CureZH: cure.ZH,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("OwnProblems(%+v) differs (-want +got):\n%s", tt.from, diff)
			}
		})
	}
}

// TestEveryProblemHasItsStatus finds a problem of the catalogue that would be
// answered with none. That nothing else is answered is seen to by the type.
func TestEveryProblemHasItsStatus(t *testing.T) {
	for i, e := range suite.ProblemEntries() {
		p := admin.NewProblem(suite.Problem(i), suite.Values{})
		if p.Status < 400 || p.Title == "" || p.Code != e.Code {
			t.Errorf("%s is answered as %+v, want a status of its own", e.Code, p)
		}
	}
}

// TestProblemsAreMadeOfTheCatalogue reads the source for a problem that is made
// by hand, with a code or a text of its own.
func TestProblemsAreMadeOfTheCatalogue(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	made := regexp.MustCompile(`\bProblem\{|\bnew\(Problem\)|Problem\(\d`)
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(made.FindAll(text, -1)); !strings.HasSuffix(path, "_test.go") && (n > 1 || n == 1 && path != "problem.go") {
			t.Errorf("%s makes %d problems by hand, want newProblem, which takes the catalogue's", path, n)
		}
	}
}
