package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// What the suites are configured with.
const (
	scaleSecret = "scalesecret0123456789"
	scaleToken  = "scaletoken0123456789x"
	scaleAESKey = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
)

// scalePlatform is a DingTalk to which every code is one that was used already,
// until it cannot be reached any more.
type scalePlatform struct {
	*dingtalktest.Platform
	left atomic.Bool
}

func newScalePlatform(t *testing.T) *scalePlatform {
	t.Helper()
	p := &scalePlatform{Platform: dingtalktest.New(dingtalktest.Options{})}
	must(t, p.AddSuite(dingtalktest.Suite{Key: scaleSuite, Secret: scaleSecret, Token: scaleToken, EncodingAESKey: scaleAESKey,
		CallbackURL: "http://receiver.invalid/callback"}))
	must(t, p.PushTicket(scaleSuite))
	return p
}

func (p *scalePlatform) client(t *testing.T) *dingtalk.Client {
	t.Helper()
	client, err := dingtalk.New(dingtalk.Options{
		OAPIURL: "http://dingtalk.invalid", APIURL: "http://dingtalk.invalid",
		HTTPClient: &http.Client{Transport: dingtalktest.Transport{Handler: p}},
	})
	must(t, err)
	return client
}

// ServeHTTP answers as DingTalk does while it is there.
func (p *scalePlatform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.left.Load() {
		panic(http.ErrAbortHandler)
	}
	p.Platform.ServeHTTP(w, r)
}

func (p *scalePlatform) leave() { p.left.Store(true) }

// burntPushes bring codes that fail, to corps all over the others.
func (p *scalePlatform) burntPushes(t *testing.T, size scale) (list []scalePush) {
	t.Helper()
	s, _ := p.Suite(scaleSuite)
	texts := []string{fmt.Sprintf(`{"EventType":"suite_ticket","SuiteKey":"%s","SuiteTicket":"%s","TimeStamp":"%d"}`,
		scaleSuite, s.Ticket, time.Now().UnixMilli())}
	for i := range size.failed {
		texts = append(texts, fmt.Sprintf(`{"EventType":"tmp_auth_code","SuiteKey":"%s","AuthCode":"burnt%d","AuthCorpId":"ding%s"}`,
			scaleSuite, i, hexOf(i, 5)[:32]))
	}
	for _, text := range texts {
		list = append(list, scalePush{scaleSuite, func() []byte { return []byte(text) }})
	}
	return list
}

// waitForFailed returns when so many authorisations have failed.
func (r *scaleReceiver) waitForFailed(keeper *suite.Keeper, n int) {
	r.Helper()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		report, err := keeper.Status(r.Context())
		must(r.T, err)
		if report.Suites[0].Authorizations[suite.StatusFailed] == n {
			return
		}
		if time.Since(began) > 10*time.Minute {
			r.Fatalf("after 10 minutes these authorisations stand so: %v, want %d failed", report.Suites[0].Authorizations, n)
		}
	}
}

// audited has people do many things.
func (r *scaleReceiver) audited(keeper *suite.Keeper, size scale) {
	r.Helper()
	var next atomic.Int64
	var running sync.WaitGroup
	for range pushers {
		running.Go(func() {
			for i := next.Add(1); i <= int64(size.audited); i = next.Add(1) {
				who := suite.Actor{Name: fmt.Sprintf("ops%d", i%7), Role: "operator", RemoteAddr: "192.0.2.1"}
				var err error
				if i%2 == 0 {
					err = keeper.RecordSignIn(r.Context(), who)
				} else {
					_, err = keeper.RevealPermanentCode(r.Context(), who, scaleSuite, suite.CorpID(corpOf(int(i*7+3)%size.corps)))
				}
				if err != nil {
					r.Error(err)
					return
				}
			}
		})
	}
	running.Wait()
}

// refusals has pushes refused, more than are remembered, and for several reasons.
func (r *scaleReceiver) refusals() {
	r.Helper()
	now := time.Now().UnixMilli()
	for i := range 250 {
		key := []string{scaleSuite, quietSuite}[i%2] // those that are alike are one row of the console's
		path := fmt.Sprintf("/callback/%s?signature=%040x&timestamp=%d&nonce=n%d", key, i, now, i)
		res, err := http.Post("http://"+r.callbacks+path, "application/json", strings.NewReader(`{"encrypt":"YWJjZA=="}`))
		must(r.T, err)
		res.Body.Close()
		if res.StatusCode != http.StatusForbidden {
			r.Fatalf("a push with a wrong signature = %d, want 403", res.StatusCode)
		}
	}
}

// repushes has the newest events processed again, one by one, and returns the
// id of one of them.
func (r *scaleReceiver) repushes() (id string) {
	r.Helper()
	_, body, err := r.get("/api/v1/events?limit=20")
	must(r.T, err)
	var list struct{ Events []struct{ ID string } }
	must(r.T, json.Unmarshal(body, &list))
	for _, e := range list.Events {
		id = e.ID
		if status, body, err := r.ask(http.MethodPost, "/api/v1/events/"+id+"/repush", ""); err != nil || status != http.StatusAccepted {
			r.Fatalf("repush of %s = %d, %v: %s", id, status, err, body)
		}
	}
	return id
}
