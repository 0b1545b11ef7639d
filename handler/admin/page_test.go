package admin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

// lists are all calls that list something.
var lists = []string{
	"/api/v1/suites", "/api/v1/suites/{suite_key}/authorizations", "/api/v1/events", "/api/v1/repush", "/api/v1/rejections", "/api/v1/audit",
}

// Whatever is listed comes along once, in pages of any size, whichever call
// lists it. A cursor of one list is none of another's.
func TestAllListsPageAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world, o *admin.Options) { o.Keeper = manySuites{w.keeper} })
		for i := range 230 {
			w.keeper.Reject(suite.Rejection{At: time.Now(), Suite: testSuite, RemoteAddr: fmt.Sprintf("192.0.2.%d", i), Reason: suite.RejectNotJSON})
		}
		for range 25 {
			w.post("/api/v1/events/"+w.eventOf("change_auth").ID+"/repush", "")
		}
		for i := range 60 {
			w.receive(fmt.Sprintf(`{"EventType":"tmp_auth_code","SuiteKey":%q,"AuthCode":"%d","AuthCorpId":"ding%d"}`, testSuite, i, i))
		}
		w.settle() // else pages differ by what is done meanwhile
		wants := map[string]int{"/api/v1/suites": 70, "/api/v1/repush": 20, "/api/v1/rejections": 200}
		cursors := map[string]string{}
		for _, list := range lists {
			path := w.path(apiCall{path: list})
			all := w.pages(path, 500)
			if want, ok := wants[list]; ok && len(all) != want || len(all) < 20 {
				t.Errorf("GET %s lists %d entries, want %d", list, len(all), want)
			}
			for _, limit := range []int{1, 7, 10, 199} {
				if got := w.pages(path, limit); !slices.Equal(got, all) {
					t.Errorf("GET %s in pages of %d lists %d entries, want the %d of a single page", list, limit, len(got), len(all))
				}
			}
			first := decode[page](w, w.call(http.MethodGet, path, operatorToken))
			if n := len(first.entries()); n != min(50, len(all)) || (first.Next == "") != (n == len(all)) {
				t.Errorf("GET %s = %d entries and the cursor %q, want 50 at most and a cursor if more follow", list, n, first.Next)
			}
			cursors[list] = decode[page](w, w.call(http.MethodGet, path+"?limit=1", operatorToken)).Next
			for _, query := range []string{"limit=0", "limit=501", "limit=x", "limit=-1", "cursor=x", "cursor=" + cursors[list] + "AAAA*"} {
				wantProblem(t, w.call(http.MethodGet, path+"?"+query, operatorToken), 422, "invalid_request")
			}
		}
		for _, list := range lists {
			for from, cursor := range cursors {
				if from != list {
					wantProblem(t, w.call(http.MethodGet, w.path(apiCall{path: list})+"?cursor="+cursor, operatorToken), 422, "invalid_request")
				}
			}
		}
	})
}

// What is refused while somebody reads moves nothing on the pages behind.
func TestNewRejectionsShiftNoPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		reject := func(i int) {
			w.keeper.Reject(suite.Rejection{At: time.Now(), Suite: testSuite, RemoteAddr: fmt.Sprint(i), Reason: suite.RejectSignature})
		}
		for i := range 10 {
			reject(i)
		}
		first := decode[admin.Rejections](w, w.call(http.MethodGet, "/api/v1/rejections?limit=4", viewerToken))
		reject(10)
		second := decode[admin.Rejections](w, w.call(http.MethodGet, "/api/v1/rejections?limit=4&cursor="+first.NextCursor, viewerToken))
		if got := second.Rejections; len(got) != 4 || got[0].RemoteAddr != "5" || got[3].RemoteAddr != "2" {
			t.Errorf("the second page = %+v, want 5 to 2", got)
		}
		for i := range 300 {
			reject(i)
		}
		late := decode[admin.Rejections](w, w.call(http.MethodGet, "/api/v1/rejections?cursor="+second.NextCursor, viewerToken))
		if len(late.Rejections) != 0 || late.NextCursor != "" {
			t.Errorf("the page behind what is forgotten = %+v, want nothing", late)
		}
	})
}

// A suite that a reload removed may have been where a page ended.
func TestSuitesBeginAnewWhereTheCursorIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		suites := func(keys ...suite.SuiteKey) {
			var list []suite.Suite
			for _, key := range keys {
				list = append(list, suite.Suite{Key: key, Secret: testSecret})
			}
			w.must(w.keeper.SetSuites(w.Context(), list))
		}
		suites("suitea", "suiteb", "suitec")
		next := decode[admin.Suites](w, w.call(http.MethodGet, "/api/v1/suites?limit=2", viewerToken)).NextCursor
		rest := func() (keys []string) {
			for _, s := range decode[admin.Suites](w, w.call(http.MethodGet, "/api/v1/suites?cursor="+next, viewerToken)).Suites {
				keys = append(keys, s.SuiteKey)
			}
			return keys
		}
		if got := rest(); !slices.Equal(got, []string{"suitec"}) {
			t.Errorf("behind the cursor come %q, want suitec", got)
		}
		suites("suitec", "suitea")
		if got := rest(); !slices.Equal(got, []string{"suitec", "suitea"}) {
			t.Errorf("behind a suite that is gone come %q, want all", got)
		}
	})
}

// manySuites reports 70 suites.
type manySuites struct{ admin.Keeper }

func (k manySuites) Status(ctx context.Context) (suite.Report, error) {
	r, err := k.Keeper.Status(ctx)
	for i := range 69 {
		s := r.Suites[0]
		s.Key = suite.SuiteKey(fmt.Sprintf("suite%d", i))
		r.Suites = append(r.Suites, s)
	}
	return r, err
}

// page is the answer of any list.
type page struct {
	Suites, Authorizations, Events, Repushes, Rejections, Entries []json.RawMessage

	Next string `json:"next_cursor"`
}

func (p page) entries() []json.RawMessage {
	return slices.Concat(p.Suites, p.Authorizations, p.Events, p.Repushes, p.Rejections, p.Entries)
}

// pages reads a list to its end, page after page.
func (w *world) pages(path string, limit int) (all []string) {
	w.Helper()
	for cursor := ""; ; {
		p := decode[page](w, w.call(http.MethodGet, fmt.Sprintf("%s?limit=%d%s", path, limit, cursor), operatorToken))
		if len(p.entries()) > limit {
			w.Fatalf("GET %s with limit=%d = %d entries", path, limit, len(p.entries()))
		}
		for _, e := range p.entries() {
			all = append(all, string(e))
		}
		if p.Next == "" {
			return all
		}
		cursor = "&cursor=" + p.Next
	}
}
