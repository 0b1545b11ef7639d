package main_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A list of several suites goes on where a page ends, be that within a suite,
// at its end, or before one that has nothing.
func TestAuthsListGoesOnOverSuites(t *testing.T) {
	var want []string
	second, third := sampleSuite, sampleSuite
	second.Key, third.Key = "suitesecond000000000", "suitethird0000000000"
	r := newTestReceiver(t, "http://127.0.0.1:1", sampleSuite, second, third)
	r.start()
	for i := range 7 {
		s := sampleSuite
		if i > 3 {
			s = third // the second one has no authorisations
		}
		_, err := r.push(s, fmt.Sprintf(`{"EventType":"tmp_auth_code","SuiteKey":%q,"AuthCode":"code%d","AuthCorpId":"ding%d"}`, s.Key, i, i))
		r.must(err)
		want = append(want, fmt.Sprint("ding", i))
	}
	flags := []string{"--admin", r.admin, "--token", r.adminToken()}
	for limit := 1; limit <= 8; limit++ {
		var got []string
		pages := 0
		for cursor := ""; pages == 0 || cursor != ""; pages++ {
			var list struct {
				Authorizations []struct {
					CorpID string `json:"corp_id"`
				}
				NextCursor string `json:"next_cursor"`
			}
			text := ask(t, append([]string{"auths", "list", "--limit", fmt.Sprint(limit), "--cursor", cursor, "-o", "json"}, flags...)...)
			r.must(json.Unmarshal([]byte(text), &list))
			for _, a := range list.Authorizations {
				got = append(got, a.CorpID)
			}
			cursor = list.NextCursor
		}
		if !slices.Equal(got, want) || pages != (len(want)+limit-1)/limit {
			t.Errorf("auths list --limit %d lists %q in %d pages, want %q in as few as can be", limit, got, pages, want)
		}
	}
	text := ask(t, append([]string{"auths", "list", "--limit", "4"}, flags...)...)
	if !strings.Contains(text, "… more follow: --cursor "+third.Key+": goes on here") {
		t.Errorf("auths list --limit 4 = %s, want how to go on with the third suite", text)
	}
	if got := runCommand(t.Context(), "", append([]string{"auths", "list", "--cursor", "AWNkaW5n"}, flags...)...); got.status != 2 ||
		!strings.Contains(got.stderr, "of which suite") || !strings.Contains(got.stderr, "hint: ") {
		t.Errorf("auths list with the cursor of some suite = %d %q, want 2 and what to give", got.status, got.stderr)
	}
}
