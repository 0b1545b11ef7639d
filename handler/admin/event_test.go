package admin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/handler/admin"
)

func types(list admin.Events) (names []string) {
	for _, e := range list.Events {
		names = append(names, e.Type)
	}
	return names
}

// authCode is the secret in the payload of a tmp_auth_code.
func authCode(t *testing.T, e admin.EventDetail) string {
	t.Helper()
	var p struct{ AuthCode string }
	if err := json.Unmarshal(e.Payload, &p); err != nil || p.AuthCode == "" {
		t.Fatalf("payload = %s, want JSON with an AuthCode (%v)", e.Payload, err)
	}
	return p.AuthCode
}

func TestEventsAreFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		all := types(w.events("?order=asc"))
		newest := types(w.events(""))
		slices.Reverse(newest)
		if len(all) < 5 || !slices.Equal(all, newest) {
			t.Fatalf("events with order=asc %q, without %q; want the same the other way around", all, newest)
		}
		second := w.events("?order=asc").Events[1]
		w.settle()
		tests := []struct {
			query string
			want  int
		}{
			{"?type=suite_ticket", 1},
			{"?suite_key=" + testSuite, len(all)},
			{"?corp_id=" + failedCorp, 1},
			{"?corp_id=" + activeCorp + "&type=change_auth", 1},
			{"?outcome=quarantined", 1},
			{"?since=1h", len(all)},
			{"?since=1ms", 0},
			{"?since=2026-11-01T08:00:00Z", len(all)},
			{"?since=2026-11-01T16:00:00%2B08:00", len(all)},
			{"?since=2100-01-01T00:00:00Z", 0},
			{"?since=7d", len(all)},
			{"?order=asc&after=" + second.ID, len(all) - 2},
			{"?order=asc&after=" + unknownID, len(all)},
		}
		for _, tt := range tests {
			if got := w.events(tt.query).Events; len(got) != tt.want {
				t.Errorf("GET events%s lists %d events, want %d", tt.query, len(got), tt.want)
			}
		}
	})
}

func TestEventsComeInPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for _, order := range []string{"desc", "asc"} {
			want := types(w.events("?order=" + order))
			var got []string
			cursor := ""
			for page := w.events("?limit=2&order=" + order); ; page = w.events("?limit=2&order=" + order + "&cursor=" + cursor) {
				got = append(got, types(page)...)
				if cursor = page.NextCursor; cursor == "" || len(got) > len(want) {
					break
				}
				if page.SearchedTo.IsZero() {
					t.Errorf("page = %+v, want to know how far the search came", page)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("pages with order=%s list %q, want %q", order, got, want)
			}
		}
	})
}

func TestPayloadIsForOperatorsAndAudited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		event := w.eventOf("tmp_auth_code")
		path := "/api/v1/events/" + event.ID
		masked := w.call(http.MethodGet, path, viewerToken)
		before := len(w.audit())
		wantProblem(t, w.call(http.MethodGet, path+"?reveal=true", viewerToken), 403, "forbidden")
		if n := len(w.audit()); n != before {
			t.Errorf("%d audit entries were written for a viewer, want none", n-before)
		}
		got := w.call(http.MethodGet, path+"?reveal=true", operatorToken)
		revealed := decode[admin.EventDetail](w, got)
		if revealed.Event != event || !revealed.Revealed {
			t.Errorf("GET %s?reveal=true = %+v, want %+v, revealed", path, revealed, event)
		}
		if code := authCode(t, revealed); strings.Contains(masked.body, code) || decode[admin.EventDetail](w, masked).Revealed {
			t.Errorf("GET %s = %s, which shows the secret", path, masked.body)
		}
		if cache := got.Header.Get("Cache-Control"); cache != "no-store" {
			t.Errorf("GET %s?reveal=true: Cache-Control = %q, want no-store", path, cache)
		}
		if e := w.audit()[0]; e.Action != "reveal_payload" || e.EventID != event.ID || e.Actor != "ops" || e.RemoteAddr != "127.0.0.1" {
			t.Errorf("newest audit entry = %+v, want the revealed payload of %s", e, event.ID)
		}
		wantProblem(t, w.call(http.MethodGet, "/api/v1/events/"+unknownID, viewerToken), 404, "not_found")
		wantProblem(t, w.call(http.MethodGet, "/api/v1/events?suite_key=nobody", viewerToken), 404, "unknown_suite")
		wantProblem(t, w.call(http.MethodGet, "/api/v1/events/"+unknownID+"?reveal=true", operatorToken), 404, "not_found")
	})
}

func TestWaitingEndsWithTheFirstEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		newest := w.events("?limit=1").Events[0]
		if got := w.events("?order=asc&wait=30s").Events; len(got) == 0 {
			t.Error("waiting for events that are there lists none")
		}
		start := time.Now()
		var pusher sync.WaitGroup
		defer pusher.Wait()
		pusher.Go(func() {
			time.Sleep(20 * time.Second)
			w.receive(`{"EventType":"user_add_org","TimeStamp":"1"}`)
		})
		got := w.events("?order=asc&wait=30s&after=" + newest.ID).Events
		if took := time.Since(start); len(got) != 1 || got[0].Type != "user_add_org" || took < 20*time.Second || took > 21*time.Second {
			t.Errorf("waited %v for %+v, want 20s for the new event", took, got)
		}
	})
}

func TestWaitingEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		newest := w.events("?limit=1").Events[0]
		for wait, want := range map[string]time.Duration{"1500ms": 1500 * time.Millisecond, "60s": time.Minute, "24h": time.Minute, "0s": 0} {
			start := time.Now()
			got := w.events("?order=asc&after=" + newest.ID + "&wait=" + wait)
			if took := time.Since(start); len(got.Events) != 0 || took != want {
				t.Errorf("wait=%s took %v and lists %+v, want %v and nothing", wait, took, got.Events, want)
			}
		}
	})
}

func TestNobodyWaitsForAServerThatStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		newest := w.events("?limit=1").Events[0]
		start := time.Now()
		time.AfterFunc(5*time.Second, func() { close(w.stopping) })
		for range 2 { // the second begins when the server stops already
			if got := w.events("?order=asc&wait=60s&after=" + newest.ID); len(got.Events) != 0 || got.NextCursor != "" {
				t.Errorf("waiting until the server stops = %+v, want nothing", got)
			}
		}
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("the end of the server was waited for %v, want 5s", took)
		}
	})
}

func TestWaitingEndsWithItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		newest := w.events("?limit=1").Events[0]
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := w.client("").WaitEvents(ctx, admin.EventsQuery{After: newest.ID}, time.Minute)
		if err == nil || ctx.Err() == nil {
			t.Errorf("WaitEvents with a context that ends = %v, want its error", err)
		}
	})
}

func TestConsumerMissesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var pusher sync.WaitGroup
		defer pusher.Wait()
		pusher.Go(func() {
			for i := range 50 {
				time.Sleep(time.Duration(i%7) * time.Second)
				w.receive(fmt.Sprintf(`{"EventType":"user_add_org","TimeStamp":"%d"}`, i))
			}
		})
		client := w.client(viewerToken)
		q := admin.EventsQuery{Type: "user_add_org"}
		var seen []string
		for len(seen) < 50 {
			list, err := client.WaitEvents(t.Context(), q, time.Minute)
			w.must(err)
			if len(list.Events) == 0 {
				t.Fatalf("nothing came for a minute after %d events, want 50", len(seen))
			}
			for _, e := range list.Events {
				seen = append(seen, e.ID)
				q.After = e.ID
			}
		}
		if !slices.IsSorted(seen) || len(slices.Compact(seen)) != 50 {
			t.Errorf("the consumer saw %d events in this order: %q; want 50 different ones in theirs", len(seen), seen)
		}
	})
}
