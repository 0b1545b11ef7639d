package dingtalktest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"suitekeeper/crypto"
)

const maxReply = 64 << 10

// pushClient is a client that follows no redirects. A client of our own has a
// transport without a proxy, for pushes go to loopback.
func pushClient(given *http.Client) *http.Client {
	client := http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100, ForceAttemptHTTP2: true}}
	if given != nil {
		client = *given
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

// target is what an attempt needs to know, so that it runs without the lock.
type target struct {
	codec     *crypto.Codec
	url       string
	signature string // what the query calls it
	limit     time.Duration
	want      string // the text that must come back
	clock     time.Duration
	spoilt    bool // the answer does not arrive as it was sent
	push      Push // Message and who it is for
}

func (p *Platform) targetOf(s *suiteState) target {
	t := target{codec: s.codec, url: s.CallbackURL, signature: "signature", limit: s.Mode.Limit(),
		clock: s.faults.clock, spoilt: s.faults.spoilsAnswers}
	if s.faults.forCreation {
		t.codec = s.creation
	}
	if s.MsgSignature {
		t.signature = "msg_signature"
	}
	return t
}

// try seals the message anew, pushes it once and judges the answer.
func (p *Platform) try(ctx context.Context, t target) Push {
	push := t.push
	push.At = time.Now()
	ctx, cancel := context.WithTimeout(ctx, t.limit)
	defer cancel()
	a, err := p.exchange(ctx, t)
	push.Took = time.Since(push.At)
	if err == nil && t.spoilt {
		a = rewritten(a)
	}
	push.Status = a.Status
	v := Verdict{}
	switch {
	case errors.Is(err, errNotURL):
		v = Verdict{Code: codeNotURL, Reason: Reason{Flaw: FlawNotURL}}
	case err == nil && push.Took <= t.limit:
		v = Judge(t.codec, t.want, a)
	case err == nil || errors.Is(ctx.Err(), context.DeadlineExceeded):
		v = Verdict{Code: codeNoAnswer, Reason: Reason{Flaw: FlawLate, Limit: t.limit}}
	default:
		v = Verdict{Code: codeNoAnswer, Reason: Reason{Flaw: FlawNoAnswer, Got: withoutURL(err).Error()}}
	}
	push.OK, push.Code, push.Reason = v.Code == 0, v.Code, v.String()
	return push
}

var errNotURL = errors.New("callback URL is not a URL")

func (p *Platform) exchange(ctx context.Context, t target) (Answer, error) {
	sealed, err := t.codec.Seal(t.push.Message, time.Now().Add(t.clock))
	if err != nil {
		return Answer{}, fmt.Errorf("seal: %w", err)
	}
	u, err := url.Parse(t.url)
	if err != nil || u.Host == "" {
		return Answer{}, errNotURL
	}
	q := u.Query()
	q.Set(t.signature, sealed.Signature)
	q.Set("timestamp", sealed.Timestamp)
	q.Set("nonce", sealed.Nonce)
	u.RawQuery = q.Encode()
	body := encode(object{"encrypt": sealed.Encrypt})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return Answer{}, errNotURL
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := p.client.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer res.Body.Close()
	a := Answer{Status: res.StatusCode, ContentType: res.Header.Get("Content-Type")}
	a.Body, err = io.ReadAll(io.LimitReader(res.Body, maxReply))
	return a, err
}

// withoutURL drops the URL, which holds a signature, from an error of
// net/http.
func withoutURL(err error) error {
	if e := new(url.Error); errors.As(err, &e) {
		return e.Err
	}
	return err
}
