package handler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"go.uber.org/zap"

	"suitekeeper/crypto"
	"suitekeeper/suite"
)

// callback answers pushes.
type callback struct {
	suites   atomic.Pointer[endpoints]
	receiver Receiver
	sources  sources
	maxBody  int64
	budget   time.Duration
	load     load
	tooMany  *overload
	metrics  *metrics
	log      *zap.Logger
	readers  sync.Pool // of *requestReader
}

func newCallback(o Options, m *metrics) *callback {
	h := &callback{
		receiver: o.Receiver,
		sources:  sources{proxies: o.TrustedProxies, allowed: o.AllowedSources},
		maxBody:  o.MaxBody,
		budget:   o.Budget,
		load:     load{maxPushes: defaultMaxPushes, maxBytes: max(defaultMaxBytes, o.MaxBody+1)},
		tooMany:  newOverload(o.Receiver, o.Logger, m),
		metrics:  m,
		log:      o.Logger,
		readers:  sync.Pool{New: func() any { return new(requestReader) }},
	}
	h.suites.Store(newEndpoints(o.Suites, nil, time.Now(), m))
	return h
}

// push is what is known of a push while it is answered.
type push struct {
	arrived time.Time
	remote  netip.Addr
	suite   *endpoint      // nil until known
	stray   suite.SuiteKey // that DingTalk may mean, but is not configured
	codec   *crypto.Codec  // what opened it
	receipt suite.Receipt
}

func (h *callback) serve(c *gin.Context) {
	p := push{arrived: time.Now(), remote: h.sources.client(c.Request)}
	err := errPanicked // stays if what follows panics
	defer func() { h.report(&p, err) }()

	var reply crypto.Reply
	if reply, err = h.handle(c, &p); err != nil {
		record(c, err)
		return
	}
	writeReply(c.Writer, reply)
}

// handle takes a push from its arrival to the reply.
func (h *callback) handle(c *gin.Context, p *push) (crypto.Reply, error) {
	deadline := p.arrived.Add(h.budget)
	if err := limitRead(c.Writer, deadline); err != nil {
		return crypto.Reply{}, err
	}
	if len(c.Request.TransferEncoding) > 0 {
		// There may have been a Content-Length as well. net/http does not
		// tell; somebody before us may have counted with it, and would take
		// what follows for another request (RFC 9112, 6.1).
		c.Header("Connection", "close")
	}
	if err := h.admit(p, c.Request, suite.SuiteKey(c.Param("suite_key"))); err != nil {
		return crypto.Reply{}, err
	}
	work := share{load: &h.load, body: c.Request.Body}
	defer work.end()
	envelope, err := h.read(&work, c.Request.URL.RawQuery)
	if err != nil {
		return crypto.Reply{}, err
	}
	if err := work.begin(); err != nil {
		return crypto.Reply{}, err
	}
	text, err := h.open(p, envelope)
	if err != nil {
		return crypto.Reply{}, err
	}
	ctx, cancel := context.WithDeadline(c.Request.Context(), deadline)
	defer cancel()
	in := suite.Push{Suite: p.suite.key, Text: text, SignedAt: envelope.Time(), ReceivedAt: p.arrived}
	if err := h.receive(ctx, p, in); err != nil {
		return crypto.Reply{}, err
	}
	sealed, err := p.codec.Seal([]byte(p.receipt.Reply), time.Now())
	if err != nil {
		return crypto.Reply{}, fmt.Errorf("seal the reply: %w", err)
	}
	return sealed.Reply(), nil
}

// refuse answers what is no push with err.
func (h *callback) refuse(err error) gin.HandlerFunc {
	return func(c *gin.Context) {
		err := fmt.Errorf("%w: %.64q", err, c.Request.URL.Path)
		if limitErr := limitRead(c.Writer, time.Now().Add(h.budget)); limitErr != nil {
			err = limitErr
		}
		record(c, err)
		h.log.Info("request refused", zap.String("code", failureOf(err).code.String()), zap.Error(err),
			zap.Stringer("remote", h.sources.client(c.Request)))
	}
}

// limitRead ends all reading from the peer at the deadline, also that of what
// is left of a refused request.
func limitRead(w http.ResponseWriter, deadline time.Time) error {
	err := http.NewResponseController(w).SetReadDeadline(deadline)
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("%w: limit the time for reading: %w", errUnavailable, err)
	}
	return nil
}

// admit finds the suite that the path names, if it names one, and refuses what
// needs no look at the body.
func (h *callback) admit(p *push, r *http.Request, named suite.SuiteKey) error {
	p.suite = h.suites.Load().find(named)
	switch {
	case !h.sources.permits(p.remote):
		return errSource
	case p.suite == nil && named != "":
		p.stray = strayOf(r, named)
		return fmt.Errorf("%w: %.64q", errUnknownSuite, named)
	case encoded(r.Header["Content-Encoding"]):
		return errEncoding
	case r.ContentLength > h.maxBody:
		return errTooLarge
	case h.load.full():
		return errOverloaded
	}
	return nil
}

// encoded tells whether any of the codings that a body is said to have changes it.
func encoded(lines []string) bool {
	for _, line := range lines {
		for coding := range strings.SplitSeq(line, ",") {
			if coding = strings.TrimSpace(coding); coding != "" && !strings.EqualFold(coding, "identity") {
				return true
			}
		}
	}
	return false
}

func (h *callback) read(body io.Reader, rawQuery string) (crypto.Envelope, error) {
	reader := h.readers.Get().(*requestReader)
	defer func() {
		if reader.reusable() {
			h.readers.Put(reader)
		}
	}()
	if err := reader.read(body, h.maxBody); err != nil {
		return crypto.Envelope{}, err
	}
	return reader.parse(rawQuery)
}

// open decrypts the push, finding its suite where the path named none.
func (h *callback) open(p *push, e crypto.Envelope) (text []byte, err error) {
	if p.suite != nil {
		text, p.codec, err = p.suite.open(e, p.arrived)
		return text, err
	}
	// All suites are tried, so that the time tells nothing about which one it
	// was. Several may share a token.
	var signed []*endpoint
	for _, s := range h.suites.Load().list {
		if s.verify(e, p.arrived) {
			signed = append(signed, s)
		}
	}
	failed := crypto.ErrSignature
	for _, s := range signed {
		text, codec, err := s.open(e, p.arrived)
		var wrongKey *crypto.KeyError
		if err == nil || errors.As(err, &wrongKey) || p.suite == nil {
			p.suite, p.codec, failed = s, codec, err // a wrong $key tells most, for the AES key was right
		}
		if err == nil {
			return text, nil
		}
	}
	return nil, failed
}

// receive hands the push over and maps the errors to the two that the peer may
// see: rejected and unavailable.
func (h *callback) receive(ctx context.Context, p *push, in suite.Push) (err error) {
	p.receipt, err = h.receiver.Receive(ctx, in)
	switch {
	case errors.Is(err, suite.ErrNotJSON):
		return err
	case errors.Is(err, suite.ErrUnknownSuite): // not any more
		return fmt.Errorf("%w: %w", errUnknownSuite, err)
	case err != nil:
		return fmt.Errorf("%w: %w", errUnavailable, err)
	case ctx.Err() != nil:
		return fmt.Errorf("%w: stored too late: %w", errUnavailable, ctx.Err())
	}
	return nil
}

// writeReply sends the encrypted reply. Its values are digits, hexadecimal and
// base64, so that nothing has to be escaped.
func writeReply(w gin.ResponseWriter, r crypto.Reply) {
	body := make([]byte, 0, 128+len(r.Nonce)+len(r.Encrypt))
	body = append(body, `{"msg_signature":"`...)
	body = append(body, r.MsgSignature...)
	body = append(body, `","timeStamp":"`...)
	body = append(body, r.TimeStamp...)
	body = append(body, `","nonce":"`...)
	body = append(body, r.Nonce...)
	body = append(body, `","encrypt":"`...)
	body = append(body, r.Encrypt...)
	body = append(body, `"}`...)
	writeJSON(w, http.StatusOK, body)
}
