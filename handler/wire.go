package handler

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"

	"go.uber.org/zap"
)

// Watch has the requests that s refuses before they reach its handler answered
// and logged like all others. net/http answers them itself, with plain text and
// without a word to anybody: too large headers, two lengths, a missing Host and
// everything else that is no sound HTTP.
//
// It is called once, before s serves on the listener that it returns. A
// listener that speaks TLS is to be given as such (see tls.NewListener), not
// wrapped afterwards by ServeTLS, for then nothing can be read in what is
// sent. It speaks HTTP/1.1 then, as DingTalk does, and not HTTP/2.
func Watch(s *Server, l net.Listener, log *zap.Logger) net.Listener {
	next, handle := s.ConnState, s.Handler
	s.ConnState = func(c net.Conn, state http.ConnState) {
		if next != nil {
			next(c, state)
		}
		if w, ok := c.(*wire); ok {
			w.note(state)
		}
	}
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, wireKey{}, c)
	}
	s.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w, ok := r.Context().Value(wireKey{}).(*wire); ok {
			w.handled = true
		}
		handle.ServeHTTP(rw, r)
	})
	return watchedListener{l, log}
}

type wireKey struct{}

type watchedListener struct {
	net.Listener
	log *zap.Logger
}

func (l watchedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &wire{Conn: c, log: l.log}, nil
}

// wire is a connection that knows whether what is sent on it comes from our
// handler or from net/http.
type wire struct {
	net.Conn
	log *zap.Logger

	began   atomic.Bool // something of a request was read; net/http may read in another goroutine
	handled bool        // the request reached the handler
	refused bool        // or was refused by net/http, which was logged
	broken  error       // why nothing could be read
}

// note follows the connection from request to request.
func (w *wire) note(state http.ConnState) {
	switch state {
	case http.StateIdle:
		w.handled = false
		w.began.Store(false)
	case http.StateClosed:
		if w.began.Load() && !w.refused && !w.handled {
			w.logRefusal(errUnfinished)
		}
	case http.StateNew, http.StateActive, http.StateHijacked: // the last is done by no handler of ours
	}
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if n > 0 {
		w.began.Store(true)
	}
	w.broken = err
	return n, err
}

// Write sends an answer. One that net/http made itself comes in one piece,
// before the handler was called, and is sent in our words instead.
func (w *wire) Write(p []byte) (int, error) {
	if w.handled {
		return w.Conn.Write(p)
	}
	err := refusalOf(p)
	if err == nil {
		return w.Conn.Write(p)
	}
	out := w.Conn
	if plain := (tls.RecordHeaderError{}); errors.As(w.broken, &plain) && plain.Conn != nil {
		out, err = plain.Conn, errNoTLS
	}
	w.refused = true
	w.logRefusal(err)
	if _, err := out.Write(closingAnswer(err)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// CloseWrite lets net/http end an answer before it cuts off who is still
// sending.
func (w *wire) CloseWrite() error {
	if c, ok := w.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return errors.ErrUnsupported
}

func (w *wire) logRefusal(err error) {
	w.log.Info("request refused", zap.String("code", failureOf(err).code), zap.Error(err),
		zap.NamedError("cause", w.broken), zap.Stringer("remote", parseHop(w.RemoteAddr().String())))
}

// refusalOf reads the status of an answer that net/http made itself; nil if
// that is none.
func refusalOf(answer []byte) error {
	const version, digits = len("HTTP/1.1 "), 3
	if len(answer) < version+digits {
		return nil
	}
	switch status, err := strconv.Atoi(string(answer[version : version+digits])); {
	case err != nil || status < http.StatusBadRequest:
		return nil
	case status == http.StatusRequestHeaderFieldsTooLarge:
		return errHeaders
	case status == http.StatusNotImplemented:
		return errTransfer
	}
	return errNotHTTP // 400, 417 and 505, of which the contract knows the first
}

// closingAnswer is the whole answer to err as bytes; the connection ends
// with it.
func closingAnswer(err error) []byte {
	f := failureOf(err)
	body := f.body()
	return fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		f.status, http.StatusText(f.status), len(body), body)
}
