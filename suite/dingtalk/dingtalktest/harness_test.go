package dingtalktest_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/crypto"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

const (
	suiteKey    = "suited6db0pze8yao1b1y"
	suiteSecret = "suite-secret"
	pushToken   = "abcdefghijklmnopqrstuvwx"
	aesKey      = "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"
	appID       = 62282
	corpID      = "ding1"
)

// aSuite is the suite of most tests, pushed to a receiver in memory.
func aSuite() dingtalktest.Suite {
	return dingtalktest.Suite{
		Key: suiteKey, Secret: suiteSecret, Token: pushToken, EncodingAESKey: aesKey,
		Name: "suite", SuiteID: 1489999, Apps: []dingtalktest.App{{ID: appID, Name: "app"}},
		OwnCorp: "dingisv", CallbackURL: "http://isv.example/callback",
	}
}

// receiver answers pushes rightly, or as wrong says for the n-th, and keeps
// what it got.
type receiver struct {
	codec *crypto.Codec
	wrong func(n int, w http.ResponseWriter, r *http.Request, msg []byte) bool

	mu   sync.Mutex
	got  []string
	seen []crypto.Envelope
	at   []time.Time
}

func newReceiver(t testing.TB) *receiver { return &receiver{codec: codecFor(t, suiteKey)} }

func codecFor(t testing.TB, key string) *crypto.Codec {
	t.Helper()
	c, err := crypto.New(crypto.Options{Token: pushToken, EncodingAESKey: aesKey, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (rc *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e, err := envelopeOf(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	msg, err := rc.codec.Open(e)
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	rc.mu.Lock()
	rc.got, rc.seen, rc.at = append(rc.got, string(msg)), append(rc.seen, e), append(rc.at, time.Now())
	n := len(rc.got)
	rc.mu.Unlock()
	if rc.wrong != nil && rc.wrong(n, w, r, msg) {
		return
	}
	success(w, rc.codec, "success")
}

func (rc *receiver) messages() []string {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	return append([]string(nil), rc.got...)
}

func envelopeOf(r *http.Request) (crypto.Envelope, error) {
	var body struct{ Encrypt string }
	err := json.NewDecoder(r.Body).Decode(&body)
	q := r.URL.Query()
	return crypto.Envelope{
		Signature: q.Get("signature") + q.Get("msg_signature"),
		Timestamp: q.Get("timestamp"), Nonce: q.Get("nonce"), Encrypt: body.Encrypt,
	}, err
}

func success(w http.ResponseWriter, c *crypto.Codec, text string) {
	e, err := c.Seal([]byte(text), time.Now())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(e.Reply())
}

// stand is a Platform with the suite of most tests, in a bubble of virtual
// time, pushing to a receiver in memory.
type stand struct {
	*dingtalktest.Platform
	t    *testing.T
	in   *receiver
	stop func()
}

// inBubble runs fn with a stand whose pusher runs.
func inBubble(t *testing.T, o dingtalktest.Options, s dingtalktest.Suite, fn func(*stand)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		in := newReceiver(t)
		o.HTTPClient = &http.Client{Transport: dingtalktest.Transport{Handler: in}}
		st := &stand{Platform: dingtalktest.New(o), t: t, in: in}
		if err := st.AddSuite(s); err != nil {
			t.Fatal(err)
		}
		st.start()
		defer func() { st.stop() }()
		fn(st)
	})
}

// start lets the pusher run until stop, which waits for its end.
func (st *stand) start() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- st.Run(ctx) }()
	st.stop = func() {
		cancel()
		if err := <-done; err != nil {
			st.t.Errorf("Run = %v, want nil", err)
		}
		st.stop = func() {}
	}
}

func (st *stand) must(err error) {
	st.t.Helper()
	if err != nil {
		st.t.Fatal(err)
	}
}

// await waits, in virtual time, until cond holds.
func (st *stand) await(what string, cond func() bool) {
	st.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 24*time.Hour)
	defer cancel()
	if err := st.Wait(ctx, cond); err != nil {
		st.t.Fatalf("waiting until %s: %v", what, err)
	}
}

// awaitQuiet waits until nothing is left to be pushed.
func (st *stand) awaitQuiet() {
	st.t.Helper()
	st.await("nothing is queued", func() bool { return st.Counts().Queued == 0 })
}

// ticket makes a ticket and returns it.
func (st *stand) ticket() string {
	st.t.Helper()
	st.must(st.PushTicket(suiteKey))
	s, _ := st.Suite(suiteKey)
	return s.Ticket
}

// answer is an answer of the API.
type answer struct {
	status int
	text   string
	fields map[string]any
	err    error
}

func (a answer) errcode() int {
	n, ok := a.fields["errcode"].(float64)
	if !ok {
		return -999
	}
	return int(n)
}

func (a answer) str(name string) string {
	s, _ := a.fields[name].(string)
	return s
}

// call calls the API from the given address, which may be empty.
func (st *stand) call(method, path string, header http.Header, body string) answer {
	st.t.Helper()
	return callFrom(st.t, dingtalktest.Transport{Handler: st.Platform}, method, path, header, body)
}

func callFrom(t testing.TB, rt http.RoundTripper, method, path string, header http.Header, body string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, "http://dingtalk.example"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Content-Type": {"application/json"}}
	for k, v := range header {
		req.Header[k] = v
	}
	res, err := rt.RoundTrip(req)
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	a := answer{status: res.StatusCode, text: string(text), err: err}
	if err == nil {
		a.err = json.Unmarshal(text, &a.fields)
	}
	return a
}

func (st *stand) post(path, body string) answer {
	st.t.Helper()
	return st.call(http.MethodPost, path, nil, body)
}

func (st *stand) get(path string) answer {
	st.t.Helper()
	return st.call(http.MethodGet, path, nil, "")
}

// suiteToken gets a suite_access_token with the current ticket.
func (st *stand) suiteToken() string {
	st.t.Helper()
	a := st.post("/service/get_suite_token", suiteTokenBody(suiteKey, suiteSecret, st.currentTicket()))
	if a.errcode() != 0 {
		st.t.Fatalf("get_suite_token = %s, want a token", a.text)
	}
	return a.str("suite_access_token")
}

func (st *stand) currentTicket() string {
	s, _ := st.Suite(suiteKey)
	return s.Ticket
}

func suiteTokenBody(key, secret, ticket string) string {
	b, _ := json.Marshal(map[string]string{"suite_key": key, "suite_secret": secret, "suite_ticket": ticket})
	return string(b)
}

// signedQuery is the query of the signed form.
func signedQuery(secret, ticket string) string {
	ts := strconv.FormatInt(time.Now().UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	io.WriteString(mac, ts+"\n"+ticket)
	return url.Values{
		"accessKey": {suiteKey}, "timestamp": {ts}, "suiteTicket": {ticket},
		"signature": {base64.StdEncoding.EncodeToString(mac.Sum(nil))},
	}.Encode()
}

func (st *stand) corpToken() string {
	st.t.Helper()
	a := st.post("/service/get_corp_token?"+signedQuery(suiteSecret, st.currentTicket()), `{"auth_corpid":"`+corpID+`"}`)
	if a.errcode() != 0 {
		st.t.Fatalf("get_corp_token = %s, want a token", a.text)
	}
	return a.str("access_token")
}

func (st *stand) exchange(suiteToken, code string) answer {
	st.t.Helper()
	return st.post("/service/get_permanent_code?suite_access_token="+suiteToken, `{"tmp_auth_code":"`+code+`"}`)
}

func (st *stand) activate(suiteToken, permanentCode string) answer {
	st.t.Helper()
	return st.post("/service/activate_suite?suite_access_token="+suiteToken,
		`{"suite_key":"`+suiteKey+`","auth_corpid":"`+corpID+`","permanent_code":"`+permanentCode+`"}`)
}

// authorize lets the corp authorise and returns the codes pushed for it.
func (st *stand) authorize(codes int) []string {
	st.t.Helper()
	before, _ := st.Corp(suiteKey, corpID)
	st.must(st.Authorize(suiteKey, dingtalktest.Authorization{CorpID: corpID, CorpName: "Corp", Codes: codes}))
	after, _ := st.Corp(suiteKey, corpID)
	var values []string
	for _, c := range after.Codes[len(before.Codes):] {
		values = append(values, c.Value)
	}
	return values
}

func (st *stand) corp() dingtalktest.CorpState {
	st.t.Helper()
	c, ok := st.Corp(suiteKey, corpID)
	if !ok {
		st.t.Fatal("the stand-in does not know the corp")
	}
	return c
}
