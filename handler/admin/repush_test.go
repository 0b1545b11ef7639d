package admin_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

func TestRepushOfOneEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		event := w.eventOf("change_auth")
		got := w.post("/api/v1/events/"+event.ID+"/repush", "")
		r := decode[admin.Repush](w, got)
		if got.StatusCode != 202 || r.State != "done" || r.EventID != event.ID || r.Actor != "ops" || r.Total != 1 {
			t.Errorf("POST repush of an event = %d %+v, want 202 and that it is done", got.StatusCode, r)
		}
		if e := w.audit()[0]; e.Action != "repush_event" || e.EventID != event.ID {
			t.Errorf("newest audit entry = %+v, want the repush of %s", e, event.ID)
		}
		if again := decode[admin.Repush](w, w.call(http.MethodGet, "/api/v1/repush/"+r.ID, viewerToken)); again != r {
			t.Errorf("GET repush/%s = %+v, want %+v", r.ID, again, r)
		}
		wantProblem(t, w.post("/api/v1/events/"+unknownID+"/repush", ""), 404, "not_found")
		wantProblem(t, w.call(http.MethodGet, "/api/v1/repush/"+unknownID, viewerToken), 404, "not_found")
	})
}

func TestRepushByFilter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		events := len(w.events("").Events)
		before := len(w.audit())
		got := w.post("/api/v1/repush", `{"suite_key":"`+testSuite+`","since":"1h","dry_run":true}`)
		p := decode[admin.RepushPreview](w, got)
		if got.StatusCode != 200 || p.Events != events || p.Types["tmp_auth_code"] != 3 || p.Corps != 2 || p.Oldest.IsZero() || p.Capped {
			t.Errorf("POST repush as a dry run = %d %+v, want 200 with all %d events of 2 corps", got.StatusCode, p, events)
		}
		if n := len(w.audit()); n != before || len(w.repushes()) != 0 {
			t.Error("a dry run was audited or run, want neither")
		}

		got = w.post("/api/v1/repush", `{"type":"tmp_auth_code","corp_id":"`+failedCorp+`","failed":true}`)
		r := decode[admin.Repush](w, got)
		if got.StatusCode != 202 || r.State != "running" || r.Filter != (admin.RepushFilter{Type: "tmp_auth_code", CorpID: failedCorp, Failed: true}) {
			t.Errorf("POST repush = %d %+v, want 202 and that it runs by its filter", got.StatusCode, r)
		}
		w.settle()
		if r := decode[admin.Repush](w, w.call(http.MethodGet, "/api/v1/repush/"+r.ID, viewerToken)); r.State != "done" || r.Done != 1 || r.Total != 1 {
			t.Errorf("GET repush/%s = %+v, want it done with one event", r.ID, r)
		}
		if list := w.repushes(); len(list) != 1 || list[0].ID != r.ID {
			t.Errorf("GET repush = %+v, want the one", list)
		}
		if e := w.audit()[0]; e.Action != "repush" || !strings.Contains(e.Detail, "tmp_auth_code") {
			t.Errorf("newest audit entry = %+v, want the repush with its filter", e)
		}
	})
}

func (w *world) repushes() []admin.Repush {
	w.Helper()
	return decode[admin.Repushes](w, w.call(http.MethodGet, "/api/v1/repush", viewerToken)).Repushes
}

// busyKeeper is processing events again already.
type busyKeeper struct{ admin.Keeper }

func (busyKeeper) StartReplay(context.Context, suite.Actor, suite.ReplayQuery) (suite.Replay, error) {
	return suite.Replay{}, suite.ErrReplayRuns
}

func TestOneRepushAtATime(t *testing.T) {
	o := options()
	o.Keeper = busyKeeper{}
	got := callWith(t, serve(t, o), http.MethodPost, "/api/v1/repush", bearer(operatorToken), `{"failed":true}`)
	wantProblem(t, got, 409, "repush_runs")
	if !strings.Contains(got.body, "GET /api/v1/repush") {
		t.Errorf("POST repush while one runs = %s, want what to do", got.body)
	}
}

func TestRepushNeedsASuiteOrWhatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		before := len(w.audit())
		for _, body := range []string{
			`{}`, `{"dry_run":true}`, `{"suite_key":""}`, `{"failed":false}`, `{"type":"change_auth"}`, `{"corp_id":"` + activeCorp + `","since":"1h"}`,
		} {
			got := w.post("/api/v1/repush", body)
			wantProblem(t, got, 422, "invalid_request")
			if !strings.Contains(got.body, "suite_key") || !strings.Contains(got.body, "failed: true") {
				t.Errorf("POST repush of %s = %s, want what to give", body, got.body)
			}
		}
		if n := len(w.audit()); n != before || len(w.repushes()) != 0 {
			t.Errorf("%d audit entries and %d repushes of what was refused, want none", n-before, len(w.repushes()))
		}
		for _, body := range []string{`{"failed":true}`, `{"suite_key":"` + testSuite + `"}`} {
			decode[admin.Repush](w, w.post("/api/v1/repush", body))
			w.settle()
		}
	})
}

func TestRepushBodiesMeanOneThing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		before := len(w.audit())
		tests := []struct {
			name, body string
			status     int
		}{
			{"no JSON", `canary`, 400},
			{"cut off", `{"suite_key":`, 400},
			{"two values", `{}{}`, 400},
			{"another shape", `["suite_key"]`, 422},
			{"null", `null`, 422},
			{"mistyped filter", `{"suitekey":"canary"}`, 422},
			{"filter of another type", `{"suite_key":1}`, 422},
			{"wrong since", `{"failed":true,"since":"canary"}`, 422},
			{"negative since", `{"failed":true,"since":"-1h"}`, 422},
			{"long filter", `{"failed":true,"corp_id":"` + strings.Repeat("x", 257) + `"}`, 422},
			{"large", `{"corp_id":"` + strings.Repeat("x", 17<<10) + `"}`, 413},
		}
		for _, tt := range tests {
			got := w.post("/api/v1/repush", tt.body)
			wantProblem(t, got, tt.status, "invalid_request")
			if got.StatusCode != tt.status || strings.Contains(got.body, "canary") {
				t.Errorf("POST repush of %s = %d %s, want %d and nothing quoted", tt.name, got.StatusCode, got.body, tt.status)
			}
		}
		wantProblem(t, w.post("/api/v1/repush", `{"suite_key":"nobody"}`), 404, "unknown_suite")
		wantProblem(t, w.call(http.MethodPost, "/api/v1/repush", operatorToken), 400, "invalid_request")
		for _, contentType := range []string{"application/x-www-form-urlencoded", "text/plain", "canary"} {
			header := bearer(operatorToken)
			header.Set("Content-Type", contentType)
			got := callWith(t, w.srv, http.MethodPost, "/api/v1/repush", header, `{"failed":true}`)
			wantProblem(t, got, 415, "invalid_request")
			if strings.Contains(got.body, "canary") || !strings.Contains(got.body, "application/json") {
				t.Errorf("POST repush of %s = %s, want which type it takes", contentType, got.body)
			}
		}
		if n := len(w.audit()); n != before {
			t.Errorf("%d audit entries were written for what was refused, want none", n-before)
		}
	})
}

func TestRepushRetriesWhatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.late()
		event := w.events("?type=tmp_auth_code&corp_id=dinglate").Events[0]
		decode[admin.Repush](w, w.post("/api/v1/events/"+event.ID+"/repush", ""))
		w.settle()
		if a := decode[admin.AuthorizationDetail](w, w.call(http.MethodGet, authorizationsPath+"/dinglate", viewerToken)); a.Status != "active" {
			t.Errorf("authorisation after the repush = %+v, want it active", a)
		}
	})
}
