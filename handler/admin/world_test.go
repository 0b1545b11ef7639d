package admin_test

import (
	"cmp"
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/crypto"
	"suitekeeper/handler"
	"suitekeeper/handler/admin"
	"suitekeeper/store"
	"suitekeeper/store/boltstore"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// What every world holds when its test begins.
const (
	testSuite  = "suitew9h1bvc3t2rmqaym"
	testSecret = "canary-suite-secret"
	activeCorp = "dingactive"
	failedCorp = "dingfailed"
	lateCorp   = "dinglate"
	unknownID  = "0198c0de-0000-7000-8000-000000000000"
)

// world is the admin API over a real keeper, a real store and a stand-in for
// DingTalk, joined in memory. It belongs into a synctest bubble.
type world struct {
	*testing.T
	keeper   *suite.Keeper
	platform *dingtalktest.Platform
	srv      *server
	callback *server
	console  *server // where people sign in, of a world withConsole
	stopping chan struct{}
	down     atomic.Bool // the store takes no updates
}

// newWorld makes a world with a ticket, an active corp whose scope changed
// once, a corp whose code was burnt, a quarantined event and a rejection.
func newWorld(t *testing.T, change ...func(*world, *admin.Options)) *world {
	t.Helper()
	time.Sleep(time.Until(time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC))) // a bubble begins in 2000, before DingTalk
	w := &world{T: t, stopping: make(chan struct{})}
	w.platform = dingtalktest.New(dingtalktest.Options{
		Seed: 1, HTTPClient: &http.Client{Transport: dingtalktest.Transport{
			Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.pushed(rw, r) }),
		}},
	})
	s := dingtalktest.Suite{
		Key: testSuite, Secret: testSecret, Token: "canaryCallbackToken01", EncodingAESKey: "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
		Name: "test", CallbackURL: "http://isv.test/callback/" + testSuite, Apps: []dingtalktest.App{{ID: 4711, Name: "attendance"}},
	}
	w.must(w.platform.AddSuite(s))
	w.openKeeper()
	w.openCallback(s)
	o := options()
	o.Keeper, o.Stopping = w.keeper, w.stopping
	o.Backups, o.DataKey = vault{keeper: w.keeper, content: []byte("sealed"), hold: released}, vault{keeper: w.keeper}
	for _, c := range change {
		c(w, &o)
	}
	api, err := admin.New(o)
	w.must(err)
	w.srv = inMemory(api)
	w.run(w.platform.Run)
	w.run(w.keeper.Run)
	w.fill()
	return w
}

func (w *world) openKeeper() {
	w.Helper()
	disk, err := boltstore.Open(w.Context(), boltstore.Options{Path: filepath.Join(w.TempDir(), "test.db")})
	w.must(err)
	w.Cleanup(func() { w.must(disk.Close()) })
	client, err := dingtalk.New(dingtalk.Options{
		OAPIURL: "http://oapi.test", APIURL: "http://api.test",
		HTTPClient: &http.Client{Transport: dingtalktest.Transport{Handler: w.platform}},
	})
	w.must(err)
	w.keeper, err = suite.New(suite.Options{
		Store: failing{disk, &w.down}, Platform: client,
		Suites: []suite.Suite{{Key: testSuite, Name: "test", Secret: testSecret}},
	})
	w.must(err)
	w.must(w.keeper.Prepare(w.Context()))
}

// failing is a store whose disk broke, while down.
type failing struct {
	store.Engine
	down *atomic.Bool
}

func (f failing) Update(ctx context.Context, fn func(store.Writer) error) error {
	if f.down.Load() {
		return store.ErrFailed
	}
	return f.Engine.Update(ctx, fn)
}

func (w *world) openCallback(s dingtalktest.Suite) {
	w.Helper()
	codec, err := crypto.New(crypto.Options{Token: s.Token, EncodingAESKey: s.EncodingAESKey, Key: s.Key})
	w.must(err)
	h, err := handler.New(handler.Options{
		Suites: []handler.Suite{{Key: testSuite, Codec: codec}}, Receiver: w.keeper,
	})
	w.must(err)
	w.callback = inMemory(h)
}

func (w *world) pushed(rw http.ResponseWriter, r *http.Request) {
	w.callback.client.Transport.(dingtalktest.Transport).Handler.ServeHTTP(rw, r)
}

// run runs a part until the test ends.
func (w *world) run(part func(context.Context) error) {
	ctx, cancel := context.WithCancel(w.Context())
	done := make(chan error, 1)
	go func() { done <- part(ctx) }()
	w.Cleanup(func() {
		cancel()
		<-done
	})
}

func (w *world) fill() {
	w.Helper()
	w.must(w.platform.PushTicket(testSuite))
	w.settle()
	w.must(w.platform.Authorize(testSuite, dingtalktest.Authorization{CorpID: activeCorp, CorpName: "Äpfel & Söhne 苹果"}))
	w.settle()
	w.must(w.platform.ChangeAuth(testSuite, activeCorp, dingtalktest.Scope{Departments: []int64{42}}))
	w.settle()
	w.must(w.platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: 40078}))
	w.must(w.platform.Authorize(testSuite, dingtalktest.Authorization{CorpID: failedCorp, CorpName: "burnt"}))
	w.settle()
	w.receive(`{"EventType":"suite_relieve","EventType":"tmp_auth_code"}`)
	w.keeper.Reject(suite.Rejection{At: time.Now(), Suite: testSuite, RemoteAddr: "192.0.2.7", Reason: suite.RejectSignature})
}

// receive hands the keeper a decrypted push.
func (w *world) receive(text string) {
	w.Helper()
	if _, err := w.keeper.Receive(w.Context(), suite.Push{Suite: testSuite, Text: []byte(text)}); err != nil {
		w.Errorf("Receive(%s) = %v", text, err)
	}
}

// settle lets a second pass, with everything that is due in it.
func (w *world) settle() {
	time.Sleep(time.Second)
	synctest.Wait()
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// path is the path of a call, its placeholders filled in with what there is.
func (w *world) path(c apiCall) string {
	w.Helper()
	id := unknownID
	switch {
	case strings.Contains(c.path, "/events/{id}"):
		id = w.eventOf("tmp_auth_code").ID
	case strings.Contains(c.path, "/repush/{id}"):
		id = decode[admin.Repush](w, w.call(http.MethodPost, "/api/v1/events/"+w.eventOf("tmp_auth_code").ID+"/repush", operatorToken)).ID
	}
	return strings.NewReplacer("{suite_key}", testSuite, "{corp_id}", activeCorp, "{id}", id).Replace(c.path)
}

// callAs makes a call of the table.
func (w *world) callAs(token string, c apiCall, query string) reply {
	w.Helper()
	down := w.down.Swap(false)
	path := w.path(c)
	w.down.Store(down)
	return callWith(w, w.srv, c.method, path+query, bearer(token), c.body)
}

func (w *world) call(method, path, token string) reply {
	w.Helper()
	return call(w, w.srv, method, path, token)
}

func (w *world) post(path, body string) reply {
	w.Helper()
	return callWith(w, w.srv, http.MethodPost, path, bearer(operatorToken), body)
}

func (w *world) events(query string) admin.Events {
	w.Helper()
	return decode[admin.Events](w, w.call(http.MethodGet, "/api/v1/events"+query, viewerToken))
}

// eventOf returns the oldest event of that type.
func (w *world) eventOf(eventType string) admin.Event {
	w.Helper()
	list := w.events("?order=asc&limit=1&type=" + eventType).Events
	if len(list) == 0 {
		w.Fatalf("there is no event of type %s", eventType)
	}
	return list[0]
}

func (w *world) audit() []admin.AuditEntry {
	w.Helper()
	return decode[admin.Audit](w, w.call(http.MethodGet, "/api/v1/audit", operatorToken)).Entries
}

const authorizationsPath = "/api/v1/suites/" + testSuite + "/authorizations"

// client returns a client of the world's API.
func (w *world) client(token string) *admin.Client {
	w.Helper()
	return newClient(w.T, w.srv, cmp.Or(token, operatorToken))
}
