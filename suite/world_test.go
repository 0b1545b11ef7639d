package suite_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"suitekeeper/crypto"
	"suitekeeper/handler"
	"suitekeeper/store"
	"suitekeeper/store/boltstore"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

const (
	testSuite  = "suitew9h1bvc3t2rmqaym"
	testSecret = "canary-suite-secret"
	testToken  = "canaryCallbackToken01"
	testAESKey = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
	testAppID  = 4711
)

// world is a receiver and a DingTalk, joined in memory: real store, real
// handler, real client. It belongs into a synctest bubble.
type world struct {
	*testing.T
	ctx      context.Context
	path     string
	disk     *boltstore.DB
	platform *dingtalktest.Platform
	keeper   *suite.Keeper
	callback atomic.Pointer[http.Handler] // what the stand-in pushes to; follows restarts
	stop     func()

	appID     int64
	secret    string
	wrap      func(store.Engine) store.Engine       // between keeper and disk
	client    func(*dingtalk.Client) suite.Platform // between keeper and DingTalk
	mode      dingtalktest.Mode
	latency   time.Duration // of DingTalk's answers
	full      func() suite.FullReport
	space     func() (free, total uint64, err error) // on the disk
	freeSpace func(uint64)                           // changes what space answers
	skew      time.Duration                          // by which DingTalk's clock is ahead of ours
	keep      time.Duration                          // of events; fingerprints are kept half as long again
	log       *zap.Logger
	counts    *prometheus.Registry // of the keeper since its last start
}

// newWorld makes both sides, with no ticket pushed yet, and starts them.
func newWorld(t *testing.T, change ...func(*world)) *world {
	t.Helper()
	time.Sleep(time.Until(time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC))) // a bubble begins in 2000, before DingTalk
	w := &world{T: t, ctx: t.Context(), path: filepath.Join(t.TempDir(), "test.db"), appID: testAppID, secret: testSecret,
		wrap: func(e store.Engine) store.Engine { return e }, client: func(c *dingtalk.Client) suite.Platform { return c },
		log: zaptest.NewLogger(t, zaptest.Level(zap.WarnLevel))}
	for _, c := range change {
		c(w)
	}
	toCallback := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { (*w.callback.Load()).ServeHTTP(rw, r) })
	w.platform = dingtalktest.New(dingtalktest.Options{
		Seed: 1, Latency: w.latency, HTTPClient: &http.Client{Transport: dingtalktest.Transport{Handler: toCallback}},
	})
	w.must(w.platform.AddSuite(dingtalktest.Suite{
		Key: testSuite, Secret: testSecret, Token: testToken, EncodingAESKey: testAESKey, Name: "test",
		CallbackURL: "http://isv.test/callback/" + testSuite, Mode: w.mode,
		Apps: []dingtalktest.App{{ID: testAppID, Name: "attendance"}},
	}))
	w.start()
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = w.platform.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		w.stop()
	})
	return w
}

// start opens the store and starts a receiver over it.
func (w *world) start() {
	w.Helper()
	disk, err := boltstore.Open(w.ctx, boltstore.Options{Path: w.path})
	w.must(err)
	w.disk = disk
	client, err := dingtalk.New(dingtalk.Options{
		OAPIURL:    "http://oapi.test",
		APIURL:     "http://api.test",
		HTTPClient: &http.Client{Transport: dingtalktest.Transport{Handler: w.platform}},
	})
	w.must(err)
	w.counts = prometheus.NewRegistry()
	w.keeper, err = suite.New(suite.Options{
		Store: w.wrap(disk), Platform: w.client(client), Logger: w.log, Metrics: w.counts,
		KeepEvents: w.keep, KeepFingerprints: w.keep * 3 / 2, Disk: w.space, Full: w.full,
		Suites: []suite.Suite{{Key: testSuite, Name: "test", Secret: suite.Secret(w.secret), AppID: w.appID}},
	})
	w.must(err)
	w.must(w.keeper.Prepare(w.ctx))
	codec, err := crypto.New(crypto.Options{Token: testToken, EncodingAESKey: testAESKey, Key: testSuite})
	w.must(err)
	public, err := handler.New(handler.Options{
		Suites: []handler.Suite{{Key: testSuite, Codec: codec}}, Receiver: skewed{w.keeper, w.skew}, Logger: w.log,
	})
	w.must(err)
	callback := http.Handler(public)
	w.callback.Store(&callback)
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan error, 1)
	go func() { done <- w.keeper.Run(ctx) }()
	w.stop = func() {
		cancel()
		if err := <-done; err != nil {
			w.Errorf("Run = %v, want nil after its context ended", err)
		}
		if err := w.keeper.Save(context.WithoutCancel(w.ctx)); err != nil && !errors.Is(err, store.ErrFailed) {
			w.Errorf("Save = %v", err)
		}
		if err := disk.Close(); err != nil {
			w.Errorf("Close = %v", err)
		}
	}
}

func (w *world) restart() {
	w.Helper()
	w.stop()
	w.start()
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// receive hands the keeper a decrypted push, as the handler does.
func (w *world) receive(text string) suite.Receipt {
	w.Helper()
	r, err := w.keeper.Receive(w.ctx, suite.Push{Suite: testSuite, Text: []byte(text)})
	w.must(err)
	return r
}

// settle lets some time pass, with everything that is due in it.
func (w *world) settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) report() suite.Report {
	w.Helper()
	r, err := w.keeper.Status(w.ctx)
	w.must(err)
	return r
}

// wantCounts compares the authorisations by state; absent states are zero.
func (w *world) wantCounts(want map[suite.Status]int) {
	w.Helper()
	got := w.report().Suites[0].Authorizations
	for _, s := range suite.Statuses() {
		if got[s] != want[s] {
			w.Errorf("authorisations by state = %v, want %v", got, want)
			return
		}
	}
}

// wantAlerts compares the codes of the alerts, in any order.
func (w *world) wantAlerts(want ...suite.AlertCode) {
	w.Helper()
	left := map[suite.AlertCode]int{}
	for _, c := range want {
		left[c]++
	}
	alerts := w.report().Alerts
	for _, a := range alerts {
		left[a.Code]--
		if a.Message.EN == "" || a.Message.ZH == "" || a.Cure.EN == "" || a.Cure.ZH == "" {
			w.Errorf("alert %s lacks a text: %+v", a.Code, a)
		}
	}
	for _, n := range left {
		if n != 0 {
			w.Errorf("alerts = %+v, want %v", alerts, want)
			return
		}
	}
}

// ticket has the stand-in push a ticket.
func (w *world) ticket() {
	w.Helper()
	w.must(w.platform.PushTicket(testSuite))
	w.settle(time.Second)
}

func (w *world) authorize(corp string, codes int) {
	w.Helper()
	w.must(w.platform.Authorize(testSuite, dingtalktest.Authorization{CorpID: corp, CorpName: "corp " + corp, Codes: codes}))
}

// calls counts the calls of an endpoint that ended with the code.
func (w *world) calls(e dingtalktest.Endpoint, code string) int {
	n := 0
	for _, c := range w.platform.Calls() {
		if c.Endpoint == e && c.Code == code {
			n++
		}
	}
	return n
}

// counted adds up what a metric counted, by the values of one of its labels.
func (w *world) counted(metric, label string) map[string]int {
	w.Helper()
	families, err := w.counts.Gather()
	w.must(err)
	sums := map[string]int{}
	for _, f := range families {
		if f.GetName() != metric {
			continue
		}
		for _, m := range f.Metric {
			for _, l := range m.Label {
				if l.GetName() == label {
					sums[l.GetValue()] += int(m.GetCounter().GetValue()) + int(m.GetHistogram().GetSampleCount())
				}
			}
		}
	}
	return sums
}
