package admin_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/handler/admin"
)

func TestClientMakesAllCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, c := t.Context(), w.client(operatorToken)

		list, err := c.Authorizations(ctx, testSuite, admin.AuthorizationsQuery{Status: "active", Search: "苹", Limit: 7})
		if err != nil || len(list.Authorizations) != 1 || list.Authorizations[0].CorpID != activeCorp {
			t.Errorf("Authorizations(active) = %+v, %v, want %s", list, err, activeCorp)
		}
		one, err := c.Authorization(ctx, testSuite, activeCorp)
		if err != nil || one.Status != "active" || len(one.History) == 0 {
			t.Errorf("Authorization(%s) = %+v, %v, want it active with its history", activeCorp, one, err)
		}
		code, err := c.RevealPermanentCode(ctx, testSuite, activeCorp)
		if err != nil || len(code.Reveal()) < 16 || code.String() != "•••" {
			t.Errorf("RevealPermanentCode(%s) = %s, %v, want a secret", activeCorp, code, err)
		}
		if r, err := c.Retry(ctx, testSuite, activeCorp); err != nil || r.Action != "activate" {
			t.Errorf("Retry(%s) = %+v, %v, want activate", activeCorp, r, err)
		}

		events, err := c.Events(ctx, admin.EventsQuery{SuiteKey: testSuite, Type: "tmp_auth_code", CorpID: activeCorp, Outcome: "applied", Since: "1h", Ascending: true, Limit: 3})
		if err != nil || len(events.Events) != 1 {
			t.Fatalf("Events(tmp_auth_code) = %+v, %v, want one", events, err)
		}
		id := events.Events[0].ID
		later, err := c.WaitEvents(ctx, admin.EventsQuery{After: id, CorpID: activeCorp}, time.Hour)
		if err != nil || len(later.Events) != 1 || later.Events[0].Type != "change_auth" {
			t.Errorf("WaitEvents(after the code) = %+v, %v, want the change", later, err)
		}
		masked, err := c.Event(ctx, id, false)
		if err != nil || masked.Revealed {
			t.Errorf("Event(masked) = %+v, %v, want it masked", masked, err)
		}
		revealed, err := c.Event(ctx, id, true)
		if err != nil || !revealed.Revealed || strings.Contains(string(masked.Payload), authCode(t, revealed)) {
			t.Errorf("Event(revealed) = %+v, %v, want it revealed", revealed, err)
		}

		single, err := c.RepushEvent(ctx, id)
		if err != nil || single.EventID != id {
			t.Errorf("RepushEvent(%s) = %+v, %v, want it done", id, single, err)
		}
		request := admin.RepushRequest{SuiteKey: testSuite, Type: "change_auth"}
		preview, err := c.PreviewRepush(ctx, request)
		if err != nil || preview.Events != 1 {
			t.Errorf("PreviewRepush(change_auth) = %+v, %v, want one event", preview, err)
		}
		request.DryRun = true // not looked at: who calls Repush means it
		job, err := c.Repush(ctx, request)
		if err != nil || job.ID == "" {
			t.Errorf("Repush(change_auth) = %+v, %v, want a job", job, err)
		}
		w.settle()
		if done, err := c.RepushJob(ctx, job.ID); err != nil || done.State != "done" || done.Done != 1 {
			t.Errorf("RepushJob(%s) = %+v, %v, want it done", job.ID, done, err)
		}
		if jobs, err := c.Repushes(ctx, admin.ListQuery{}); err != nil || len(jobs.Repushes) != 2 || jobs.Repushes[0].ID != job.ID {
			t.Errorf("Repushes() = %+v, %v, want two, the newest first", jobs, err)
		}
		if r, err := c.Rejections(ctx, admin.ListQuery{}); err != nil || len(r.Rejections) != 1 || r.Counts["bad_signature"] != 1 {
			t.Errorf("Rejections() = %+v, %v, want one", r, err)
		}
		if a, err := c.Audit(ctx, admin.ListQuery{Limit: 2}); err != nil || len(a.Entries) != 2 || a.NextCursor == "" {
			t.Errorf("Audit(2) = %+v, %v, want two and a cursor", a, err)
		}
	})
}

func TestClientTellsWhatCannotBeDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var refused *admin.Error
		if _, err := w.client(operatorToken).Retry(t.Context(), testSuite, failedCorp); !errors.As(err, &refused) || refused.Code != "nothing_to_retry" {
			t.Errorf("Retry(%s) = %v, want nothing_to_retry", failedCorp, err)
		}
		if code, err := w.client(viewerToken).RevealPermanentCode(t.Context(), testSuite, activeCorp); !errors.As(err, &refused) || refused.Code != "forbidden" || code != "" {
			t.Errorf("RevealPermanentCode(%s) of a viewer = %s, %v, want forbidden", activeCorp, code, err)
		}
		if _, err := w.client(viewerToken).Events(t.Context(), admin.EventsQuery{Cursor: "?&#"}); !errors.As(err, &refused) || refused.Status != 422 {
			t.Errorf("Events with a strange cursor = %v, want 422", err)
		}
	})
}

// A name must not lead to another call than was meant.
func TestClientKeepsNamesApart(t *testing.T) {
	var asked string
	srv := serveHandler(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		asked = r.URL.EscapedPath()
		http.NotFound(rw, r)
	}))
	c := newClient(t, srv, operatorToken)
	for corp, want := range map[string]string{
		"ding/../x":  "ding%2F..%2Fx",
		"a b?c#d":    "a%20b%3Fc%23d",
		"100%":       "100%25",
		"苹果":         "%E8%8B%B9%E6%9E%9C",
		"../reveal":  "..%2Freveal",
		"%2e%2e":     "%252e%252e",
		"ding;a=b&c": "ding%3Ba=b&c",
	} {
		if _, err := c.Retry(t.Context(), testSuite, corp); err == nil {
			t.Errorf("Retry(%q) of a server without it = nil, want an error", corp)
		}
		if want := authorizationsPath + "/" + want + "/retry"; asked != want {
			t.Errorf("Retry(%q) asks for %s, want %s", corp, asked, want)
		}
	}
	asked = "nothing"
	for _, corp := range []string{"", ".", ".."} {
		if _, err := c.Retry(t.Context(), testSuite, corp); err == nil || asked != "nothing" {
			t.Errorf("Retry(%q) = %v and asks for %s, want an error and no request", corp, err, asked)
		}
	}
}

func TestServerReadsNamesAsTheyWereMeant(t *testing.T) {
	h, err := admin.New(options())
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/api/v1%2Fstatus", nil)
	r.Header = bearer(viewerToken)
	got := httptest.NewRecorder()
	h.ServeHTTP(got, r)
	if got.Code != 404 {
		t.Errorf("GET /api/v1%%2Fstatus = %d, want 404: an escaped slash is no slash", got.Code)
	}
}
