package main_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/crypto"
	"suitekeeper/store"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/sealed"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// patience is for what should happen at once, on a machine that is busy.
const patience = 30 * time.Second

// testReceiver is serve on loopback, with a data folder of its own that outlives a
// restart. It talks to both listeners over HTTP, like everybody else.
type testReceiver struct {
	testing.TB
	cfg    keeper.Configuration
	log    logbook
	client *http.Client

	callback, admin string // the listeners' URLs, new ones at every start
	cancel          context.CancelFunc
	done            chan error // nil while stopped
	store           store.Engine
}

// newTestReceiver returns a receiver that is not started yet. It calls DingTalk at
// the URL given.
func newTestReceiver(tb testing.TB, dingTalkURL string, suites ...keeper.SuiteConfiguration) *testReceiver {
	tb.Helper()
	cfg, err := keeper.Defaults()
	if err != nil {
		tb.Fatal(err)
	}
	cfg.Data = filepath.Join(tb.TempDir(), "data")
	cfg.DingTalk.OAPIURL, cfg.DingTalk.APIURL = dingTalkURL, dingTalkURL
	cfg.Suites = suites
	r := &testReceiver{TB: tb, cfg: cfg, client: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 128}, Timeout: patience,
	}}
	tb.Cleanup(func() {
		r.stop()
		if tb.Failed() {
			tb.Logf("end of the receiver's log:\n%s", r.log.tail())
		}
	})
	return r
}

// start serves over the data folder as it is.
func (r *testReceiver) start() {
	r.Helper()
	callbacks, operators := r.listen(), r.listen()
	scheme := "http://"
	if r.cfg.TLS.Enabled() {
		scheme = "https://"
	}
	r.callback, r.admin = scheme+callbacks.Addr().String(), scheme+operators.Addr().String()
	log := keeper.NewLogger(keeper.LogConfiguration{Level: "debug", Format: "json"}, &r.log)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	r.cancel, r.done = cancel, done
	opened := make(chan store.Engine, 1)
	go func() {
		defer operators.Close()
		defer callbacks.Close()
		done <- keeper.ShowReceiver(ctx, r.cfg, log, callbacks, operators, func(e store.Engine) { opened <- e })
	}()
	r.get(r.admin+"/readyz", "") // which is answered once it serves
	r.store = <-opened
}

// trust makes the client accept a certificate.
func (r *testReceiver) trust(certFile string) {
	r.Helper()
	text, err := os.ReadFile(certFile)
	r.must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	r.client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: roots}
}

func (r *testReceiver) listen() net.Listener {
	r.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	r.must(err)
	return l
}

// stop ends the receiver as SIGTERM does, if it runs.
func (r *testReceiver) stop() {
	r.Helper()
	if r.done == nil {
		return
	}
	r.client.CloseIdleConnections() // or it would wait for them to be used once more
	r.cancel()
	if err := <-r.done; err != nil {
		r.Errorf("the receiver ended with %v, want nil", err)
	}
	r.done = nil
	r.client.CloseIdleConnections()
}

func (r *testReceiver) restart() {
	r.Helper()
	r.stop()
	r.start()
}

func (r *testReceiver) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// answer is an HTTP answer, read in full.
type answer struct {
	status int
	header http.Header
	body   string
}

func (r *testReceiver) do(method, url, body string, header ...string) (answer, error) {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	res, err := r.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(text)}, err
}

// get asks the admin listener something, with a token or without.
func (r *testReceiver) get(url, token string) answer {
	r.Helper()
	var header []string
	if token != "" {
		header = []string{"Authorization", "Bearer " + token}
	}
	a, err := r.do(http.MethodGet, url, "", header...)
	r.must(err)
	return a
}

// send pushes an envelope to the suite's own path.
func (r *testReceiver) send(key string, e crypto.Envelope) (answer, error) {
	return r.do(http.MethodPost, fmt.Sprintf("%s/callback/%s?signature=%s&timestamp=%s&nonce=%s",
		r.callback, key, e.Signature, e.Timestamp, e.Nonce), `{"encrypt":"`+e.Encrypt+`"}`, "Content-Type", "application/json")
}

// push seals a text anew, as DingTalk does for every attempt, and pushes it.
func (r *testReceiver) push(s keeper.SuiteConfiguration, text string) (answer, error) {
	e, err := envelopeOf(s, text)
	if err != nil {
		return answer{}, err
	}
	return r.send(s.Key, e)
}

// envelopeOf makes the envelope of a text with what the suite is configured with.
func envelopeOf(s keeper.SuiteConfiguration, text string) (crypto.Envelope, error) {
	codec, err := crypto.New(crypto.Options{Token: s.Token.Reveal(), EncodingAESKey: s.AESKey.Reveal(), Key: s.Key})
	if err != nil {
		return crypto.Envelope{}, err
	}
	return codec.Seal([]byte(text), time.Now())
}

// report is what the admin API tells of a receiver, as far as tests look at it.
type report struct {
	Store  struct{ Events int }
	Suites []reportSuite
	Alerts []struct {
		Code          string
		SuiteKey      string `json:"suite_key"`
		CorpID        string `json:"corp_id"`
		Message, Cure string
	}
}

type reportSuite struct {
	SuiteKey       string `json:"suite_key"`
	Ticket         struct{ State string }
	Authorizations map[string]int
	LastEventAt    string `json:"last_event_at"`
}

// ask reads an answer of the admin API.
func (r *testReceiver) ask(path string) (out report) {
	r.Helper()
	a := r.get(r.admin+path, r.adminToken())
	if a.status != http.StatusOK {
		r.Fatalf("GET %s = %d: %s", path, a.status, a.body)
	}
	r.must(json.Unmarshal([]byte(a.body), &out))
	return out
}

func (r *testReceiver) report() report {
	r.Helper()
	return r.ask("/api/v1/status")
}

// adminToken is the token that the receiver made.
func (r *testReceiver) adminToken() string {
	r.Helper()
	text, err := os.ReadFile(filepath.Join(r.cfg.Data, "admin.token"))
	r.must(err)
	return strings.TrimSpace(string(text))
}

// counts are the authorisations of the suite by state, without zeros.
func (p report) counts(key string) map[string]int {
	n := map[string]int{}
	for _, s := range p.Suites {
		for status, count := range s.Authorizations {
			if s.SuiteKey == key && count > 0 {
				n[status] = count
			}
		}
	}
	return n
}

func (p report) alert(code string) bool {
	for _, a := range p.Alerts {
		if a.Code == code {
			return true
		}
	}
	return false
}

// concerns tells whether an alert is about the suite.
func (p report) concerns(key string) bool {
	for _, a := range p.Alerts {
		if a.SuiteKey == key {
			return true
		}
	}
	return false
}

// metric reads a series, as name{label="value"}, labels in alphabetical order.
// One that is not there is zero.
func (r *testReceiver) metric(series string) float64 {
	r.Helper()
	for line := range strings.Lines(r.get(r.admin+"/metrics", "").body) {
		if value, ok := strings.CutPrefix(line, series+" "); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			r.must(err)
			return n
		}
	}
	return 0
}

// outcomes counts the stored events of the suite by what they did.
func (r *testReceiver) outcomes(key string) map[string]int {
	r.Helper()
	n := map[string]int{}
	for _, o := range []string{"applied", "stale", "stored", "quarantined"} {
		if count := r.metric(fmt.Sprintf("suitekeeper_events_total{outcome=%q,suite=%q}", o, key)); count > 0 {
			n[o] = int(count)
		}
	}
	return n
}

// until waits for a condition, which it looks at again and again.
func (r *testReceiver) until(what string, cond func() bool) {
	r.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-tick.C:
		case <-deadline:
			r.Fatalf("waited in vain until %s; status: %+v", what, r.report())
		}
	}
}

// stored returns the values of a collection in the data folder of a stopped
// receiver.
func (r *testReceiver) stored(collection string) (values [][]byte) {
	r.Helper()
	ctx := context.Background()
	disk, err := boltstore.Open(ctx, boltstore.Options{Path: filepath.Join(r.cfg.Data, "suitekeeper.db")})
	r.must(err)
	defer disk.Close()
	engine, err := sealed.Open(ctx, disk, sealed.KeyOptions{
		Path: filepath.Join(r.cfg.Data, "suitekeeper.key"), MasterKey: r.cfg.MasterKeyBytes(),
	})
	r.must(err)
	r.must(engine.View(ctx, func(s store.Reader) error {
		for e, err := range store.NewCollection[[]byte](collection, rawCodec{}).Scan(s, nil, nil, false) {
			if err != nil {
				return err
			}
			values = append(values, e.Value)
		}
		return nil
	}))
	return values
}

// storedEvents counts the stored events whose payload is that text. The payload
// is what a stored event ends with.
func storedEvents(events [][]byte, text string) (n int) {
	for _, e := range events {
		if bytes.HasSuffix(e, []byte(text)) {
			n++
		}
	}
	return n
}

// logbook keeps what is logged. It is safe for concurrent use.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logbook) tail() string {
	text := l.String()
	return text[max(0, len(text)-8000):]
}

// dingTalk is the stand-in behind a listener.
type dingTalk struct {
	*dingtalktest.Platform
	url string
}

// newDingTalk serves a stand-in, seen through wrap if that is not nil. It
// pushes nothing before run.
func newDingTalk(tb testing.TB, o dingtalktest.Options, wrap func(http.Handler) http.Handler) *dingTalk {
	tb.Helper()
	platform := dingtalktest.New(o)
	server := httptest.NewUnstartedServer(platform)
	tb.Cleanup(server.Close)
	if wrap != nil {
		server.Config.Handler = wrap(platform)
	}
	server.Start()
	return &dingTalk{platform, server.URL}
}

// run pushes to the receiver until the test ends.
func (d *dingTalk) run(tb testing.TB) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Error(err)
		}
	})
}

// register makes a suite of the configuration known to the stand-in.
func (d *dingTalk) register(tb testing.TB, s keeper.SuiteConfiguration, mode dingtalktest.Mode) {
	tb.Helper()
	err := d.AddSuite(dingtalktest.Suite{
		Key: s.Key, Secret: s.Secret.Reveal(), Token: s.Token.Reveal(), EncodingAESKey: s.AESKey.Reveal(), Mode: mode,
		Apps: []dingtalktest.App{{ID: 4711, Name: "attendance"}},
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// pointTo has the stand-in push its suites to the receiver, wherever that
// listens since its last start.
func (d *dingTalk) pointTo(r *testReceiver) {
	r.Helper()
	for _, s := range d.Suites() {
		r.must(d.SetCallbackURL(s.Key, r.callback+"/callback/"+s.Key))
	}
}
