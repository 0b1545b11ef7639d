package suite

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestEveryFindingHasMessageAndCureInBothLanguages(t *testing.T) {
	var codes []FindingCode
	for _, e := range FindingEntries() {
		codes = append(codes, e.Code)
		checkFinding(t, string(e.Code)+" message", e.Message)
		switch e.Severity {
		case FindingError, FindingWarning, FindingUnknown:
			checkFinding(t, string(e.Code)+" cure", e.Cure)
		case FindingOK:
			if e.Cure != (Text{}) {
				t.Errorf("%s is well and has the cure %+v", e.Code, e.Cure)
			}
		default:
			t.Errorf("%s has severity %q", e.Code, e.Severity)
		}
		if got, ok := ExplainFinding(e.Code); !ok || got != e {
			t.Errorf("ExplainFinding(%s) = %+v, %v, want %+v: each code has one entry", e.Code, got, ok, e)
		}
	}
	declared := declaredCodes[FindingCode](t, "catalog_findings.go", "FindingCode")
	slices.Sort(codes)
	slices.Sort(declared)
	if !slices.Equal(codes, declared) {
		t.Errorf("catalogue has %v, want one entry for each of %v", codes, declared)
	}
}

// english is a sequence of words that no Chinese text quotes.
var english = regexp.MustCompile(`[a-z]+ [a-z]+ [a-z]+ [a-z]+`)

func checkFinding(t *testing.T, name string, text Text) {
	t.Helper()
	en, zh := placeholder.FindAllString(text.EN, -1), placeholder.FindAllString(text.ZH, -1)
	slices.Sort(en)
	slices.Sort(zh)
	if !slices.Equal(slices.Compact(en), slices.Compact(zh)) {
		t.Errorf("%s has placeholders %v in English, %v in Chinese", name, en, zh)
	}
	if !strings.HasSuffix(text.EN, ".") || !strings.HasSuffix(text.ZH, "。") || !strings.ContainsFunc(text.ZH, isHan) {
		t.Errorf("%s is %+v, want sentences in both languages", name, text)
	}
	if words := english.FindString(text.ZH); words != "" {
		t.Errorf("%s quotes %q in Chinese", name, words)
	}
}

func TestFindingsQuoteTheCodesOfURLRegistration(t *testing.T) {
	for code, platformCode := range findingCodes {
		known, ok := ExplainCode(platformCode)
		e, found := ExplainFinding(code)
		if !ok || !found || !known.URLCheck() {
			t.Errorf("%s names %s, want a finding and a code of URL registration", code, platformCode)
		}
		if !strings.Contains(e.Message.EN, platformCode) || !strings.Contains(e.Message.EN, known.Meaning.EN) || !strings.Contains(e.Message.ZH, known.Meaning.ZH) {
			t.Errorf("%s says %+v, want what %s means", code, e.Message, platformCode)
		}
	}
	if e, _ := ExplainFinding(FindingURLWrongAnswer); !strings.Contains(e.Cure.EN, "url_check_reply") {
		t.Errorf("a wrong answer has the cure %q, want that of 71009", e.Cure.EN)
	}
}
