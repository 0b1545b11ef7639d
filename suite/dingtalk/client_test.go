package dingtalk_test

import (
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk"
)

// The secrets of all tests, which no error may hold. Most must be escaped in a URL.
const (
	secret        = "secretcanary"
	ticket        = "ticketcanary+/=&1"
	suiteToken    = "suitetokencanary+/=&1"
	corpToken     = "corptokencanary+/=&1"
	tmpAuthCode   = "tmpcanary+/=&1"
	permanentCode = "permcanary+/=&1"
)

var credentials = suite.Credentials{Key: "suite1", Secret: secret, Ticket: ticket}

// request is what the client sent.
type request struct{ Method, URL, ContentType, Body string }

// platform answers requests in memory and remembers them.
type platform struct {
	status  int
	answers []string // the last repeats
	got     []request
	open    int // bodies that were not closed
}

func (p *platform) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = string(b)
	}
	p.got = append(p.got, request{r.Method, r.URL.String(), r.Header.Get("Content-Type"), body})
	w := httptest.NewRecorder()
	w.WriteHeader(p.status)
	_, err := w.WriteString(p.answers[min(len(p.got), len(p.answers))-1])
	resp := w.Result()
	p.open++
	resp.Body = closing{resp.Body, func() { p.open-- }}
	return resp, err
}

type closing struct {
	io.Reader
	closed func()
}

func (c closing) Close() error {
	c.closed()
	return nil
}

// answering returns a client whose requests the platform answers so.
func answering(t *testing.T, answers ...string) (*dingtalk.Client, *platform) {
	t.Helper()
	p := &platform{status: http.StatusOK, answers: answers}
	return newClient(t, dingtalk.Options{HTTPClient: &http.Client{Transport: p}}), p
}

func newClient(t *testing.T, o dingtalk.Options) *dingtalk.Client {
	t.Helper()
	c, err := dingtalk.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// served returns a client of a real server with that handler.
func served(t *testing.T, o dingtalk.Options, h http.HandlerFunc) *dingtalk.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	o.OAPIURL, o.APIURL = s.URL, s.URL
	if o.HTTPClient == nil {
		o.HTTPClient = s.Client()
	}
	return newClient(t, o)
}

func TestNewRefusesWrongOptions(t *testing.T) {
	for name, o := range map[string]dingtalk.Options{
		"OAPIURL is no URL":      {OAPIURL: "http://[::1"},
		"OAPIURL does not begin": {OAPIURL: "oapi.dingtalk.com"},
		"OAPIURL names no host":  {OAPIURL: "https://"},
		"OAPIURL holds more":     {OAPIURL: "https://user:canary@oapi.dingtalk.com"},
		"holds more than a host": {OAPIURL: "https://oapi.dingtalk.com?a=canary"},
		"the APIURL is no URL":   {APIURL: "http://canary[::1"},
		"APIURL does not begin":  {APIURL: "api.dingtalk.com"},
		"Timeout":                {Timeout: -time.Second},
		"MaxResponse":            {MaxResponse: -1},
		"unbounded MaxResponse":  {MaxResponse: math.MaxInt64},
		"rate limit":             {Rate: dingtalk.Limit{PerSecond: 1}},
		"a rate limit":           {Rate: dingtalk.Limit{Burst: 1}},
		"a rate":                 {SuiteRate: dingtalk.Limit{PerSecond: -1, Burst: 1}},
		"limit lets":             {SuiteRate: dingtalk.Limit{PerSecond: math.NaN(), Burst: 1}},
	} {
		_, err := dingtalk.New(o)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("New(%+v) = %v, want an error with %q", o, err, name)
		}
		if err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("New(%+v) = %v, which quotes the URL", o, err)
		}
	}
}

func TestNewTakesURLsWithPath(t *testing.T) {
	p := &platform{status: http.StatusOK, answers: []string{`{"errcode":0}`, `{"accessToken":"tok","expireIn":7200}`}}
	c := newClient(t, dingtalk.Options{
		OAPIURL: "http://127.0.0.1:8090/classic/", APIURL: "http://127.0.0.1:8090/newer/", HTTPClient: &http.Client{Transport: p},
	})
	if err := c.Activate(t.Context(), "tok", "suite1", "ding1", "code"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CorpToken(t.Context(), credentials, "ding1"); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"http://127.0.0.1:8090/classic/service/activate_suite?suite_access_token=tok",
		"http://127.0.0.1:8090/newer/v1.0/oauth2/corpAccessToken",
	} {
		if p.got[i].URL != want {
			t.Errorf("called %s, want %s", p.got[i].URL, want)
		}
	}
}
