package main_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"suitekeeper/suite/dingtalk/dingtalktest"
)

// unavailableBody is the answer to a push that could not be stored.
const unavailableBody = `{"code":"unavailable","message":"the push could not be stored in time, push again"}`

// acknowledged gathers the pushes that were answered with success.
type acknowledged struct {
	mu    sync.Mutex
	texts []string
	many  chan struct{} // closed when there are a thousand
}

func (a *acknowledged) add(text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.texts = append(a.texts, text); len(a.texts) == 1000 {
		close(a.many)
	}
}

// pushUntilRefused pushes events of which each is another, until the connection
// is refused or breaks. Whatever is answered must be the encrypted success or
// that the push is to be repeated.
func (a *acknowledged) pushUntilRefused(r *testReceiver, pusher int) {
	for i := 0; ; i++ {
		text := fmt.Sprintf(`{"EventType":"user_add_org","CorpId":"dingstaff%d","UserId":["u%d"],"TimeStamp":%d}`, pusher, i, time.Now().UnixMilli())
		got, err := r.push(sampleSuite, text)
		switch {
		case err != nil:
			return
		case got.status == http.StatusServiceUnavailable && got.body == unavailableBody:
		default:
			if err := successFor(sampleSuite, got); err != nil {
				r.Errorf("push %d of pusher %d: %v", i, pusher, err)
				return
			}
			a.add(text)
		}
	}
}

// TestStopUnderLoadKeepsWhatWasAcknowledged stops a receiver while 64
// connections push. Every push that was answered with success is stored, once,
// nothing is answered wrongly, and nothing is left running.
func TestStopUnderLoadKeepsWhatWasAcknowledged(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
	r := newTestReceiver(t, "http://127.0.0.1:1", sampleSuite)
	r.start()
	acked := acknowledged{many: make(chan struct{})}
	var pushers sync.WaitGroup
	for i := range 64 {
		pushers.Go(func() { acked.pushUntilRefused(r, i) })
	}
	<-acked.many
	r.stop()
	pushers.Wait()

	events := r.stored("event")
	times := map[string]int{}
	for _, e := range events {
		times[payloadOf(e)]++
	}
	for _, text := range acked.texts {
		if times[text] != 1 {
			t.Errorf("an acknowledged push is stored %d times, want once: %s", times[text], text)
		}
	}
	r.start()
	if n := r.report().Store.Events; n != len(events) {
		t.Errorf("%d events after the next start, want the %d that are stored", n, len(events))
	}
	t.Logf("%d pushes acknowledged, %d stored", len(acked.texts), len(events))
}

// TestStopDuringAnExchangeKeepsThePermanentCode stops a receiver while DingTalk
// is about to hand out a permanent code, which it does only once. Until then
// pushes are taken: they would wait too long for the next process.
func TestStopDuringAnExchangeKeepsThePermanentCode(t *testing.T) {
	exchange := newHold(t, "/service/get_permanent_code")
	d := newDingTalk(t, dingtalktest.Options{}, exchange.wrap)
	d.register(t, sampleSuite, dingtalktest.HTTP)
	r := newTestReceiver(t, d.url, sampleSuite)
	r.start()
	r.must(d.PushTicket(sampleSuite.Key))
	r.must(d.Authorize(sampleSuite.Key, dingtalktest.Authorization{CorpID: "ding01"}))
	issued, _ := d.Suite(sampleSuite.Key)
	r.acknowledges(ticketOf(issued))
	r.acknowledges(codeOf(issued, 0))
	<-exchange.entered

	const beside = "suite.(*Keeper).prune" // ends as soon as the workers are told to stop
	r.until("it runs", func() bool { return running(beside) })
	var stopping sync.WaitGroup
	stopping.Go(r.stop)
	r.until("the workers are told to stop", func() bool { return !running(beside) })
	r.acknowledges(`{"EventType":"user_add_org","CorpId":"dingstaff","UserId":["late"]}`)
	exchange.open()
	stopping.Wait()

	r.start()
	r.until("the corp is active", func() bool { return r.report().counts(sampleSuite.Key)["active"] == 1 })
	if got := d.answered(dingtalktest.GetPermanentCode); !slices.Equal(got, []string{"0"}) {
		t.Errorf("exchanges were answered %q, want just the one from before the stop", got)
	}
	r.stop()
	corp, _ := d.Corp(sampleSuite.Key, "ding01")
	if auths := r.stored("auth"); len(auths) != 1 || !strings.Contains(string(auths[0]), corp.PermanentCode) {
		t.Errorf("the permanent code %s is not stored: %s", corp.PermanentCode, auths)
	}
}

// running tells whether a goroutine is in the function.
func running(function string) bool {
	var stacks bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1) // to memory
	return strings.Contains(stacks.String(), function+"+")
}

// TestRestartGoesOnWhereItWas has a code wait for a ticket over a restart, and
// a token serve for a second corp after another one.
func TestRestartGoesOnWhereItWas(t *testing.T) {
	d := newDingTalk(t, dingtalktest.Options{}, nil)
	d.register(t, sampleSuite, dingtalktest.HTTP)
	d.run(t)
	r := newTestReceiver(t, d.url, sampleSuite)
	r.start()
	d.pointTo(r)
	active := func(want int) func() bool {
		return func() bool { return r.report().counts(sampleSuite.Key)["active"] == want }
	}
	r.must(d.Authorize(sampleSuite.Key, dingtalktest.Authorization{CorpID: "ding01"}))
	r.until("the first corp waits", func() bool { return r.report().counts(sampleSuite.Key)["pending"] == 1 })
	r.restart()
	d.pointTo(r)
	r.must(d.PushTicket(sampleSuite.Key))
	r.until("the first corp is active", active(1))
	r.restart()
	d.pointTo(r)
	if ticket := r.report().Suites[0].Ticket.State; ticket != "fresh" {
		t.Errorf("ticket after a restart = %q, want fresh", ticket)
	}
	r.must(d.Authorize(sampleSuite.Key, dingtalktest.Authorization{CorpID: "ding02"}))
	r.until("the second corp is active", active(2))
	if got := d.answered(dingtalktest.GetSuiteToken); !slices.Equal(got, []string{"0"}) {
		t.Errorf("requests for a suite token were answered %q, want one for both corps", got)
	}
}

// TestStopDoesNotWaitForSilentConnections stops a receiver to which peers have
// connected who say nothing, or not enough. net/http by itself waits for them.
func TestStopDoesNotWaitForSilentConnections(t *testing.T) {
	r := newTestReceiver(t, "http://127.0.0.1:1", sampleSuite)
	r.start()
	for _, said := range []string{"", "POST /callback HTTP/1.1\r\nHost: x\r\n"} {
		c, err := net.Dial("tcp", strings.TrimPrefix(r.callback, "http://"))
		r.must(err)
		defer c.Close()
		_, err = c.Write([]byte(said))
		r.must(err)
	}
	r.acknowledges(`{"EventType":"check_url"}`) // by now those before are accepted
	began := time.Now()
	r.stop()
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("stopping took %v, want well under the 5 s that net/http gives such connections", took)
	}
}
