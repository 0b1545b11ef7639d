package dingtalk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-json-experiment/json"

	"suitekeeper/suite"
)

// call is one call of the API.
type call struct {
	name    string // in DingTalk's words, for errors
	api     bool   // of the newer API: another host, and refused in another way
	path    string
	query   url.Values
	body    any            // sent as JSON with POST; nil sends GET
	suite   suite.SuiteKey // whose limit counts; empty when the call does not name it
	bare    bool           // a success holds nothing but its errcode, which so must be there
	secrets []suite.Secret // what no error may hold
}

// do makes the call and reads the answer of a success into answer.
func (c *Client) do(ctx context.Context, k call, answer any) error {
	if err := c.wait(ctx, k); err != nil {
		return err
	}
	status, body, err := c.exchange(ctx, k)
	if err != nil {
		return err
	}
	if k.api {
		return k.readAPI(status, body, answer)
	}
	return k.read(status, body, answer)
}

// wait waits for the rate limits, no longer than for an answer.
func (c *Client) wait(ctx context.Context, k call) error {
	waiting, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	err := c.limits.wait(waiting, k.suite)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return k.ended(ctx)
	default:
		return k.fault(suite.FaultThrottled, suite.SayOwnLimit)
	}
}

// exchange sends the request and returns status and body of the answer.
func (c *Client) exchange(ctx context.Context, k call) (int, []byte, error) {
	timed, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := c.request(timed, k)
	if err != nil {
		return 0, nil, k.fault(suite.FaultOther, suite.SayNoRequest)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil, c.unanswered(ctx, timed, k, err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read, or given up
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.maxResponse+1))
	if err != nil {
		return 0, nil, c.unanswered(ctx, timed, k, err)
	}
	if int64(len(body)) > c.maxResponse {
		return 0, nil, k.broken(suite.SayAnswerTooLong, strconv.FormatInt(c.maxResponse, 10))
	}
	return resp.StatusCode, body, nil
}

func (c *Client) request(ctx context.Context, k call) (*http.Request, error) {
	method, body := http.MethodGet, []byte(nil)
	if k.body != nil {
		var err error
		if body, err = json.Marshal(k.body); err != nil {
			return nil, err
		}
		method = http.MethodPost
	}
	target := c.oapi + k.path
	if k.api {
		target = c.api + k.path
	}
	if len(k.query) > 0 {
		target += "?" + k.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if k.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "suitekeeper")
	return req, nil
}

// unanswered is the error of a call that DingTalk did not answer. It strips the
// URL, which holds secrets, from what net/http says.
func (c *Client) unanswered(ctx, timed context.Context, k call, err error) error {
	if ctx.Err() != nil {
		return k.ended(ctx)
	}
	if timed.Err() != nil {
		return k.broken(suite.SayNoAnswerWithin, c.timeout.String())
	}
	for wrapped := (*url.Error)(nil); errors.As(err, &wrapped); {
		err = wrapped.Err
	}
	return k.silent(err)
}

// ended is the error of a call whose context ended: no failure of DingTalk's.
func (k call) ended(ctx context.Context) error {
	return fmt.Errorf("%s: %w", k.name, ctx.Err())
}

// broken is the error of a call without a usable answer.
func (k call) broken(why suite.Sentence, values ...string) error {
	return k.fault(suite.FaultTransient, why, values...)
}

func (k call) fault(f suite.Fault, why suite.Sentence, values ...string) error {
	for i, v := range values {
		values[i] = k.clean(v)
	}
	return &suite.PlatformError{Call: k.name, Fault: f, Message: suite.Say(why, values...)}
}
