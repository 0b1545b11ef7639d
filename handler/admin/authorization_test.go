package admin_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/handler/admin"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

func (w *world) authorizations(query string) admin.Authorizations {
	w.Helper()
	return decode[admin.Authorizations](w, w.call(http.MethodGet, authorizationsPath+query, viewerToken))
}

func corps(list admin.Authorizations) (ids []string) {
	for _, a := range list.Authorizations {
		ids = append(ids, a.CorpID)
	}
	return ids
}

func TestAuthorizationsAreFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		tests := []struct {
			query string
			want  []string
		}{
			{"", []string{activeCorp, failedCorp}},
			{"?status=active", []string{activeCorp}},
			{"?status=failed", []string{failedCorp}},
			{"?status=relieved", nil},
			{"?search=dingAC", []string{activeCorp}},
			{"?search=%E8%8B%B9%E6%9E%9C", []string{activeCorp}}, // 苹果
			{"?search=%C3%A4PFEL+%26", []string{activeCorp}},     // äPFEL &
			{"?search=active", nil},                              // a corp id is found by its beginning
			{"?search=ding&status=failed", []string{failedCorp}},
			{"?limit=500", []string{activeCorp, failedCorp}},
		}
		for _, tt := range tests {
			if got := corps(w.authorizations(tt.query)); !slices.Equal(got, tt.want) {
				t.Errorf("GET authorizations%s lists %q, want %q", tt.query, got, tt.want)
			}
		}
	})
}

func TestAuthorizationsComeInPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var got []string
		cursor := ""
		for page := w.authorizations("?limit=1"); ; page = w.authorizations("?limit=1&cursor=" + cursor) {
			got = append(got, corps(page)...)
			if cursor = page.NextCursor; cursor == "" || len(got) > 2 {
				break
			}
		}
		if want := []string{activeCorp, failedCorp}; !slices.Equal(got, want) {
			t.Errorf("pages of one list %q, want %q", got, want)
		}
	})
}

func TestAuthorizationShowsWhatHappened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		a := decode[admin.AuthorizationDetail](w, w.call(http.MethodGet, authorizationsPath+"/"+activeCorp, viewerToken))
		if a.Status != "active" || a.Exchange.State != "done" || a.Exchange.Error != nil || len(a.Agents) != 1 || a.ActivatedAt.IsZero() {
			t.Errorf("active authorisation = %+v, want it active with its app and nothing left to do", a)
		}
		if last := a.History[len(a.History)-1]; last.Scopes == nil || !slices.Equal(last.Scopes.Is.Departments, []int64{42}) {
			t.Errorf("last of the history = %+v, want the change of the scope to department 42", last)
		}
		f := decode[admin.AuthorizationDetail](w, w.call(http.MethodGet, authorizationsPath+"/"+failedCorp, viewerToken))
		if e := f.Exchange.Error; f.Status != "failed" || f.Exchange.State != "failed" || e == nil ||
			e.Code != "code_burnt" || e.PlatformCode != "40078" || e.Cure == "" || e.CureZH == "" {
			t.Errorf("failed authorisation = %+v with error %+v, want a burnt code with its cure", f, f.Exchange.Error)
		}
	})
}

func TestRevealShowsTheCodeAndIsAudited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		got := w.call(http.MethodPost, authorizationsPath+"/"+activeCorp+"/reveal", operatorToken)
		code := decode[admin.PermanentCode](w, got).PermanentCode
		masked := w.authorizations("?status=active").Authorizations[0].PermanentCode
		tail := strings.TrimLeft(masked, "•")
		if len(code) < 16 || len(tail) > 4 || tail == "" || !strings.HasSuffix(code, tail) || tail == masked {
			t.Errorf("POST reveal = %q, which lists show as %q; want all of it, and there the end", code, masked)
		}
		if cache := got.Header.Get("Cache-Control"); cache != "no-store" {
			t.Errorf("POST reveal: Cache-Control = %q, want no-store", cache)
		}
		e := w.audit()[0]
		if e.Action != "reveal_permanent_code" || e.Actor != "ops" || e.Role != "operator" || e.RemoteAddr != "127.0.0.1" ||
			e.SuiteKey != testSuite || e.CorpID != activeCorp || e.At.IsZero() {
			t.Errorf("newest audit entry = %+v, want who revealed what from where", e)
		}
	})
}

func TestRevealAndRetrySayWhyTheyCannot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		tests := []struct {
			path   string
			status int
			code   string
			says   string
		}{
			{authorizationsPath + "/" + failedCorp + "/reveal", 409, "no_permanent_code", "retry"},
			{authorizationsPath + "/dingnobody/reveal", 404, "not_found", "dingnobody"},
			{"/api/v1/suites/nobody/authorizations/" + activeCorp + "/reveal", 404, "unknown_suite", "nobody"},
			{authorizationsPath + "/" + failedCorp + "/retry", 409, "nothing_to_retry", "app_id"},
			{authorizationsPath + "/dingnobody/retry", 404, "not_found", "dingnobody"},
			{"/api/v1/suites/nobody/authorizations/" + activeCorp + "/retry", 404, "unknown_suite", "nobody"},
		}
		before := len(w.audit())
		for _, tt := range tests {
			got := w.call(http.MethodPost, tt.path, operatorToken)
			wantProblem(t, got, tt.status, tt.code)
			if !strings.Contains(got.body, tt.says) {
				t.Errorf("POST %s = %s, want %q in it", tt.path, got.body, tt.says)
			}
		}
		if n := len(w.audit()); n != before {
			t.Errorf("the audit log has %d entries more, want none of what was not done", n-before)
		}
		wantProblem(t, w.call(http.MethodGet, "/api/v1/suites/nobody/authorizations", viewerToken), 404, "unknown_suite")
		wantProblem(t, w.call(http.MethodGet, "/api/v1/suites/nobody/authorizations/"+activeCorp, viewerToken), 404, "unknown_suite")
		wantProblem(t, w.call(http.MethodGet, authorizationsPath+"/dingnobody", viewerToken), 404, "not_found")
	})
}

func TestNothingIsShownOrDoneWithoutAudit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		event := w.eventOf("tmp_auth_code").ID
		code := decode[admin.PermanentCode](w, w.call(http.MethodPost, authorizationsPath+"/"+activeCorp+"/reveal", operatorToken)).PermanentCode
		payload := decode[admin.EventDetail](w, w.call(http.MethodGet, "/api/v1/events/"+event+"?reveal=true", operatorToken))
		secret := authCode(t, payload)
		activations := len(w.platform.Activations())
		w.down.Store(true)
		for _, c := range []apiCall{
			{method: "POST", path: authorizationsPath + "/" + activeCorp + "/reveal"},
			{method: "GET", path: "/api/v1/events/" + event + "?reveal=true"},
			{method: "POST", path: authorizationsPath + "/" + activeCorp + "/retry"},
			{method: "POST", path: "/api/v1/events/" + event + "/repush"},
			{method: "POST", path: "/api/v1/repush", body: `{"suite_key":"` + testSuite + `"}`},
		} {
			got := callWith(t, w.srv, c.method, c.path, bearer(operatorToken), c.body)
			wantProblem(t, got, 503, "unavailable")
			if strings.Contains(got.body, code) || strings.Contains(got.body, secret) {
				t.Errorf("%s = %s, which shows the secret", c.id(), got.body)
			}
			if after := got.Header.Get("Retry-After"); after != "5" {
				t.Errorf("%s: Retry-After = %q, want 5", c.id(), after)
			}
		}
		w.settle()
		w.down.Store(false)
		if n := len(w.platform.Activations()); n != activations {
			t.Errorf("the stand-in saw %d activations, want %d: nothing was to be done", n, activations)
		}
		if list := decode[admin.Repushes](w, w.call(http.MethodGet, "/api/v1/repush", viewerToken)).Repushes; len(list) != 0 {
			t.Errorf("repushes = %+v, want none: nothing was to be done", list)
		}
	})
}

// late makes an authorisation whose activation failed so often that the next
// attempt is a while away, although it would succeed by now.
func (w *world) late() {
	w.Helper()
	w.must(w.platform.Fault(dingtalktest.ActivateSuite, dingtalktest.Fault{Spoil: dingtalktest.HTTPFail, Times: dingtalktest.Always}))
	w.must(w.platform.Authorize(testSuite, dingtalktest.Authorization{CorpID: lateCorp}))
	for range 100 {
		time.Sleep(5 * time.Second)
		synctest.Wait()
		a := decode[admin.AuthorizationDetail](w, w.call(http.MethodGet, authorizationsPath+"/"+lateCorp, viewerToken))
		if e := a.Exchange; e.State == "waiting" && e.Error != nil && time.Until(e.NextAttemptAt) > 5*time.Second {
			w.platform.ClearFaults()
			return
		}
	}
	w.Fatal("the late authorisation never waits for long")
}

func TestRetryBringsAnAuthorizationForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.late()
		got := w.call(http.MethodPost, authorizationsPath+"/"+lateCorp+"/retry", operatorToken)
		if r := decode[admin.Retry](w, got); got.StatusCode != 202 || r.Action != "activate" {
			t.Errorf("POST retry = %d %+v, want 202 activate", got.StatusCode, r)
		}
		w.settle()
		if active := corps(w.authorizations("?status=active")); !slices.Contains(active, lateCorp) {
			t.Errorf("active after the retry are %q, want %q too", active, lateCorp)
		}
		if e := w.audit()[0]; e.Action != "retry" || e.CorpID != lateCorp {
			t.Errorf("newest audit entry = %+v, want the retry", e)
		}
	})
}
