package handler

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// Watch has the requests that s refuses before they reach its handler answered
// and logged like all others. net/http answers them itself, with plain text and
// without a word to anybody: too large headers, two lengths, a missing Host and
// everything else that is no sound HTTP. And while more pushes are in work than
// h takes, it has the next ones refused as they are read, at a tenth of the cost.
//
// It is called once, before s serves h on the listener that it returns. A
// listener that speaks TLS is to be given as such (see tls.NewListener), not
// wrapped afterwards by ServeTLS, for then nothing can be read in what is
// sent. It speaks HTTP/1.1 then, as DingTalk does, and not HTTP/2.
func (h *Handler) Watch(s *Server, l net.Listener) net.Listener {
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
	return &watchedListener{Listener: l, server: s, callback: h.callback}
}

type wireKey struct{}

type watchedListener struct {
	net.Listener
	server   *Server
	callback *callback
}

func (l *watchedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &wire{Conn: c, listener: l, permitted: l.callback.sources.permitsPeer(parseHop(c.RemoteAddr().String()))}, nil
}

// maxSkipped is how much of a body is read only to be skipped. Where more is to
// come, net/http rather ends the connection.
const maxSkipped = 64 << 10

// refuses tells whether a push that has just come is refused unread: if nothing
// but its body could be wrong with it. A server that retires leaves that to
// net/http, which ends the connection with the answer.
func (l *watchedListener) refuses(r plainRequest) bool {
	return r.push && l.callback.load.full() && r.body <= min(maxSkipped, l.callback.maxBody) &&
		l.callback.knows(r.path) && !l.server.retiring.Load()
}

// wire is a connection that knows whether what is sent on it comes from our
// handler or from net/http.
type wire struct {
	net.Conn
	listener  *watchedListener
	permitted bool // the peer may push, whatever it says of itself
	requests  framing
	refusing  time.Time // since when its deadlines are those for refusals; zero: they are net/http's

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

// Read reads for net/http, and what is to be refused at once it answers itself.
func (w *wire) Read(p []byte) (int, error) {
	for {
		n, err := w.read(p)
		r, begins := w.requests.follow(p[:n])
		if err != nil {
			return n, err
		}
		if !begins || !w.permitted || !w.listener.refuses(r) {
			return n, w.handOn()
		}
		w.began.Store(false)
		w.listener.callback.turnAway(r.path, time.Now())
		if err := w.refuse(p); err != nil {
			return 0, io.EOF // it has been counted, and net/http has nothing to say to it
		}
	}
}

func (w *wire) read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if n > 0 {
		w.began.Store(true)
	}
	w.broken = err
	return n, err
}

// refuse answers a push that net/http has seen nothing of, and reads the rest of
// it into p. From then on the connection has as long as any that is kept, and is
// one of those.
func (w *wire) refuse(p []byte) error {
	if now := time.Now(); now.Sub(w.refusing) > time.Second { // deadlines take a while to set
		if w.refusing.IsZero() {
			w.listener.server.conns.note(w, http.StateIdle)
		}
		w.refusing = now
		if err := errors.Join(w.SetReadDeadline(now.Add(idleTimeout)), w.SetWriteDeadline(now.Add(writeTimeout))); err != nil {
			return err
		}
	}
	if _, err := w.Conn.Write(overloadAnswer); err != nil {
		return err
	}
	for w.requests.left > 0 {
		n, err := w.Conn.Read(p[:min(int64(len(p)), w.requests.left)])
		if err != nil {
			return err
		}
		w.requests.follow(p[:n])
	}
	return nil
}

// handOn gives the connection back to net/http, which may be waiting for the
// first head on it, and has set its deadline long ago.
func (w *wire) handOn() error {
	if w.refusing.IsZero() {
		return nil
	}
	w.refusing = time.Time{}
	return w.SetReadDeadline(time.Now().Add(readHeaderTimeout))
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
	w.listener.callback.log.Info("request refused", zap.String("code", failureOf(err).code.String()), zap.Error(err),
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

// overloadAnswer is that to pushes beyond what may be in work.
var overloadAnswer = wholeAnswer(errOverloaded, "Retry-After: "+retryAfter)

// closingAnswer is the answer to err with which the connection ends.
func closingAnswer(err error) []byte { return wholeAnswer(err, "Connection: close") }

// wholeAnswer is an answer as it is sent.
func wholeAnswer(err error, header string) []byte {
	f := failureOf(err)
	body := f.body()
	return fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n\r\n%s",
		f.status, http.StatusText(f.status), len(body), header, body)
}
