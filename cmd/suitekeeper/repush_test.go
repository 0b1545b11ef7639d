package main_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A preview that looked at as much as it may and found nothing is no reason to
// do nothing: what it did not look at may match.
func TestRepushGoesOnWherePreviewSawTooLittle(t *testing.T) {
	for _, tt := range []struct {
		name, preview, says string
		runs                bool
	}{
		{"looked at all", `{"events":0,"types":{},"corps":0,"capped":false}`, "No stored event matches.", false},
		{"looked at enough", `{"events":0,"types":{},"corps":0,"capped":true}`, "too many events to preview them all; none of those looked at matches, others may", true},
		{"found many", `{"events":7,"types":{"org_update":7},"corps":1,"oldest":"2026-08-01T09:30:00Z","capped":true}`, "more than 7 (org_update 7)", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			runs := false
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				w.Header().Set("Content-Type", "application/json")
				if strings.Contains(string(body), `"dry_run":true`) {
					io.WriteString(w, tt.preview)
					return
				}
				runs = true
				w.WriteHeader(http.StatusAccepted)
				fmt.Fprint(w, `{"id":"0198c5a0-1111-7000-8000-000000000001","state":"done","started_at":"2026-08-01T09:30:00Z","ended_at":"2026-08-01T09:30:01Z","total":9,"done":9}`)
			}))
			defer srv.Close()
			r := runCommand(t.Context(), "", "repush", "--suite", "suitea", "--admin", srv.URL, "--token", "aTokenOfSomebody")
			if r.status != 0 || !strings.Contains(r.stdout, tt.says) || runs != tt.runs {
				t.Errorf("repush = %d with %q, errors %q, ran %v; want %q, ran %v", r.status, r.stdout, r.stderr, runs, tt.says, tt.runs)
			}
			if done := strings.Contains(r.stdout, "processed again        9"); done != tt.runs {
				t.Errorf("repush says %q, want what came of it exactly if it ran", r.stdout)
			}
		})
	}
}
