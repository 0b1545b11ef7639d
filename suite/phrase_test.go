package suite

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestPhraseIsSaidInBothLanguages(t *testing.T) {
	for _, tt := range []struct {
		phrase Phrase
		want   Text
	}{
		{"", Text{}},
		{"an earlier version could not read it", asItIs("an earlier version could not read it")},
		{Say(SayMissing, "AuthCode"), Text{"AuthCode is missing", "缺少 AuthCode"}},
		{Say(SayMissing, "{1} ~{1}"), Text{"{1} ~{1} is missing", "缺少 {1} ~{1}"}},
		{Say(SayInside, "biz_data", string(Say(SayNameTwice))),
			Text{"in biz_data, a name stands twice in one JSON object", "biz_data：同一个 JSON 对象中有重复的字段名"}},
		{Say(SayCallAnswered, "get_suite_token", "40085", "不合法的suite_ticket"),
			Text{"get_suite_token: DingTalk answered 40085: 不合法的suite_ticket", "get_suite_token：钉钉返回 40085：不合法的suite_ticket"}},
		{Say(SayNoAnswerRefused, "dial tcp 192.0.2.1:443: connect: connection refused", "192.0.2.1:443"),
			Text{"no answer: dial tcp 192.0.2.1:443: connect: connection refused", "没有应答：192.0.2.1:443 拒绝连接"}},
		{Say(SayFileFailed, "write /b: no space left on device", "/b", string(Say(SayDiskNoSpace, "write /b: no space left on device"))),
			Text{"write /b: no space left on device", "/b：磁盘没有剩余空间"}},
		{AsItIs(`["field_missing","x"]`), asItIs(`["field_missing","x"]`)},   // DingTalk's words are never read as ours
		{`["of_a_later_version","x"]`, asItIs(`["of_a_later_version","x"]`)}, // and those of a later version are shown
		{`["field_missing"`, asItIs(`["field_missing"`)},
		{`["field_missing",5]`, asItIs(`["field_missing",5]`)},
	} {
		if got := tt.phrase.Text(); got != tt.want {
			t.Errorf("Phrase(%q).Text() = %+v, want %+v", string(tt.phrase), got, tt.want)
		}
	}
}

// TestEverySentenceIsWorded finds constants without a wording, and wordings in
// one language only.
func TestEverySentenceIsWorded(t *testing.T) {
	declared := declaredSentences(t)
	for _, s := range declared {
		wording, ok := sentences[s]
		if !ok {
			t.Errorf("the sentence %s has no wording", s)
			continue
		}
		if s == SayWords {
			continue
		}
		if !regexp.MustCompile(`\p{Han}`).MatchString(withoutPlaceholders(wording.ZH)) && !slices.Contains([]Sentence{SayInside, SayCallFailed, SayFileFailed, SayParameter}, s) {
			t.Errorf("the sentence %s reads %q in Chinese", s, wording.ZH)
		}
		if strings.Contains(wording.EN, "~") != strings.Contains(wording.ZH, "~") && s != SayFileFailed {
			t.Errorf("the sentence %s holds a phrase in one language only: %+v", s, wording)
		}
		if strings.Contains(withoutPlaceholders(wording.EN+wording.ZH), phraseMark) {
			t.Errorf("the sentence %s reads %+v, want %q before placeholders only", s, wording, phraseMark)
		}
	}
	if len(declared) != len(sentences) {
		t.Errorf("%d sentences are declared and %d worded", len(declared), len(sentences))
	}
}

func withoutPlaceholders(s string) string {
	return regexp.MustCompile(`~?\{\d\}`).ReplaceAllString(s, "")
}

// declaredSentences reads the constants of type Sentence from the source.
func declaredSentences(t *testing.T) (list []Sentence) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "catalog_sentences.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); !ok || typ.Name != "Sentence" {
			return true
		}
		name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil || slices.Contains(list, Sentence(name)) {
			t.Fatalf("the sentence %s is declared twice, or not as a text: %v", name, err)
		}
		list = append(list, Sentence(name))
		return true
	})
	return list
}
