package dingtalk

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"suitekeeper/suite"
)

var _ suite.Platform = (*Client)(nil)

// Options configure a Client. Zero fields mean the defaults.
type Options struct {
	// OAPIURL is where DingTalk's classic API answers. Default
	// https://oapi.dingtalk.com.
	OAPIURL string
	// APIURL is where DingTalk's newer API answers. Default
	// https://api.dingtalk.com.
	APIURL string
	// HTTPClient makes the requests. The Client uses a copy of it that follows
	// no redirects: they would carry secrets elsewhere. Default: one with its
	// own connections, which honours the proxy variables of the environment.
	HTTPClient *http.Client
	// Timeout bounds one request from connecting to the end of the answer, and
	// likewise the wait for the rate limits before it. Default 5 s.
	Timeout time.Duration
	// MaxResponse bounds the bytes of an answer. Default 4 MiB.
	MaxResponse int64
	// Rate limits all calls together. Default 200 a second, 300 at once, which
	// is 4300 in 20 seconds. DingTalk blocks an address for 5 minutes that
	// makes more than 10000 calls in 20 seconds; its older documents say 6000.
	// https://open.dingtalk.com/document/development/how-to-process-api-throttling-on-the-dingtalk-server
	Rate Limit
	// SuiteRate limits the calls of one suite, as far as they name it: those
	// that carry nothing but a token count only for Rate. Default 100 a
	// second, 200 at once.
	SuiteRate Limit
}

// Limit is how many calls may be made in the long run, and how many at once
// after a pause.
type Limit struct {
	PerSecond float64
	Burst     int
}

const (
	defaultOAPIURL     = "https://oapi.dingtalk.com"
	defaultAPIURL      = "https://api.dingtalk.com"
	defaultTimeout     = 5 * time.Second
	defaultMaxResponse = 4 << 20
)

var (
	defaultRate      = Limit{PerSecond: 200, Burst: 300}
	defaultSuiteRate = Limit{PerSecond: 100, Burst: 200}
)

// Client calls DingTalk's server API. It is safe for concurrent use and keeps
// no tokens. When a call's context ends, the error wraps that of the context;
// every other error is a *suite.PlatformError.
type Client struct {
	oapi, api   string
	http        *http.Client
	timeout     time.Duration
	maxResponse int64
	limits      *limits
}

// New makes a Client, or says which option is wrong.
func New(o Options) (*Client, error) {
	oapi, err := baseURL(cmp.Or(o.OAPIURL, defaultOAPIURL))
	if err != nil {
		return nil, fmt.Errorf("the OAPIURL %w", err)
	}
	api, err := baseURL(cmp.Or(o.APIURL, defaultAPIURL))
	if err != nil {
		return nil, fmt.Errorf("the APIURL %w", err)
	}
	if o.Timeout < 0 {
		return nil, errors.New("negative Timeout")
	}
	if o.MaxResponse < 0 || o.MaxResponse == math.MaxInt64 {
		return nil, errors.New("negative or unbounded MaxResponse")
	}
	all, one := cmp.Or(o.Rate, defaultRate), cmp.Or(o.SuiteRate, defaultSuiteRate)
	for _, l := range []Limit{all, one} {
		if !(l.PerSecond > 0) || l.Burst < 1 { // NaN is not > 0 either
			return nil, errors.New("a rate limit lets nothing pass")
		}
	}
	return &Client{
		oapi:        oapi,
		api:         api,
		http:        withoutRedirects(o.HTTPClient),
		timeout:     cmp.Or(o.Timeout, defaultTimeout),
		maxResponse: cmp.Or(o.MaxResponse, defaultMaxResponse),
		limits:      newLimits(all, one),
	}, nil
}

// baseURL checks a host's URL and returns it without a slash at its end. Its
// errors do not quote it: it may hold a password.
func baseURL(s string) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return "", errors.New("is no URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return "", errors.New("does not begin with http:// or https://")
	case u.Host == "":
		return "", errors.New("names no host")
	case u.User != nil, u.RawQuery != "", u.ForceQuery, u.Fragment != "":
		return "", errors.New("holds more than a host and a path")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func withoutRedirects(given *http.Client) *http.Client {
	c := http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          128,
		MaxIdleConnsPerHost:   64, // two hosts get all calls, many at once
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
	}}
	if given != nil {
		c = *given
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}
