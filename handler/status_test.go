package handler_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"suitekeeper/crypto"
	"suitekeeper/handler"
	"suitekeeper/suite"
)

// checkFailure compares an answer with a row of the table of statuses.
func checkFailure(t *testing.T, got answerTo, status int, code string) {
	t.Helper()
	if got.StatusCode != status || got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("answer = %d %s, want %d JSON", got.StatusCode, got.Header.Get("Content-Type"), status)
	}
	var f struct{ Code, Message string }
	if err := json.Unmarshal([]byte(got.body), &f); err != nil || f.Code != code || f.Message == "" {
		t.Errorf("answer = %s, %v, want code %q with a message", got.body, err, code)
	}
	if strings.Contains(got.body, "CANARY") {
		t.Errorf("answer = %s, want no part of the request", got.body)
	}
}

func TestMalformedRequestsAreBadRequests(t *testing.T) {
	f := newFixture(t, nil)
	addr := f.start(t)
	e := seal(t, suiteOptions, `{}`)
	q, b := query(e), body(e)
	const path = "/callback/" + suiteKey
	change := func(change func(*crypto.Envelope)) string {
		c := e
		change(&c)
		return pushTo(path, c)
	}
	for name, request := range map[string]string{
		"no query":                     raw("POST", path, b),
		"no signature":                 raw("POST", path+"?"+strings.Replace(q, "signature=", "x=", 1), b),
		"no timestamp":                 raw("POST", path+"?"+strings.Replace(q, "timestamp=", "x=", 1), b),
		"no nonce":                     raw("POST", path+"?"+strings.Replace(q, "nonce=", "x=", 1), b),
		"repeated signature":           raw("POST", path+"?"+q+"&signature="+e.Signature, b),
		"repeated nonce":               raw("POST", path+"?"+q+"&nonce="+e.Nonce, b),
		"signature under three names":  raw("POST", path+"?"+q+"&signature="+e.Signature+"&msg_signature="+e.Signature, b),
		"two different signatures":     raw("POST", path+"?"+q+"&msg_signature="+strings.Repeat("0", 40), b),
		"two different timestamps":     raw("POST", path+"?"+q+"&timeStamp=1445827045067", b),
		"semicolon":                    raw("POST", path+"?"+q+";x=1", b),
		"broken escape":                raw("POST", path+"?"+q+"&x=%zz", b),
		"cut escape":                   raw("POST", path+"?"+q+"&%4=1", b),
		"signature too short":          change(func(e *crypto.Envelope) { e.Signature = "CANARY" }),
		"timestamp of 12 digits":       change(func(e *crypto.Envelope) { e.Timestamp = e.Timestamp[1:] }),
		"timestamp of letters":         change(func(e *crypto.Envelope) { e.Timestamp = "CANARY7890" }),
		"empty nonce":                  change(func(e *crypto.Envelope) { e.Nonce = "" }),
		"nonce of 65":                  change(func(e *crypto.Envelope) { e.Nonce = strings.Repeat("n", 65) }),
		"nonce with a control byte":    change(func(e *crypto.Envelope) { e.Nonce = "a\x80" }),
		"encrypt with a line break":    change(func(e *crypto.Envelope) { e.Encrypt = e.Encrypt[:4] + `\n` + e.Encrypt[4:] }),
		"encrypt not padded":           change(func(e *crypto.Envelope) { e.Encrypt = strings.TrimRight(e.Encrypt, "=") + "A" }),
		"encrypt for URLs":             change(func(e *crypto.Envelope) { e.Encrypt = "-_-_" }),
		"empty encrypt":                change(func(e *crypto.Envelope) { e.Encrypt = "" }),
		"empty body":                   raw("POST", path+"?"+q, ""),
		"body no JSON":                 raw("POST", path+"?"+q, "CANARY"),
		"body a string":                raw("POST", path+"?"+q, `"`+e.Encrypt+`"`),
		"body an array":                raw("POST", path+"?"+q, "["+b+"]"),
		"body null":                    raw("POST", path+"?"+q, "null"),
		"body cut":                     raw("POST", path+"?"+q, b[:len(b)-1]),
		"body with more behind":        raw("POST", path+"?"+q, b+b),
		"body with a byte order mark":  raw("POST", path+"?"+q, "\ufeff"+b),
		"body not UTF-8":               raw("POST", path+"?"+q, `{"x":"`+"\xff"+`",`+b[1:]),
		"body too deep":                raw("POST", path+"?"+q, `{"x":`+strings.Repeat("[", 20000)),
		"no encrypt":                   raw("POST", path+"?"+q, `{"Encrypt":"`+e.Encrypt+`"}`),
		"encrypt a number":             raw("POST", path+"?"+q, `{"encrypt":1}`),
		"encrypt null":                 raw("POST", path+"?"+q, `{"encrypt":null}`),
		"encrypt repeated":             raw("POST", path+"?"+q, `{"encrypt":"`+e.Encrypt+`",`+b[1:]),
		"encrypt repeated in disguise": raw("POST", path+"?"+q, `{"\u0065ncrypt":"`+e.Encrypt+`",`+b[1:]),
		"another member repeated":      raw("POST", path+"?"+q, `{"x":1,"x":1,`+b[1:]),
	} {
		t.Run(name, func(t *testing.T) {
			checkFailure(t, send(t, addr, request), 400, "bad_request")
			anySuite := strings.Replace(request, path, "/callback", 1)
			checkFailure(t, send(t, addr, anySuite), 400, "bad_request")
		})
	}
	if got := f.receiver.received(); len(got) != 0 {
		t.Errorf("malformed requests gave %d pushes, want none", len(got))
	}
	if got := f.receiver.rejections(); len(got) != 0 {
		t.Errorf("malformed requests gave rejections %v, want none", got)
	}
}

func TestLenientWhereDingTalkVaries(t *testing.T) {
	f := newFixture(t, nil)
	addr := f.start(t)
	e := seal(t, suiteOptions, `{}`)
	q, b := query(e), body(e)
	const path = "/callback/" + suiteKey
	for name, request := range map[string]string{
		"as documented":           raw("POST", path+"?"+q, b),
		"msg_signature":           raw("POST", path+"?"+strings.Replace(q, "signature", "msg_signature", 1), b),
		"timeStamp":               raw("POST", path+"?"+strings.Replace(q, "timestamp", "timeStamp", 1), b),
		"both names and equal":    raw("POST", path+"?"+q+"&msg_signature="+e.Signature+"&timeStamp="+e.Timestamp, b),
		"more parameters":         raw("POST", path+"?"+q+"&x=1&x=2&&y", b),
		"signature in capitals":   raw("POST", path+"?"+strings.Replace(q, e.Signature, strings.ToUpper(e.Signature), 1), b),
		"more members":            raw("POST", path+"?"+q, `{"x":{"encrypt":1},"y":[`+b+`],`+b[1:]),
		"spaces around":           raw("POST", path+"?"+q, " \r\n"+strings.Replace(b, ":", " : ", 1)+"\n"),
		"slashes escaped":         raw("POST", path+"?"+q, strings.ReplaceAll(b, "/", `\/`)),
		"no content type":         raw("POST", path+"?"+q, b),
		"another content type":    raw("POST", path+"?"+q, b, "Content-Type: text/plain"),
		"identity encoding":       raw("POST", path+"?"+q, b, "Content-Encoding: identity"),
		"chunked":                 raw("POST", path+"?"+q, chunk(b), "Transfer-Encoding: chunked"),
		"body of exactly the max": raw("POST", path+"?"+q, b+strings.Repeat(" ", 1<<20-len(b))),
	} {
		t.Run(name, func(t *testing.T) {
			got := send(t, addr, request)
			if got.StatusCode != 200 || openReply(t, suiteOptions, got.body) != "success" {
				t.Errorf("answer = %d %s, want success", got.StatusCode, got.body)
			}
		})
	}
}

func TestRefusalsHaveTheirStatus(t *testing.T) {
	f := newFixture(t, nil)
	addr := f.start(t)
	e := seal(t, suiteOptions, `{}`)
	const path = "/callback/" + suiteKey
	big := strings.Repeat("x", 1<<20+1)
	for _, tt := range []struct {
		name, request string
		status        int
		code          string
	}{
		{"unknown suite", pushTo("/callback/nobody", e), 404, "unknown_suite"},
		{"unknown suite before anything else", raw("POST", "/callback/nobody", big[:10], "Content-Encoding: gzip"), 404, "unknown_suite"},
		{"no path", pushTo("/", e), 404, "not_found"},
		{"slash behind", pushTo("/callback/", e), 404, "not_found"},
		{"slash behind the key", pushTo(path+"/", e), 404, "not_found"},
		{"two slashes", pushTo("//callback", e), 404, "not_found"},
		{"capitals", pushTo("/Callback", e), 404, "not_found"},
		{"dots", pushTo("/x/../callback", e), 404, "not_found"},
		{"an escaped slash", pushTo("/callback%2F"+suiteKey, e), 404, "not_found"},
		{"metrics", raw("GET", "/metrics", ""), 404, "not_found"},
		{"options for all", raw("OPTIONS", "*", ""), 404, "not_found"},
		{"GET of a callback", raw("GET", path, ""), 405, "method_not_allowed"},
		{"PUT of the callback", raw("PUT", "/callback", ""), 405, "method_not_allowed"},
		{"made-up method", raw("PUSH", path, ""), 405, "method_not_allowed"},
		{"POST of health", raw("POST", "/healthz", ""), 405, "method_not_allowed"},
		{"one byte too many", raw("POST", path+"?"+query(e), big), 413, "too_large"},
		{"announced but never sent", raw("POST", path+"?"+query(e), "", "Content-Length: 1048577"), 413, "too_large"},
		{"chunks too large", raw("POST", path+"?"+query(e), chunk(big), "Transfer-Encoding: chunked"), 413, "too_large"},
		{"gzip", raw("POST", path+"?"+query(e), body(e), "Content-Encoding: gzip"), 415, "unsupported_encoding"},
		{"gzip in a second header", raw("POST", path+"?"+query(e), body(e), "Content-Encoding: identity", "Content-Encoding: gzip"), 415, "unsupported_encoding"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := send(t, addr, tt.request)
			checkFailure(t, got, tt.status, tt.code)
			if got.Header.Get("Location") != "" {
				t.Errorf("answer leads to %q, want no redirect", got.Header.Get("Location"))
			}
			want := map[bool]string{true: "POST"}[tt.status == 405]
			if tt.name == "POST of health" {
				want = "GET, HEAD"
			}
			if got := got.Header.Get("Allow"); got != want {
				t.Errorf("Allow = %q, want %q", got, want)
			}
		})
	}
}

func TestHealth(t *testing.T) {
	got := send(t, newFixture(t, nil).start(t), raw("GET", "/healthz", ""))
	if got.StatusCode != 200 || got.body != `{"status":"ok"}` {
		t.Errorf("GET /healthz = %d %s, want 200 ok", got.StatusCode, got.body)
	}
}

func TestHealthIsToldWithoutABodyToo(t *testing.T) {
	got := send(t, newFixture(t, nil).start(t), raw("HEAD", "/healthz", ""))
	if got.StatusCode != 200 || got.body != "" || got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("HEAD /healthz = %d %q, %v, want 200 with the header of GET and no body", got.StatusCode, got.body, got.Header)
	}
}

func TestEveryErrorOfTheStoreIsUnavailable(t *testing.T) {
	for _, err := range []error{errors.New("disk full"), context.Canceled} {
		f := newFixture(t, nil)
		f.receiver.receive = func(context.Context, suite.Push) (suite.Receipt, error) { return suite.Receipt{}, err }
		got := send(t, f.start(t), pushTo("/callback", seal(t, suiteOptions, `{}`)))
		checkFailure(t, got, 503, "unavailable")
		if got.Header.Get("Retry-After") == "" {
			t.Error("503 has no Retry-After")
		}
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	good := handler.Suite{Key: suiteKey, Codec: codec(t, suiteOptions)}
	for name, o := range map[string]handler.Options{
		"no receiver":       {Suites: []handler.Suite{good}},
		"no suites":         {Receiver: &stubReceiver{}},
		"suite twice":       {Receiver: &stubReceiver{}, Suites: []handler.Suite{good, good}},
		"suite of no codec": {Receiver: &stubReceiver{}, Suites: []handler.Suite{{Key: suiteKey}}},
		"suite of no key":   {Receiver: &stubReceiver{}, Suites: []handler.Suite{{Codec: good.Codec}}},
		"negative body":     {Receiver: &stubReceiver{}, Suites: []handler.Suite{good}, MaxBody: -1},
		"endless budget":    {Receiver: &stubReceiver{}, Suites: []handler.Suite{good}, Budget: 1 << 60},
		"zero prefix":       {Receiver: &stubReceiver{}, Suites: []handler.Suite{good}, AllowedSources: make([]netip.Prefix, 1)},
	} {
		if _, err := handler.New(o); err == nil {
			t.Errorf("New(%s) = nil, want an error", name)
		}
	}
}
