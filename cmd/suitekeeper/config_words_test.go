package main_test

import (
	"go/ast"
	"reflect"
	"regexp"
	"strconv"
	"testing"
	"unicode"

	keeper "suitekeeper/cmd/suitekeeper"
)

// englishWords is more than a Chinese text quotes.
var englishWords = regexp.MustCompile(`[a-z]+ [a-z]+ [a-z]+`)

// TestFindingsOfAConfigurationAreTranslated looks at the problems and cures that
// stand in the source, and at what is allowed for each key.
func TestFindingsOfAConfigurationAreTranslated(t *testing.T) {
	cures := allowedIn(reflect.TypeFor[keeper.Config]())
	var problems []string
	texts := func(args []ast.Expr) (all []string) {
		for _, arg := range args {
			text := ""
			if isText(arg) {
				text, _ = strconv.Unquote(arg.(*ast.BasicLit).Value)
			}
			all = append(all, text)
		}
		return all
	}
	for _, file := range sourceFiles(t, "config*.go") {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			switch name := call.Fun.(type) {
			case *ast.SelectorExpr:
				ok = name.Sel.Name == "report" || name.Sel.Name == "reportAt"
			case *ast.Ident:
				ok = name.Name == "warn"
			}
			if !ok || len(call.Args) != 3 {
				return true
			}
			said := texts(call.Args)
			problems, cures = append(problems, said[1]), append(cures, said[2])
			return true
		})
	}
	cures = append(cures,
		"did you mean forwards? allowed: listen, admin, data", "allowed: listen, admin, data", "did you mean SUITEKEEPER_DATA?",
		"unset it; variables are named after keys, as SUITEKEEPER_ADMIN_LISTEN after admin.listen",
		"unset it and give admin.tokens in the configuration file",
		"unset it and give suites in the configuration file, or one suite by SUITEKEEPER_SUITE_KEY and _SUITE_AES_KEY",
		"set SUITEKEEPER_SUITE_KEY too", "")
	for _, cure := range cures {
		text := keeper.FindingCure(keeper.Finding{Cure: cure})
		if !hasHan(text.ZH) || englishWords.MatchString(text.ZH) || text.EN == "" {
			t.Errorf("the cure %q reads %+v, want it in both languages", cure, text)
		}
	}
	for _, problem := range problems {
		if said := keeper.FindingProblem(keeper.Finding{Key: "x", Problem: problem}); problem != "" && (!hasHan(said.ZH) || englishWords.MatchString(said.ZH)) {
			t.Errorf("the problem %q reads %+v, want it in both languages", problem, said)
		}
	}
	if len(cures) < 40 {
		t.Errorf("only %d cures were found", len(cures))
	}
}

// allowedIn is what findings say is allowed for the keys of a configuration.
func allowedIn(structure reflect.Type) (all []string) {
	for i := range structure.NumField() {
		f := structure.Field(i)
		if text := f.Tag.Get("allowed"); text != "" {
			all = append(all, "allowed: "+text)
		}
		inner := f.Type
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			all = append(all, allowedIn(inner)...)
		}
	}
	return all
}

func hasHan(s string) bool {
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			return true
		}
	}
	return false
}
