package suite

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// An array has a place for every problem and every reply; this finds places that
// nobody filled, and codes that two share.
func TestEveryProblemAndReplyHasMessageAndCureInBothLanguages(t *testing.T) {
	var codes []string
	for _, e := range ProblemEntries() {
		codes = append(codes, e.Code)
		checkText(t, e.Code+" message", e.Message)
		checkText(t, e.Code+" cure", e.Cure)
	}
	slices.Sort(codes)
	if len(slices.Compact(codes)) != int(problems) || codes[0] == "" {
		t.Errorf("the problems have the codes %q, want one of its own for each", codes)
	}
	codes = nil
	for _, e := range ReplyEntries() {
		codes = append(codes, e.Code)
		checkText(t, e.Code+" message", e.Message)
		checkText(t, e.Code+" cure", e.Cure)
	}
	slices.Sort(codes)
	if len(slices.Compact(codes)) != int(replies) || codes[0] == "" {
		t.Errorf("the replies have the codes %q, want one of its own for each", codes)
	}
	if Problem(200).String() != "internal" || Reply(200).String() != "internal" {
		t.Errorf("a problem and a reply that there are not read %s and %s, want internal", Problem(200), Reply(200))
	}
}

func TestProblemErrorsAreToldByTheirProblem(t *testing.T) {
	err := fmt.Errorf("list events: %w", UnknownSuite("suite1", []SuiteKey{"suite2", "suite3"}))
	if !errors.Is(err, ErrUnknownSuite) || errors.Is(err, ErrNotFound) || errors.Is(errors.New("x"), ErrUnknownSuite) {
		t.Errorf("%v is unknown suite: %v, not found: %v, want the first alone", err, errors.Is(err, ErrUnknownSuite), errors.Is(err, ErrNotFound))
	}
	if want := "list events: Suite suite1 is not configured. Configured: suite2, suite3"; err.Error() != want {
		t.Errorf("Error() = %q, want %q", err, want)
	}
}

func TestUnknownSuiteNamesThoseThatAreConfigured(t *testing.T) {
	many := strings.Split("suitea suiteb suitec suited suitee suitef suiteg", " ")
	var keys []SuiteKey
	for _, key := range many {
		keys = append(keys, SuiteKey(key))
	}
	for _, tt := range []struct {
		configured []SuiteKey
		want       Text
	}{
		{nil, Text{"Configured: none.", "已配置的套件：无。"}},
		{keys[:2], Text{"Configured: suitea, suiteb.", "已配置的套件：suitea, suiteb。"}},
		{keys, Text{"Configured: suitea, suiteb, suitec, suited, suitee and 2 more.", "已配置的套件：suitea, suiteb, suitec, suited, suitee 等，另有 2 个。"}},
	} {
		message, _ := UnknownSuite("suitetypo", tt.configured).Explain()
		if !strings.HasSuffix(message.EN, tt.want.EN) || !strings.HasSuffix(message.ZH, tt.want.ZH) || !strings.Contains(message.ZH, "suitetypo") {
			t.Errorf("with %v configured an unknown suite is told %+v, want the ends %+v", tt.configured, message, tt.want)
		}
	}
}
