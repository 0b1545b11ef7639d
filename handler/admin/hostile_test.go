package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"suitekeeper/handler/admin"
)

func TestHostileInputIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		long := strings.Repeat("x", 257)
		tests := []struct {
			path   string
			status int
			code   string
		}{
			{"/api/v1/events/canary", 422, "invalid_request"},
			{"/api/v1/events/" + unknownID + "0", 422, "invalid_request"},
			{"/api/v1/events/..%2Fstatus", 422, "invalid_request"},
			{"/api/v1/events/" + unknownID + "?reveal=canary", 422, "invalid_request"},
			{"/api/v1/repush/canary", 422, "invalid_request"},
			{"/api/v1/events?after=canary&order=asc", 422, "invalid_request"},
			{"/api/v1/events?after=" + unknownID, 422, "invalid_request"},
			{"/api/v1/events?wait=1s", 422, "invalid_request"},
			{"/api/v1/events?wait=canary&order=asc", 422, "invalid_request"},
			{"/api/v1/events?wait=-1s&order=asc", 422, "invalid_request"},
			{"/api/v1/events?order=canary", 422, "invalid_request"},
			{"/api/v1/events?since=canary", 422, "invalid_request"},
			{"/api/v1/events?since=-2h", 422, "invalid_request"},
			{"/api/v1/events?since=999999999d", 422, "invalid_request"},
			{"/api/v1/events?since=1h&since=2h", 422, "invalid_request"},
			{"/api/v1/events?outcome=canary", 422, "invalid_request"},
			{"/api/v1/events?suite_key=%zz", 422, "invalid_request"},
			{"/api/v1/events?corp_id=" + long, 422, "invalid_request"},
			{"/api/v1/events?limit=0", 422, "invalid_request"},
			{"/api/v1/events?limit=-1", 422, "invalid_request"},
			{"/api/v1/events?limit=501", 422, "invalid_request"},
			{"/api/v1/events?limit=99999999999999999999", 422, "invalid_request"},
			{"/api/v1/events?limit=canary", 422, "invalid_request"},
			{"/api/v1/events?cursor=canary", 422, "invalid_request"},
			{"/api/v1/events?cursor=" + strings.Repeat("A", 513), 422, "invalid_request"},
			{authorizationsPath + "?status=canary", 422, "invalid_request"},
			{authorizationsPath + "?cursor=canary", 422, "invalid_request"},
			{authorizationsPath + "?limit=501", 422, "invalid_request"},
			{authorizationsPath + "?search=" + long, 422, "invalid_request"},
			{authorizationsPath + "/" + long, 422, "invalid_request"},
			{authorizationsPath + "/%00", 404, "not_found"},
			{authorizationsPath + "/%FF%FE", 404, "not_found"},
			{authorizationsPath + "/ding%2Factive", 404, "not_found"},
			{authorizationsPath + "/..", 404, "not_found"},
			{authorizationsPath + "/" + activeCorp + "/", 404, "not_found"},
			{"/api/v1/suites/" + long + "/authorizations", 422, "invalid_request"},
			{"/api/v1/suites/%00/authorizations", 404, "unknown_suite"},
			{"/api/v1/suites//authorizations", 422, "invalid_request"},
			{"/api/v1/audit?cursor=canary", 422, "invalid_request"},
			{"/api/v1/audit?limit=501", 422, "invalid_request"},
		}
		for _, tt := range tests {
			got := w.call(http.MethodGet, tt.path, operatorToken)
			wantProblem(t, got, tt.status, tt.code)
			if strings.Contains(got.body, "canary") {
				t.Errorf("GET %s = %s, which quotes what was sent", tt.path, got.body)
			}
		}
	})
}

// A cursor of one list is none of another: it would show the wrong part.
func TestCursorsAreGoodForTheirList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		events := w.events("?limit=1").NextCursor
		auths := w.authorizations("?limit=1").NextCursor
		for _, path := range []string{
			"/api/v1/events?order=asc&cursor=" + events, "/api/v1/events?cursor=" + auths,
			authorizationsPath + "?cursor=" + events, "/api/v1/audit?cursor=" + auths,
		} {
			wantProblem(t, w.call(http.MethodGet, path, operatorToken), 422, "invalid_request")
		}
	})
}

// What operators need is shown; what only DingTalk and we may know is not,
// unless somebody asked for just that.
func TestNoSecretComesOutUnasked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		secrets := []string{testSecret, "canaryCallbackToken01", operatorToken, viewerToken}
		for _, e := range w.events("").Events {
			if e.Type == "tmp_auth_code" && e.Outcome != "quarantined" {
				secrets = append(secrets, authCode(t, decode[admin.EventDetail](w, w.call(http.MethodGet, "/api/v1/events/"+e.ID+"?reveal=true", operatorToken))))
			}
		}
		secrets = append(secrets, decode[admin.PermanentCode](w, w.call(http.MethodPost, authorizationsPath+"/"+activeCorp+"/reveal", operatorToken)).PermanentCode)
		var seen strings.Builder
		for _, c := range calls {
			if c.method == http.MethodGet {
				seen.WriteString(w.callAs(operatorToken, c, "").body)
			}
		}
		for _, e := range w.events("").Events {
			seen.WriteString(w.call(http.MethodGet, "/api/v1/events/"+e.ID, operatorToken).body)
		}
		for _, corp := range []string{activeCorp, failedCorp} {
			seen.WriteString(w.call(http.MethodGet, authorizationsPath+"/"+corp, operatorToken).body)
			seen.WriteString(w.call(http.MethodPost, authorizationsPath+"/"+corp+"/retry", operatorToken).body)
		}
		if len(secrets) != 7 || seen.Len() < 1000 {
			t.Fatalf("%d secrets were looked for in %d bytes, want 7 in more", len(secrets), seen.Len())
		}
		for i, s := range secrets {
			if strings.Contains(seen.String(), s) || strings.Contains(seen.String(), url.QueryEscape(s)) {
				t.Errorf("secret %d was shown although nobody asked to reveal it", i)
			}
		}
	})
}
