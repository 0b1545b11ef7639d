package handler_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"suitekeeper/handler"
)

// TestRetireEndsKeptConnectionsWithAnAnswer keeps three connections to a server
// that retires. It is done once each has had a last answer that says so, and not
// before, and takes further connections meanwhile.
func TestRetireEndsKeptConnectionsWithAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		server := handler.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }), zap.NewNop())
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		kept := []*pipeClient{l.dial(t), l.dial(t), l.dial(t)}
		for _, c := range kept {
			if c.ask(t) {
				t.Error("a server that does not retire closes a connection")
			}
		}
		retired := make(chan struct{})
		go func() {
			defer close(retired)
			server.Retire(t.Context())
		}()
		synctest.Wait()
		for i, c := range append(kept, l.dial(t)) {
			select {
			case <-retired:
				if i < len(kept) {
					t.Fatalf("retired with %d connections kept", len(kept)-i)
				}
			default:
			}
			if !c.ask(t) {
				t.Errorf("connection %d is kept by a server that retires", i)
			}
			synctest.Wait()
		}
		<-retired
		if err := server.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown = %v", err)
		}
		if err := <-served; err != http.ErrServerClosed {
			t.Errorf("Serve = %v, want %v", err, http.ErrServerClosed)
		}
	})
}

// TestRetireClosesWhatNobodyUses has a kept connection that nobody uses for a
// second: it is closed while the server still serves others.
func TestRetireClosesWhatNobodyUses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		server := handler.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }), zap.NewNop())
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		kept := l.dial(t)
		kept.ask(t)
		synctest.Wait()
		start := time.Now()
		server.Retire(t.Context())
		if took := time.Since(start); took != time.Second {
			t.Errorf("Retire took %v, want 1s", took)
		}
		if _, err := kept.conn.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("Read from the connection that nobody used = %v, want %v", err, io.EOF)
		}
		if !l.dial(t).ask(t) {
			t.Error("another connection is kept by a server that retires")
		}
		if err := server.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown = %v", err)
		}
		<-served
	})
}

// TestShutdownGivesSilentConnectionsAMoment has a server shut down while one
// peer has said nothing, one is about to send its request, and one has an
// answer coming.
func TestShutdownGivesSilentConnectionsAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		server := handler.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				time.Sleep(600 * time.Millisecond)
			}
			fmt.Fprint(w, "ok")
		}), zap.NewNop())
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		silent, late, slow := l.dial(t), l.dial(t), l.dial(t)
		slow.path = "/slow"
		go slow.ask(t)
		time.Sleep(100 * time.Millisecond)
		go func() {
			time.Sleep(200 * time.Millisecond)
			late.ask(t)
		}()
		began := time.Now()
		if err := server.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown = %v", err)
		}
		if took := time.Since(began); took != 500*time.Millisecond {
			t.Errorf("Shutdown took %v, want 500ms, until the slow answer and no longer", took)
		}
		if _, err := silent.conn.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the silent connection reads %v, want %v", err, io.EOF)
		}
		<-served
	})
}

// TestShutdownGivesUp has a request last longer than Shutdown may.
func TestShutdownGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		server := handler.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), zap.NewNop())
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		c := l.dial(t)
		_, err := io.WriteString(c.conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != context.DeadlineExceeded {
			t.Errorf("Shutdown = %v, want %v", err, context.DeadlineExceeded)
		}
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-served
	})
}

// pipeListener makes connections in memory.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipeListener() *pipeListener {
	return &pipeListener{make(chan net.Conn), make(chan struct{})}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	close(l.closed)
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// pipeClient is one connection.
type pipeClient struct {
	conn net.Conn
	in   *bufio.Reader
	path string
}

func (l *pipeListener) dial(t *testing.T) *pipeClient {
	near, far := net.Pipe()
	t.Cleanup(func() { near.Close() })
	l.conns <- far
	return &pipeClient{near, bufio.NewReader(near), "/"}
}

// ask sends a request and tells whether the answer is the last.
func (c *pipeClient) ask(t *testing.T) (last bool) {
	req := httptest.NewRequest(http.MethodGet, c.path, nil)
	if err := req.Write(c.conn); err != nil {
		t.Errorf("request: %v", err)
		return false
	}
	res, err := http.ReadResponse(c.in, req)
	if err != nil {
		t.Errorf("answer to %s: %v", c.path, err)
		return false
	}
	defer res.Body.Close()
	if text, err := io.ReadAll(res.Body); string(text) != "ok" || err != nil {
		t.Errorf("answer %q, %v, want ok", text, err)
	}
	return res.Close
}
