package main_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	"go.uber.org/zap"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/crypto"
	"suitekeeper/handler"
	"suitekeeper/store"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/sealed"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

const (
	benchSuite  = "suitebench"
	benchToken  = "benchtoken0123456789"
	benchAESKey = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
	connections = 64
)

// BenchmarkPush pushes unique events over 64 connections to the same receiver
// with three kinds of engine: ours, one bbolt DB.Update for each push, and none,
// which takes every update and keeps nothing. For scale, receiver=none is the
// bare HTTP handler and envelope. One op is one acknowledged push; p50 and p99
// are of the answers.
func BenchmarkPush(b *testing.B) {
	b.Run("store=suitekeeper", func(b *testing.B) {
		disk, err := boltstore.Open(b.Context(), boltstore.Options{Path: filepath.Join(b.TempDir(), "bench.db")})
		mustB(b, err)
		benchmarkPush(b, newBenchKeeper(b, seal(b, disk)))
	})
	b.Run("store=DB.Update", func(b *testing.B) {
		db, err := bbolt.Open(filepath.Join(b.TempDir(), "bench.db"), 0o600, nil)
		mustB(b, err)
		benchmarkPush(b, newBenchKeeper(b, seal(b, plainBolt{db})))
	})
	b.Run("store=none", func(b *testing.B) { benchmarkPush(b, newBenchKeeper(b, seal(b, noStore{}))) })
	b.Run("receiver=none", func(b *testing.B) { benchmarkPush(b, noReceiver{}) })
}

// seal encrypts what goes to disk, as serve does.
func seal(b *testing.B, disk store.Engine) store.Engine {
	b.Helper()
	engine, err := sealed.Open(b.Context(), disk, sealed.KeyOptions{Path: filepath.Join(b.TempDir(), "bench.key")})
	mustB(b, err)
	b.Cleanup(func() { mustB(b, engine.Close()) })
	return engine
}

// newBenchKeeper is the receiver as serve wires it, over that engine.
func newBenchKeeper(b *testing.B, engine store.Engine) *suite.Keeper {
	b.Helper()
	client, err := dingtalk.New(dingtalk.Options{})
	mustB(b, err)
	k, err := suite.New(suite.Options{Store: engine, Platform: client, Suites: []suite.Suite{{Key: benchSuite}}})
	mustB(b, err)
	mustB(b, k.Prepare(b.Context()))
	return k
}

// noReceiver acknowledges everything unread.
type noReceiver struct{}

func (noReceiver) Receive(context.Context, suite.Push) (suite.Receipt, error) {
	return suite.Receipt{Reply: "success", Outcome: suite.OutcomeStored}, nil
}
func (noReceiver) Reject(suite.Rejection)         {}
func (noReceiver) Overloaded(suite.SuiteKey, int) {}

// noStore is an engine that takes everything and keeps nothing.
type noStore struct{}

func (noStore) View(_ context.Context, fn func(store.Reader) error) error   { return fn(plainTx{}) }
func (noStore) Update(_ context.Context, fn func(store.Writer) error) error { return fn(noStore{}) }
func (noStore) Close() error                                                { return nil }
func (noStore) Get([]byte) ([]byte, error)                                  { return nil, store.ErrNotFound }
func (noStore) Put(_, _ []byte) error                                       { return nil }
func (noStore) Delete([]byte) error                                         { return nil }

// plainBolt is the obvious engine: a bbolt transaction for each update.
type plainBolt struct{ db *bbolt.DB }

var plainBucket = []byte("b")

func (p plainBolt) View(_ context.Context, fn func(store.Reader) error) error {
	return p.db.View(func(tx *bbolt.Tx) error { return fn(plainTx{tx.Bucket(plainBucket)}) })
}

func (p plainBolt) Update(_ context.Context, fn func(store.Writer) error) error {
	return p.db.Update(func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucketIfNotExists(plainBucket)
		if err != nil {
			return err
		}
		return fn(plainTx{bucket})
	})
}

func (p plainBolt) Close() error { return p.db.Close() }

type plainTx struct{ bucket *bbolt.Bucket }

func (t plainTx) Get(key []byte) ([]byte, error) {
	if t.bucket != nil {
		if v := t.bucket.Get(key); v != nil {
			return slices.Clone(v), nil
		}
	}
	return nil, store.ErrNotFound
}
func (t plainTx) Put(key, value []byte) error {
	return t.bucket.Put(slices.Clone(key), slices.Clone(value))
}
func (t plainTx) Delete(key []byte) error { return t.bucket.Delete(key) }
func (t plainTx) Scan(from, to []byte, _ bool) iter.Seq2[store.Pair, error] {
	return func(yield func(store.Pair, error) bool) {
		if t.bucket == nil {
			return
		}
		c := t.bucket.Cursor()
		for k, v := c.Seek(from); k != nil && (to == nil || string(k) < string(to)); k, v = c.Next() {
			if !yield(store.Pair{Key: k, Value: v}, nil) {
				return
			}
		}
	}
}

// benchmarkPush serves the receiver on loopback and pushes b.N unique events.
func benchmarkPush(b *testing.B, receiver handler.Receiver) {
	defer keeper.SpareProcessors()() // as serve has
	codec, err := crypto.New(crypto.Options{Token: benchToken, EncodingAESKey: benchAESKey, Key: benchSuite})
	mustB(b, err)
	h, err := handler.New(handler.Options{
		Suites: []handler.Suite{{Key: benchSuite, Codec: codec}}, Receiver: receiver, Logger: benchLogger(),
	})
	mustB(b, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	mustB(b, err)
	server := handler.NewServer(h, zap.NewNop())
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(l) })
	defer running.Wait()
	defer server.Close()

	requests := make([]*http.Request, b.N)
	for i := range requests {
		requests[i] = benchRequest(b, "http://"+l.Addr().String(), codec, i)
	}
	took := make([]time.Duration, b.N)
	var next atomic.Int64
	var pushers sync.WaitGroup
	b.ResetTimer()
	for range connections {
		pushers.Go(func() { pushAll(b, requests, took, &next) })
	}
	pushers.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2])/1e6, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100])/1e6, "p99-ms")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pushes/s")
	b.ReportMetric(0, "ns/op")
}

// benchLogger logs as serve does, to nowhere.
func benchLogger() *zap.Logger {
	return keeper.NewLogger(keeper.LogConfiguration{Level: "info", Format: "json"}, io.Discard)
}

// benchRequest is a push, sealed beforehand: the benchmark measures the
// receiver, not DingTalk.
func benchRequest(b *testing.B, url string, codec *crypto.Codec, i int) *http.Request {
	now := time.Now()
	e, err := codec.Seal(fmt.Appendf(nil, `{"EventType":"user_modify_org","CorpId":"ding5bfeb97afcccb984","UserId":["manager%d"],"TimeStamp":"%d"}`,
		i, now.UnixMilli()+int64(i/20)), now)
	mustB(b, err)
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost,
		fmt.Sprintf("%s/callback/%s?signature=%s&timestamp=%s&nonce=%s", url, benchSuite, e.Signature, e.Timestamp, e.Nonce),
		strings.NewReader(`{"encrypt":"`+e.Encrypt+`"}`))
	mustB(b, err)
	r.Header.Set("Content-Type", "application/json")
	return r
}

// pushAll takes requests one after another over one connection.
func pushAll(b *testing.B, requests []*http.Request, took []time.Duration, next *atomic.Int64) {
	client := &http.Transport{MaxConnsPerHost: 1}
	defer client.CloseIdleConnections()
	for {
		i := next.Add(1) - 1
		if i >= int64(len(requests)) {
			return
		}
		start := time.Now()
		res, err := client.RoundTrip(requests[i])
		if err != nil {
			b.Error(err)
			return
		}
		_, err = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if res.StatusCode != http.StatusOK || err != nil {
			b.Errorf("push %d was answered %s, %v", i, res.Status, err)
			return
		}
		took[i] = time.Since(start)
	}
}

// BenchmarkActivation has 50 corps authorise at once, with a DingTalk that
// answers in 100 ms, and reports the time from the push of the tmp_auth_code
// to activate_suite. One op is 50 corps.
func BenchmarkActivation(b *testing.B) {
	var took []time.Duration
	for range b.N {
		took = append(took, activate50(b)...)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2])/1e6, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100])/1e6, "p99-ms")
	b.ReportMetric(0, "ns/op")
}

func activate50(b *testing.B) []time.Duration {
	platform := dingtalktest.New(dingtalktest.Options{Latency: 100 * time.Millisecond})
	api, err := net.Listen("tcp", "127.0.0.1:0")
	mustB(b, err)
	server := &http.Server{Handler: platform, ReadHeaderTimeout: time.Minute}
	callbacks, err := net.Listen("tcp", "127.0.0.1:0")
	mustB(b, err)
	operators, err := net.Listen("tcp", "127.0.0.1:0")
	mustB(b, err)
	s := dingtalktest.Suite{Key: benchSuite, Secret: "benchsecret", Token: benchToken, EncodingAESKey: benchAESKey,
		CallbackURL: "http://" + callbacks.Addr().String() + "/callback/" + benchSuite}
	mustB(b, platform.AddSuite(s))

	cfg, err := keeper.Defaults()
	mustB(b, err)
	cfg.Data = b.TempDir()
	cfg.DingTalk.OAPIURL = "http://" + api.Addr().String()
	cfg.DingTalk.APIURL = cfg.DingTalk.OAPIURL
	cfg.Suites = []keeper.SuiteConfiguration{{Key: s.Key, Secret: "benchsecret", Token: benchToken, AESKey: benchAESKey}}

	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(api) })
	running.Go(func() { _ = platform.Run(ctx) })
	running.Go(func() {
		if err := keeper.RunReceiver(ctx, cfg, zap.NewNop(), callbacks, operators); err != nil {
			b.Error(err)
		}
	})
	defer running.Wait()
	defer server.Close()
	defer cancel()

	mustB(b, platform.PushTicket(benchSuite))
	mustB(b, platform.Wait(ctx, func() bool { s, _ := platform.Suite(benchSuite); return s.TicketAccepted }))
	for i := range 50 {
		mustB(b, platform.Authorize(benchSuite, dingtalktest.Authorization{CorpID: fmt.Sprintf("ding%02d", i)}))
	}
	mustB(b, platform.Wait(ctx, func() bool { return len(platform.Activations()) == 50 }))
	var took []time.Duration
	for _, a := range platform.Activations() {
		took = append(took, a.Took)
	}
	return took
}

func mustB(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
