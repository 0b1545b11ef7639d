package admin_test

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

func TestAuditComesInPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for range 5 {
			decode[admin.PermanentCode](w, w.call(http.MethodPost, authorizationsPath+"/"+activeCorp+"/reveal", operatorToken))
		}
		w.must(w.keeper.RecordSignIn(t.Context(), suite.Actor{Name: "screen", Role: "viewer", RemoteAddr: "192.0.2.9"}))
		var got []string
		cursor := ""
		client := w.client(operatorToken)
		for {
			page, err := client.Audit(t.Context(), admin.ListQuery{Limit: 4, Cursor: cursor})
			w.must(err)
			for _, e := range page.Entries {
				got = append(got, e.Action)
			}
			if cursor = page.NextCursor; cursor == "" || len(got) > 6 {
				break
			}
		}
		want := append([]string{"sign_in"}, slices.Repeat([]string{"reveal_permanent_code"}, 5)...)
		if !slices.Equal(got, want) {
			t.Errorf("pages of the audit log list %q, want %q", got, want)
		}
	})
}

func TestRejectionsTellTheCure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for _, reason := range []suite.RejectReason{suite.RejectCiphertext, suite.RejectSuiteKey, suite.RejectNotJSON, suite.RejectSource} {
			w.keeper.Reject(suite.Rejection{At: time.Now(), Suite: "elsewhere", RemoteAddr: "192.0.2.8", Reason: reason, Got: "suite4xxxxxxxxxxxxxxx"})
		}
		got := decode[admin.Rejections](w, w.call(http.MethodGet, "/api/v1/rejections", viewerToken))
		if len(got.Rejections) != 5 || got.Counts["bad_signature"] != 1 || got.Counts["source_not_allowed"] != 1 {
			t.Fatalf("GET rejections = %+v, want 5 with their counts", got)
		}
		for _, r := range got.Rejections {
			if r.Message == "" || r.MessageZH == "" || r.Cure == "" || r.CureZH == "" || r.At.IsZero() || r.RemoteAddr == "" {
				t.Errorf("rejection = %+v, want message and cure in both languages", r)
			}
		}
		if newest, oldest := got.Rejections[0], got.Rejections[4]; newest.SuiteKey != "" || oldest.SuiteKey != testSuite {
			t.Errorf("rejections are of the suites %q … %q, want the newest first, and none for an unknown suite", newest.SuiteKey, oldest.SuiteKey)
		}
	})
}
