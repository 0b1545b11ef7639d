package admin

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"suitekeeper/suite"
)

const (
	clientTimeout   = 30 * time.Second
	maxAnswerBytes  = 32 << 20
	maxProblemBytes = 64 << 10
)

// maxWait is how long a long poll may last.
const maxWait = time.Minute

// Error is what the server answered instead of what was asked for.
type Error struct {
	Status  int    // of HTTP
	Code    string // as the package documentation lists them; empty when something else than the admin API answered
	Message suite.Text
	Cure    suite.Text // empty when something else answered
}

// Error tells status and message.
func (e *Error) Error() string {
	return fmt.Sprintf("the server answered %d: %s", e.Status, e.Message.EN)
}

// ErrNotAdmin says that what answered is not the admin API.
var ErrNotAdmin = errors.New("the answer is not one of suitekeeper's admin API")

// ClientOptions say where the server is.
type ClientOptions struct {
	BaseURL    string       // of the admin listener, as http://127.0.0.1:8081
	Token      string       // sent with every request, to BaseURL only
	HTTPClient *http.Client // nil: one with a timeout of 30 s. It is copied, and redirects are never followed
}

// Client calls the admin API. It is safe for concurrent use. Its errors hold
// no token; what the server answered comes as an *Error.
type Client struct {
	base  *url.URL
	token string
	http  http.Client
}

// NewClient returns a client. Its errors do not quote the token.
func NewClient(o ClientOptions) (*Client, error) {
	base, err := url.Parse(o.BaseURL)
	switch {
	case err != nil, base.Scheme != "http" && base.Scheme != "https", base.Host == "",
		base.User != nil, base.RawQuery != "", base.Fragment != "":
		// The URL is not quoted: it may hold a password.
		return nil, errors.New("the address of the server must be an http or https URL without user, query or fragment, as http://127.0.0.1:8081")
	case o.Token == "" || strings.ContainsFunc(o.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return nil, errors.New("the token is empty or holds characters that no token has: blanks, line breaks, or others beyond ASCII")
	}
	c := &Client{base: base, token: o.Token}
	if o.HTTPClient != nil {
		c.http = *o.HTTPClient
	}
	c.http.Timeout = cmp.Or(c.http.Timeout, clientTimeout)
	// Another server must not get the token.
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, nil
}

// request is one call of the API.
type request struct {
	method string // GET when empty
	path   []string
	query  url.Values
	body   any           // written as JSON; nil: none
	takes  time.Duration // that the server may take beyond the client's timeout
}

// path is the path of a call, step by step.
func path(steps ...string) []string { return append([]string{"api", "v1"}, steps...) }

// read makes a call and reads the answer.
func read[T any](ctx context.Context, c *Client, r request) (T, error) {
	var v T
	req, err := c.newRequest(ctx, r)
	if err != nil {
		return v, err
	}
	client := c.http
	client.Timeout += r.takes
	resp, err := client.Do(req)
	if err != nil {
		return v, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusAccepted {
		return v, readError(resp)
	}
	err = readAnswer(resp, &v)
	return v, err
}

func (c *Client) newRequest(ctx context.Context, r request) (*http.Request, error) {
	u := c.base
	for _, step := range r.path {
		// JoinPath would take these for the way up, or leave them out.
		if step == "" || step == "." || step == ".." {
			return nil, fmt.Errorf("%q names nothing: a suite key, corp id or event id was expected", step)
		}
		u = u.JoinPath(url.PathEscape(step))
	}
	u.RawQuery = r.query.Encode()
	var body io.Reader
	if r.body != nil {
		text, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("write the request: %w", err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, cmp.Or(r.method, http.MethodGet), u.String(), body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/json, "+problemType)
	return req, nil
}

func readAnswer(resp *http.Response, v any) error {
	if mediaType(resp) != "application/json" {
		return fmt.Errorf("%w: it is of type %q", ErrNotAdmin, mediaType(resp))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes+1))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if len(body) > maxAnswerBytes {
		return fmt.Errorf("%w: it is larger than %d bytes", ErrNotAdmin, maxAnswerBytes)
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("%w: %w", ErrNotAdmin, err)
	}
	return nil
}

// readError makes an Error of an answer that is no success. Of anything but a
// problem only the status counts: a page of some proxy's says nothing.
func readError(resp *http.Response) error {
	status := cmp.Or(http.StatusText(resp.StatusCode), "an unknown status")
	e := &Error{Status: resp.StatusCode, Message: suite.Text{EN: status, ZH: status}}
	if resp.StatusCode/100 == 3 {
		e.Message = suite.Text{
			EN: "a redirect, which is not followed, because the token is for this server only",
			ZH: "重定向；令牌只用于该服务器，因此不会跟随",
		}
		return e
	}
	if mediaType(resp) != problemType {
		return e
	}
	var p Problem
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxProblemBytes)).Decode(&p); err != nil {
		return e
	}
	e.Code = p.Code
	e.Message.EN = cmp.Or(p.Message, p.Detail, p.Title, status) // an older server has the detail alone
	e.Message.ZH = cmp.Or(p.MessageZH, e.Message.EN)
	e.Cure = suite.Text{EN: p.Cure, ZH: cmp.Or(p.CureZH, p.Cure)}
	return e
}

func mediaType(resp *http.Response) string {
	t, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return t
}
