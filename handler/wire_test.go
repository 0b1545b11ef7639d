package handler_test

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// notHTTP are requests that net/http refuses before a handler sees them.
var notHTTP = []struct {
	name, request string
	status        int
	code          string
}{
	{"a large header", raw("POST", "/callback", "", "X-Filler: "+strings.Repeat("x", 16<<10)), 431, "headers_too_large"},
	{"a large query", raw("POST", "/callback?x="+strings.Repeat("x", 16<<10), ""), 431, "headers_too_large"},
	{"two lengths", raw("POST", "/callback", "{}", "Content-Length: 2", "Content-Length: 3"), 400, "bad_request"},
	{"no Host", "POST /callback HTTP/1.1\r\n\r\n", 400, "bad_request"},
	{"another version", strings.Replace(raw("GET", "/healthz", ""), "HTTP/1.1", "HTTP/2.0", 1), 400, "bad_request"},
	{"an expectation", raw("POST", "/callback", "{}", "Expect: more"), 400, "bad_request"},
	{"a coding", raw("POST", "/callback", "{}", "Transfer-Encoding: gzip"), 415, "unsupported_encoding"},
}

func TestWhatIsNoHTTPIsAnsweredAndLoggedAsTheRest(t *testing.T) {
	f := newFixture(t, nil)
	addr := f.start(t)
	for _, tt := range notHTTP {
		t.Run(tt.name, func(t *testing.T) {
			f.logs.TakeAll()
			got := send(t, addr, tt.request)
			checkFailure(t, got, tt.status, tt.code)
			if !got.Close {
				t.Error("the connection is kept, want it closed")
			}
			lines := f.logs.FilterMessage("request refused").All()
			if len(lines) != 1 || f.logs.Len() != 1 || lines[0].ContextMap()["code"] != tt.code || lines[0].ContextMap()["remote"] != "127.0.0.1" {
				t.Errorf("log has %v, want one line with code %s", f.logs.All(), tt.code)
			}
		})
	}
}

// A handler of another mind answers with 400 and plain text itself.
func TestAnswersOfTheHandlerAreLeftAlone(t *testing.T) {
	f := newFixture(t, nil)
	f.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "mine", http.StatusBadRequest)
	})
	conn := dial(t, f.start(t))
	for range 2 {
		if got := sendOn(t, conn, raw("GET", "/", "")); got.body != "mine\n" {
			t.Errorf("answer = %q, want the handler's own", got.body)
		}
	}
	if got := sendOn(t, conn, "nonsense\r\n\r\n"); got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("nonsense behind two good requests is answered %v %s, want JSON", got.Header, got.body)
	}
	if n := f.logs.Len(); n != 1 {
		t.Errorf("log has %d lines, want one", n)
	}
}

// startTLS serves f under TLS on loopback and returns the address, and what a
// client needs.
func (f *fixture) startTLS(t *testing.T) (addr string, client *tls.Config) {
	t.Helper()
	certified := httptest.NewTLSServer(nil) // lends its certificate
	certified.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.listen(t, tls.NewListener(l, certified.TLS))
	client = certified.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	client.ServerName = "example.com"
	return l.Addr().String(), client
}

func TestWhatIsNoHTTPIsAnsweredAndLoggedUnderTLS(t *testing.T) {
	f := newFixture(t, nil)
	addr, client := f.startTLS(t)
	for _, tt := range notHTTP {
		t.Run(tt.name, func(t *testing.T) {
			f.logs.TakeAll()
			conn := tls.Client(dial(t, addr), client)
			checkFailure(t, sendOn(t, conn, tt.request), tt.status, tt.code)
			if f.logs.FilterMessage("request refused").Len() != 1 || f.logs.Len() != 1 {
				t.Errorf("log has %v, want one line", f.logs.All())
			}
		})
	}
	checkFailure(t, send(t, addr, raw("GET", "/healthz", "")), 400, "bad_request")
	if got := f.logs.TakeAll(); len(got) == 0 || !strings.Contains(fmt.Sprint(got[len(got)-1].ContextMap()), "this port speaks TLS") {
		t.Errorf("log has %v, want a line about plain HTTP", got)
	}
	if got := sendOn(t, tls.Client(dial(t, addr), client), raw("GET", "/healthz", "")); got.StatusCode != 200 {
		t.Errorf("GET /healthz = %s, want 200", got.Status)
	}
}

// What was there before a body in chunks cannot be known; see callback.go.
func TestChunksEndTheConnection(t *testing.T) {
	f := newFixture(t, nil)
	addr := f.start(t)
	e := seal(t, suiteOptions, `{}`)
	text := body(e)
	smuggled := raw("GET", "/healthz", "")
	for name, headers := range map[string][]string{
		"chunks alone":        {"Transfer-Encoding: chunked"},
		"chunks and a length": {"Content-Length: 3", "Transfer-Encoding: chunked"},
	} {
		got := send(t, addr, raw("POST", "/callback?"+query(e), chunk(text)+smuggled, headers...))
		if got.StatusCode != http.StatusOK || !got.Close {
			t.Errorf("%s: answered %s, connection ends: %v, want 200 and its end", name, got.Status, got.Close)
		}
	}
}
