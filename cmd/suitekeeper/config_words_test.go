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

// TestEveryCureOfAConfigurationIsTranslated looks at the cures that stand in the
// source, and at what is allowed for each key.
func TestEveryCureOfAConfigurationIsTranslated(t *testing.T) {
	cures := allowedIn(reflect.TypeFor[keeper.Config]())
	for _, file := range sourceFiles(t, "config*.go") {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || (name.Sel.Name != "report" && name.Sel.Name != "reportAt") {
				return true
			}
			if last := call.Args[len(call.Args)-1]; isText(last) {
				text, err := strconv.Unquote(last.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				cures = append(cures, text)
			}
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
