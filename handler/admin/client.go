package admin

import (
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
)

const (
	clientTimeout   = 30 * time.Second
	maxAnswerBytes  = 32 << 20
	maxProblemBytes = 64 << 10
)

// Error is what the server answered instead of what was asked for.
type Error struct {
	Status  int    // of HTTP
	Code    string // as the package documentation lists them; empty when something else than the admin API answered
	Message string // for people
}

// Error tells status and message.
func (e *Error) Error() string {
	return fmt.Sprintf("the server answered %d: %s", e.Status, e.Message)
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

// Status tells how everything stands.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var s Status
	err := c.get(ctx, "/api/v1/status", &s)
	return s, err
}

// Suites lists the suites.
func (c *Client) Suites(ctx context.Context) ([]Suite, error) {
	var s Suites
	err := c.get(ctx, "/api/v1/suites", &s)
	return s.Suites, err
}

// get asks for path and reads the answer into v.
func (c *Client) get(ctx context.Context, path string, v any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base.JoinPath(path).String(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/json, "+problemType)
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return readError(resp)
	}
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
	e := &Error{Status: resp.StatusCode, Message: cmp.Or(http.StatusText(resp.StatusCode), "an unknown status")}
	if resp.StatusCode/100 == 3 {
		e.Message = "a redirect, which is not followed, because the token is for this server only"
		return e
	}
	if mediaType(resp) != problemType {
		return e
	}
	var p Problem
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxProblemBytes)).Decode(&p); err != nil {
		return e
	}
	e.Code, e.Message = p.Code, cmp.Or(p.Detail, p.Title, e.Message)
	return e
}

func mediaType(resp *http.Response) string {
	t, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return t
}
