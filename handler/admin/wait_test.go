package admin_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"suitekeeper/handler"
	"suitekeeper/handler/admin"
)

// pipes is a listener without sockets, for synctest.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

// The listener's server gives calls 10 seconds; those that wait have a minute.
func TestWaitingMayTakeLongerThanOtherCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		o := options()
		o.Keeper, o.Stopping = w.keeper, w.stopping
		h, err := admin.New(o)
		w.must(err)
		listener := newPipes()
		srv := handler.NewServer(h, zap.NewNop())
		served := make(chan error, 1)
		go func() { served <- srv.Serve(listener) }()
		transport := &http.Transport{DialContext: listener.dial}
		defer func() {
			transport.CloseIdleConnections()
			w.must(srv.Close())
			<-served
		}()
		client, err := admin.NewClient(admin.ClientOptions{
			BaseURL: "http://admin.test", Token: viewerToken,
			HTTPClient: &http.Client{Transport: transport, Timeout: 15 * time.Second},
		})
		w.must(err)
		newest := w.events("?limit=1").Events[0]
		q := admin.EventsQuery{After: newest.ID}
		for range 2 { // on one connection
			start := time.Now()
			list, err := client.WaitEvents(t.Context(), q, time.Minute)
			if took := time.Since(start); err != nil || len(list.Events) != 0 || took != time.Minute {
				t.Errorf("WaitEvents(1m) = %+v, %v after %v, want nothing after a minute", list, err, took)
			}
		}
		if _, err := client.Suites(t.Context()); err != nil {
			t.Errorf("Suites() on the connection that waited = %v, want no error", err)
		}

		// A shutdown waits for calls under way: they end at once.
		time.AfterFunc(20*time.Second, func() {
			close(w.stopping)
			start := time.Now()
			if err := srv.Shutdown(t.Context()); err != nil || time.Since(start) > time.Second {
				t.Errorf("Shutdown = %v after %v, want none within a second", err, time.Since(start))
			}
		})
		start := time.Now()
		if _, err := client.WaitEvents(t.Context(), q, time.Minute); err != nil || time.Since(start) != 20*time.Second {
			t.Errorf("WaitEvents(1m) of a server that stops = %v after %v, want no error after 20s", err, time.Since(start))
		}
		time.Sleep(time.Second)
	})
}
