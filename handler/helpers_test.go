package handler_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"suitekeeper/crypto"
	"suitekeeper/handler"
	"suitekeeper/suite"
)

const (
	suiteKey = "suitew9h1bvc3t2rmqaym"
	otherKey = "suiteother000000000001"
)

// The secrets of the first suite start with a mark that canary tests look for.
var (
	suiteOptions = crypto.Options{Token: "CANARYtoken1", EncodingAESKey: "CANARYkey" + strings.Repeat("a", 34), Key: suiteKey}
	otherOptions = crypto.Options{Token: "CANARYtoken2", EncodingAESKey: "CANARYkey" + strings.Repeat("b", 34), Key: otherKey}
)

// stubReceiver stands for the Keeper. It takes every JSON object.
type stubReceiver struct {
	receive func(context.Context, suite.Push) (suite.Receipt, error) // nil: take it

	mu         sync.Mutex
	pushes     []suite.Push
	rejected   []suite.Rejection
	overloaded []string
}

func (s *stubReceiver) Receive(ctx context.Context, p suite.Push) (suite.Receipt, error) {
	s.mu.Lock()
	s.pushes = append(s.pushes, p)
	s.mu.Unlock()
	if s.receive != nil {
		return s.receive(ctx, p)
	}
	if !json.Valid(p.Text) || p.Text[0] != '{' {
		return suite.Receipt{}, fmt.Errorf("receive: %w", suite.ErrNotJSON)
	}
	return suite.Receipt{Reply: "success", Type: "suite_ticket", Outcome: suite.OutcomeApplied, Events: 1}, nil
}

func (s *stubReceiver) Reject(r suite.Rejection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rejected = append(s.rejected, r)
}

func (s *stubReceiver) Overloaded(key suite.SuiteKey, pushes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.overloaded = append(s.overloaded, fmt.Sprintf("%s %d", key, pushes))
}

func (s *stubReceiver) received() []suite.Push {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]suite.Push(nil), s.pushes...)
}

func (s *stubReceiver) rejections() []suite.Rejection {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]suite.Rejection(nil), s.rejected...)
}

// fixture is a handler with what it reports to.
type fixture struct {
	http.Handler // as a rule public
	public       *handler.Handler
	server       *handler.Server // once it listens
	receiver     *stubReceiver
	metrics      *prometheus.Registry
	log          *zap.Logger
	logs         *observer.ObservedLogs
}

func codec(tb testing.TB, o crypto.Options) *crypto.Codec {
	tb.Helper()
	c, err := crypto.New(o)
	if err != nil {
		tb.Fatalf("crypto.New = %v", err)
	}
	return c
}

// newFixture makes a handler of two suites; change adapts its options.
func newFixture(tb testing.TB, change func(*handler.Options)) *fixture {
	tb.Helper()
	core, logs := observer.New(zap.DebugLevel)
	f := &fixture{receiver: &stubReceiver{}, metrics: prometheus.NewRegistry(), log: zap.New(core), logs: logs}
	o := handler.Options{
		Suites: []handler.Suite{
			{Key: suiteKey, Codec: codec(tb, suiteOptions)},
			{Key: otherKey, Codec: codec(tb, otherOptions)},
		},
		Receiver:   f.receiver,
		Logger:     f.log,
		Registerer: f.metrics,
	}
	if change != nil {
		change(&o)
	}
	h, err := handler.New(o)
	if err != nil {
		tb.Fatalf("New = %v", err)
	}
	f.Handler, f.public = h, h
	return f
}

// listen serves f with the limits of production until the test ends.
func (f *fixture) listen(tb testing.TB, l net.Listener) {
	tb.Helper()
	server := handler.NewServer(f, f.log)
	f.server = server
	l = f.public.Watch(server, l)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			tb.Errorf("Serve = %v, want %v", err, http.ErrServerClosed)
		}
	}()
	tb.Cleanup(func() {
		// Waits for connections that net/http keeps half open for a moment.
		if err := server.Shutdown(context.Background()); err != nil {
			tb.Errorf("Shutdown = %v", err)
		}
		<-done
	})
}

// start serves f on loopback and returns the address.
func (f *fixture) start(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	f.listen(tb, l)
	return l.Addr().String()
}

// seal makes a push of text.
func seal(tb testing.TB, o crypto.Options, text string) crypto.Envelope {
	tb.Helper()
	e, err := codec(tb, o).Seal([]byte(text), time.Now())
	if err != nil {
		tb.Fatalf("Seal = %v", err)
	}
	return e
}

// query is the query of a push, as DingTalk writes it.
func query(e crypto.Envelope) string {
	return url.Values{"signature": {e.Signature}, "timestamp": {e.Timestamp}, "nonce": {e.Nonce}}.Encode()
}

func body(e crypto.Envelope) string { return `{"encrypt":"` + e.Encrypt + `"}` }

// raw is a request as bytes, with a Content-Length that fits unless the
// headers have one.
func raw(method, target, body string, headers ...string) string {
	text := method + " " + target + " HTTP/1.1\r\nHost: isv.example.com\r\n"
	for _, h := range headers {
		text += h + "\r\n"
	}
	if all := strings.Join(headers, "\n"); !strings.Contains(all, "Content-Length:") && !strings.Contains(all, "Transfer-Encoding:") {
		text += fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	return text + "\r\n" + body
}

// pushTo is a well-formed push of e.
func pushTo(path string, e crypto.Envelope, headers ...string) string {
	return raw("POST", path+"?"+query(e), body(e), headers...)
}

// answerTo is what a peer reads off the wire.
type answerTo struct {
	*http.Response
	body string
}

// chunk is a body of one chunk.
func chunk(body string) string { return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body) }

func dial(tb testing.TB, addr string) net.Conn {
	tb.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	return conn
}

// send writes the bytes of a request and reads the answer.
func send(tb testing.TB, addr, request string) answerTo {
	tb.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close()
	return sendOn(tb, conn, request)
}

func sendOn(tb testing.TB, conn net.Conn, request string) answerTo {
	tb.Helper()
	if _, err := io.WriteString(conn, request); err != nil {
		tb.Fatalf("write request: %v", err)
	}
	method, _, _ := strings.Cut(request, " ")
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		tb.Fatalf("read answer: %v", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatalf("read answer: %v", err)
	}
	return answerTo{resp, string(text)}
}
