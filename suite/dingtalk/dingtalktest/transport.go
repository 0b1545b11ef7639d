package dingtalktest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strconv"
)

// Transport is an http.RoundTripper that hands every request to Handler, in
// memory and without sockets, so that it works in testing/synctest. As with a
// real server, a handler that is still busy when the request's context ends
// goes on alone; and http.ErrAbortHandler closes the connection. Other panics
// of the handler are not caught.
type Transport struct {
	Handler http.Handler
	From    netip.AddrPort // what the handler sees as RemoteAddr; 127.0.0.1:1 when zero
}

var errNoAnswer = errors.New("connection closed without an answer")

// RoundTrip implements http.RoundTripper.
func (t Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	in, err := t.incoming(req)
	if err != nil {
		return nil, err
	}
	done := make(chan *http.Response, 1)
	go func() { done <- serve(t.Handler, in) }()
	select {
	case res := <-done:
		if res == nil {
			return nil, errNoAnswer
		}
		res.Request = req
		return res, nil
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

// incoming is the request as a server sees it.
func (t Transport) incoming(req *http.Request) (*http.Request, error) {
	in := req.Clone(req.Context())
	in.Body = http.NoBody
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		req.Body.Close()
		if err != nil {
			return nil, err
		}
		in.Body = io.NopCloser(bytes.NewReader(body))
		in.ContentLength = int64(len(body))
	}
	in.RequestURI = req.URL.RequestURI()
	if in.Host == "" {
		in.Host = req.URL.Host
	}
	in.RemoteAddr = "127.0.0.1:1"
	if t.From.IsValid() {
		in.RemoteAddr = t.From.String()
	}
	return in, nil
}

// serve returns nil when the handler closed the connection.
func serve(h http.Handler, r *http.Request) (res *http.Response) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			res = nil
		default:
			panic(v)
		}
	}()
	var w recorder
	h.ServeHTTP(&w, r)
	return w.response()
}

// recorder keeps what a handler writes.
type recorder struct {
	header http.Header // what the handler sees
	sent   http.Header // as it was when the status was written
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header {
	if w.header == nil {
		w.header = make(http.Header)
	}
	return w.header
}

func (w *recorder) WriteHeader(status int) {
	if w.status != 0 || status < 200 {
		return
	}
	w.status, w.sent = status, w.Header().Clone()
}

func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

// Flush implements http.Flusher; there is nothing to flush to.
func (w *recorder) Flush() { w.WriteHeader(http.StatusOK) }

func (w *recorder) response() *http.Response {
	w.WriteHeader(http.StatusOK)
	return &http.Response{
		Status:     strconv.Itoa(w.status) + " " + http.StatusText(w.status),
		StatusCode: w.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        w.sent,
		Body:          io.NopCloser(&w.body),
		ContentLength: int64(w.body.Len()),
	}
}
