package handler

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// Limits of the public listener. A push that takes longer than the budget is
// lost for this time anyway; the rest leaves room for slow lines and ends
// connections that only want to hold on.
const (
	maxBudget         = 5 * time.Second
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = 10 * time.Second // more than maxBudget, or replies would be cut
	idleTimeout       = 90 * time.Second // more than the 60 s for which nginx keeps its connections
	maxHeaderBytes    = 16<<10 - 4<<10   // net/http allows for 4 KiB more: 16 KiB in all
)

// silentGrace is how long a connection may take for its first request once the
// server stops. Without a bound a proxy that connects ahead of need, or anybody
// at all, could hold up a restart.
const silentGrace = 250 * time.Millisecond

// retireQuiet is for how long a retiring server waits for the next use of a kept
// connection. Where none is used for so long, it is unlikely that a request is on
// its way just when they are closed.
const retireQuiet = time.Second

// Server is an http.Server with the limits that a listener on the public
// internet needs, and with a stop that is quick and cuts nobody off.
type Server struct {
	*http.Server
	conns    *connections
	retiring atomic.Bool

	mu        sync.Mutex
	listeners []net.Listener
	closed    bool           // they are, and no more are served
	serving   sync.WaitGroup // that accept connections
}

// NewServer returns a server for h. Its complaints go to log at level warn. The
// caller serves, shuts down and closes it.
func NewServer(h http.Handler, log *zap.Logger) *Server {
	errorLog, _ := zap.NewStdLogAt(log, zap.WarnLevel) // fails only for a level that does not exist
	s := &Server{conns: newConnections()}
	s.Server = &http.Server{
		Handler:                      s.lastWhenRetiring(h),
		ReadHeaderTimeout:            readHeaderTimeout,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 writeTimeout,
		IdleTimeout:                  idleTimeout,
		MaxHeaderBytes:               maxHeaderBytes,
		ErrorLog:                     errorLog,
		DisableGeneralOptionsHandler: true, // "OPTIONS *" is answered 404 like any other path
		ConnState:                    s.conns.note,
	}
	return s
}

// lastWhenRetiring says with every answer of a server that retires that it is
// the last on its connection.
func (s *Server) lastWhenRetiring(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.retiring.Load() {
			w.Header().Set("Connection", "close")
		}
		h.ServeHTTP(w, r)
	})
}

// Retire gets rid of connections that are kept for further requests, while the
// server goes on to serve: each is told with its next answer to be closed. A
// server that closes a kept connection by itself cannot know whether a request
// is on its way, and that would be lost. Retire returns when no connection is
// kept any more, or when ctx ends. Those that have not been used for a second it
// closes, while the server still serves: once it does not, peers have more to
// push at a time, and would try just these. Shutdown comes next.
func (s *Server) Retire(ctx context.Context) {
	s.retiring.Store(true)
	for left := s.conns.kept(); left > 0; left = s.conns.kept() {
		quiet, cancel := context.WithTimeout(ctx, retireQuiet)
		err := s.conns.await(quiet, func() bool { return s.conns.kept() < left })
		cancel()
		if err != nil {
			s.conns.closeKept()
			return
		}
	}
}

// Serve is that of http.Server.
func (s *Server) Serve(l net.Listener) error {
	return s.serve(l, s.Server.Serve)
}

// ServeTLS is that of http.Server.
func (s *Server) ServeTLS(l net.Listener, certFile, keyFile string) error {
	return s.serve(l, func(l net.Listener) error { return s.Server.ServeTLS(l, certFile, keyFile) })
}

func (s *Server) serve(l net.Listener, serve func(net.Listener) error) error {
	l = &closeOnce{Listener: l}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return errors.Join(http.ErrServerClosed, l.Close())
	}
	s.listeners = append(s.listeners, l)
	s.serving.Add(1)
	s.mu.Unlock()
	defer s.serving.Done()
	err := serve(l)
	if s.stopped() && errors.Is(err, net.ErrClosed) {
		return http.ErrServerClosed
	}
	return err
}

func (s *Server) stopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// closeOnce closes a listener once, for each who wants it closed.
type closeOnce struct {
	net.Listener
	once sync.Once
	err  error
}

func (l *closeOnce) Close() error {
	l.once.Do(func() { l.err = l.Listener.Close() })
	return l.err
}

// Shutdown closes the listener and waits for the requests under way, and for
// those that are about to come on a connection that has said nothing yet, only
// a moment. It returns nil once no connection is left, or why ctx ended before.
func (s *Server) Shutdown(ctx context.Context) error {
	s.retiring.Store(true)
	// Not yet that of http.Server: it answers no request that comes after that,
	// also not on a connection that was accepted before.
	s.closeListeners()
	grace := time.AfterFunc(silentGrace, s.conns.closeSilent)
	defer grace.Stop()
	if err := s.conns.await(ctx, s.conns.onlyIdle); err != nil {
		return err
	}
	s.conns.closeKept() // some of which net/http takes for new
	return s.Server.Shutdown(ctx)
}

// closeListeners returns when every connection that was accepted is known.
func (s *Server) closeListeners() {
	s.mu.Lock()
	s.closed = true
	for _, l := range s.listeners {
		_ = l.Close() // http.Server closes it again, and returns the error
	}
	s.mu.Unlock()
	s.serving.Wait()
}
