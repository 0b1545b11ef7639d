package admin_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suitekeeper/suite"
)

// The golden files are what programs rely on: a change there is a change of
// the API.
func TestAnswersHaveTheirShape(t *testing.T) {
	srv := serve(t, options())
	for path, golden := range map[string]string{
		"/api/v1/status": "testdata/status.json",
		"/api/v1/suites": "testdata/suites.json",
	} {
		got := call(t, srv, http.MethodGet, path, viewerToken)
		if ct := got.Header.Get("Content-Type"); ct != "application/json" {
			t.Errorf("GET %s: Content-Type = %q, want application/json", path, ct)
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), indent(t, got.body)); diff != "" {
			t.Errorf("GET %s differs from %s (-want +got):\n%s", path, golden, diff)
		}
	}
}

func TestStatusOfNothingHasEmptyLists(t *testing.T) {
	o := options()
	o.Keeper = keeper{report: suite.Report{}}
	got := call(t, serve(t, o), http.MethodGet, "/api/v1/status", viewerToken)
	var lists map[string]json.RawMessage
	if err := json.Unmarshal([]byte(got.body), &lists); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"suites", "alerts"} {
		if string(lists[name]) != "[]" {
			t.Errorf("%s = %s, want []", name, lists[name])
		}
	}
	if disk, ok := lists["disk"]; ok {
		t.Errorf("disk that is not known = %s, want none", disk)
	}
}

func indent(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", "  "); err != nil {
		t.Fatalf("answer %q is no JSON: %v", text, err)
	}
	return b.String()
}
