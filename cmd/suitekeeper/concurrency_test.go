package main_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"

	"suitekeeper/suite/dingtalk/dingtalktest"
)

// TestTheSamePushAHundredTimesInParallelCountsOnce has the same tmp_auth_code
// arrive a hundred times at once, each time sealed anew, as retries are.
func TestTheSamePushAHundredTimesInParallelCountsOnce(t *testing.T) {
	const times = 100
	d := newDingTalk(t, dingtalktest.Options{}, nil) // it issues the code; the test pushes
	d.register(t, sampleSuite, dingtalktest.HTTP)
	r := newTestReceiver(t, d.url, sampleSuite)
	r.start()
	r.must(d.PushTicket(sampleSuite.Key))
	r.must(d.Authorize(sampleSuite.Key, dingtalktest.Authorization{CorpID: "ding01"}))
	issued, _ := d.Suite(sampleSuite.Key)
	r.acknowledges(ticketOf(issued))

	text := codeOf(issued, 0)
	var pushers sync.WaitGroup
	for range times {
		pushers.Go(func() { r.acknowledges(text) })
	}
	pushers.Wait()
	r.until("the corp is active", func() bool { return r.report().counts(sampleSuite.Key)["active"] == 1 })

	if got, want := r.outcomes(sampleSuite.Key), map[string]int{"applied": 2}; !maps.Equal(got, want) {
		t.Errorf("events by outcome = %v, want the ticket and the code: %v", got, want)
	}
	if got := d.answered(dingtalktest.GetPermanentCode); !slices.Equal(got, []string{"0"}) {
		t.Errorf("exchanges were answered %q, want just one, with success", got)
	}
	if alerts := r.report().Alerts; len(alerts) > 0 {
		t.Errorf("alerts = %+v, want none", alerts)
	}
	r.stop()
	if n := storedEvents(r.stored("event"), text); n != 1 {
		t.Errorf("the push is stored %d times, want once", n)
	}
}

// acknowledges pushes a text and wants the encrypted success. It may be called
// by several goroutines.
func (r *testReceiver) acknowledges(text string) {
	r.Helper()
	a, err := r.push(sampleSuite, text)
	if err == nil {
		err = successFor(sampleSuite, a)
	}
	if err != nil {
		r.Errorf("push of %s: %v, want success", text, err)
	}
}

// ticketOf is the push of the suite's ticket, and codeOf that of one of the
// codes of its first corp, as the stand-in issued them.
func ticketOf(s dingtalktest.SuiteState) string {
	return fmt.Sprintf(`{"EventType":"suite_ticket","SuiteKey":%q,"SuiteTicket":%q,"TimeStamp":%d}`, s.Key, s.Ticket, s.TicketAt.UnixMilli())
}

func codeOf(s dingtalktest.SuiteState, i int) string {
	corp := s.Corps[0]
	return fmt.Sprintf(`{"EventType":"tmp_auth_code","SuiteKey":%q,"AuthCode":%q,"AuthCorpId":%q,"TimeStamp":%d}`,
		s.Key, corp.Codes[i].Value, corp.ID, corp.Codes[i].IssuedAt.UnixMilli()+int64(i))
}

// answered are the codes with which the calls of an endpoint were answered.
func (d *dingTalk) answered(e dingtalktest.Endpoint) (codes []string) {
	for _, c := range d.Calls() {
		if c.Endpoint == e {
			codes = append(codes, c.Code)
		}
	}
	return codes
}

// hold keeps the calls of one path waiting until it is opened, at the latest
// when the test ends.
type hold struct {
	testing.TB
	path    string
	entered chan struct{} // holds a value once a call has come
	opened  chan struct{}
	open    func()
}

func newHold(t *testing.T, path string) *hold {
	h := &hold{TB: t, path: path, entered: make(chan struct{}, 1), opened: make(chan struct{})}
	h.open = sync.OnceFunc(func() { close(h.opened) })
	return h
}

func (h *hold) wrap(next http.Handler) http.Handler {
	h.Cleanup(h.open)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == h.path {
			select {
			case h.entered <- struct{}{}:
			default:
			}
			<-h.opened
		}
		next.ServeHTTP(w, r)
	})
}

// TestThreeCodesForOneCorpMakeOneActivation has three codes come for one
// authorisation. One works, and DingTalk refuses the others with 40078, which
// nobody has to hear of: neither when they come while the first is exchanged
// nor when they come after that.
func TestThreeCodesForOneCorpMakeOneActivation(t *testing.T) {
	for _, tt := range []struct {
		name        string
		during      bool
		activations int
	}{
		{"during the exchange", true, 1},
		{"after the exchange", false, 3}, // which is harmless, and asks DingTalk whether the permanent code holds
	} {
		t.Run(tt.name, func(t *testing.T) {
			exchange := newHold(t, "/service/get_permanent_code")
			d := newDingTalk(t, dingtalktest.Options{}, exchange.wrap)
			d.register(t, sampleSuite, dingtalktest.HTTP)
			r := newTestReceiver(t, d.url, sampleSuite)
			r.start()
			r.must(d.PushTicket(sampleSuite.Key))
			r.must(d.Authorize(sampleSuite.Key, dingtalktest.Authorization{CorpID: "ding01", Codes: 3}))
			issued, _ := d.Suite(sampleSuite.Key)
			r.acknowledges(ticketOf(issued))
			if !tt.during {
				exchange.open()
			}
			for i := range 3 {
				r.acknowledges(codeOf(issued, i))
				if i == 0 {
					<-exchange.entered
				}
				if !tt.during {
					r.until("this code is done with", func() bool { return len(d.answered(dingtalktest.AuthScopes)) == i+1 })
				}
			}
			exchange.open()
			r.until("the corp is active", func() bool {
				return len(d.answered(dingtalktest.AuthScopes)) == tt.activations && r.report().counts(sampleSuite.Key)["active"] == 1
			})

			if got, want := d.answered(dingtalktest.GetPermanentCode), []string{"0", "40078", "40078"}; !slices.Equal(got, want) {
				t.Errorf("exchanges were answered %q, want %q", got, want)
			}
			if n := len(d.answered(dingtalktest.ActivateSuite)); n != tt.activations {
				t.Errorf("activated %d times, want %d", n, tt.activations)
			}
			got := r.report()
			if counts := got.counts(sampleSuite.Key); !maps.Equal(counts, map[string]int{"active": 1}) || len(got.Alerts) > 0 {
				t.Errorf("authorisations %v and alerts %+v, want one that is active, and no alert", counts, got.Alerts)
			}
		})
	}
}
