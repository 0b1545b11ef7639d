package handler

import (
	"bufio"
	"bytes"
	"net/http"
	"strings"
	"testing"
)

const plainHead = "POST /callback/suite1?nonce=x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n"

// The requests that this package may refuse unread, and what must not be taken
// for one.
var heads = []struct {
	name, text string
	want       plainRequest // without its path; all zero: it is not plain
}{
	{"a push", plainHead + "\r\n", plainRequest{push: true, body: 10, bytes: int64(len(plainHead)) + 12}},
	{"a push with the beginning of its body", plainHead + "\r\n{}", plainRequest{push: true, body: 10, bytes: int64(len(plainHead)) + 12}},
	{"a push to the only suite", "POST /callback HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n", plainRequest{push: true, body: 1, bytes: 56}},
	{"a push through a proxy", plainHead + "connection: Keep-Alive\r\nX-Forwarded-For: ::1, ::2\r\n\r\n", plainRequest{push: true, body: 10, bytes: int64(len(plainHead)) + 63}},
	{"a push without a body", "POST /callback HTTP/1.1\r\nHost: x\r\n\r\n", plainRequest{push: true, bytes: 36}},
	{"a look at our health", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", plainRequest{bytes: 34}},
	{"another path", strings.Replace(plainHead, "/suite1", "/suite1/", 1) + "\r\n", plainRequest{body: 10, bytes: int64(len(plainHead)) + 13}},
	{"the path with a slash", strings.Replace(plainHead, "/suite1", "/", 1) + "\r\n", plainRequest{body: 10, bytes: int64(len(plainHead)) + 6}},
	{"another method", strings.Replace(plainHead, "POST", "PUT", 1) + "\r\n", plainRequest{}},
	{"an older version", strings.Replace(plainHead, "HTTP/1.1", "HTTP/1.0", 1) + "\r\n", plainRequest{}},
	{"a whole URL", strings.Replace(plainHead, "/callback", "http://x/callback", 1) + "\r\n", plainRequest{}},
	{"a space in the path", strings.Replace(plainHead, "/suite1", "/suite 1", 1) + "\r\n", plainRequest{}},
	{"a tab in the path", strings.Replace(plainHead, "/suite1", "/suite\t1", 1) + "\r\n", plainRequest{}},
	{"a tab in the query", strings.Replace(plainHead, "nonce", "\t", 1) + "\r\n", plainRequest{}},
	{"letters that want an escape", strings.Replace(plainHead, "nonce", "\xe4", 1) + "\r\n", plainRequest{}},
	{"half a head", plainHead, plainRequest{}},
	{"lines that end otherwise", strings.ReplaceAll(plainHead, "\r\n", "\n") + "\n", plainRequest{}},
	{"a line that ends otherwise", plainHead + "X: y\nContent-Length: 3\r\n\r\n", plainRequest{}},
	{"a line that goes on", plainHead + "X: y\r\n Content-Length: 3\r\n\r\n", plainRequest{}},
	{"a space before the colon", plainHead + "X : y\r\n\r\n", plainRequest{}},
	{"a line that is no header", plainHead + "X\r\n\r\n", plainRequest{}},
	{"a name that is none", plainHead + "X\xa0: y\r\n\r\n", plainRequest{}},
	{"no name", plainHead + ": y\r\n\r\n", plainRequest{}},
	{"no host", "POST /callback HTTP/1.1\r\nContent-Length: 1\r\n\r\n", plainRequest{}},
	{"two hosts", plainHead + "Host: x\r\n\r\n", plainRequest{}},
	{"a host that is none", "POST /callback HTTP/1.1\r\nHost: a b\r\nContent-Length: 1\r\n\r\n", plainRequest{}},
	{"a broken escape", strings.Replace(plainHead, "suite1", "%zz", 1) + "\r\n", plainRequest{}},
	{"a compressed body", plainHead + "Content-Encoding: gzip\r\n\r\n", plainRequest{body: 10, bytes: int64(len(plainHead)) + 36}},
	{"two lengths", plainHead + "content-length: 10\r\n\r\n", plainRequest{}},
	{"a length with a sign", "POST /callback HTTP/1.1\r\nContent-Length: +1\r\n\r\n", plainRequest{}},
	{"a length that is none", "POST /callback HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n", plainRequest{}},
	{"a huge length", "POST /callback HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", plainRequest{}},
	{"chunks", plainHead + "Transfer-Encoding: chunked\r\n\r\n", plainRequest{}},
	{"an expectation", plainHead + "Expect: 100-continue\r\n\r\n", plainRequest{}},
	{"the last of its connection", plainHead + "Connection: close\r\n\r\n", plainRequest{}},
	{"another protocol", plainHead + "Connection: upgrade\r\nUpgrade: h2c\r\n\r\n", plainRequest{}},
	{"nothing", "", plainRequest{}},
}

func TestPlainRequestsAreMeasured(t *testing.T) {
	for _, tt := range heads {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := readPlainRequest(0, []byte(tt.text))
			got.path = nil
			if wantOK := tt.want.bytes > 0; ok != wantOK || ok && (got.push != tt.want.push || got.body != tt.want.body || got.bytes != tt.want.bytes) {
				t.Errorf("readPlainRequest = %+v, %v, want %+v, %v", got, ok, tt.want, wantOK)
			}
		})
	}
}

// FuzzPlainRequest compares with net/http: what we take for plain it reads, and
// in the same way. So both always know which bytes are a request's.
func FuzzPlainRequest(f *testing.F) {
	for _, h := range heads {
		f.Add([]byte(h.text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, ok := readPlainRequest(0, b)
		if len(b) > 1 {
			if split, also := readPlainRequest(b[0], b[1:]); also != ok || ok && (split.bytes != got.bytes-1 || split.push != got.push) {
				t.Fatalf("readPlainRequest(%q) = %+v, %v, and %+v, %v if a byte was read before", b, got, ok, split, also)
			}
		}
		if !ok {
			return
		}
		in := bufio.NewReaderSize(bytes.NewReader(b), len(b)+16)
		r, err := http.ReadRequest(in)
		if err != nil {
			t.Fatalf("net/http refuses %q, which we take: %v", b, err)
		}
		head := int64(len(b) - in.Buffered())
		if r.ContentLength != got.body || head+got.body != got.bytes || len(r.TransferEncoding) > 0 || r.Close || !r.ProtoAtLeast(1, 1) {
			t.Errorf("readPlainRequest(%q) = %+v, net/http: a head of %d bytes, %d of a body, codings %v, close %v",
				b, got, head, r.ContentLength, r.TransferEncoding, r.Close)
		}
		if push := r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/callback"); got.push && !push {
			t.Errorf("readPlainRequest(%q) takes %s %s for a push", b, r.Method, r.URL.Path)
		}
	})
}

// A connection is followed as long as there is no doubt.
func TestFramingFollowsRequestsThatComeOneAfterTheOther(t *testing.T) {
	push := plainHead + "\r\n0123456789"
	for _, tt := range []struct {
		name   string
		reads  []string
		begins []bool
	}{
		{"each in one piece", []string{push, push}, []bool{true, true}},
		{"bodies in pieces", []string{plainHead + "\r\n01", "234", "56789", push}, []bool{true, false, false, true}},
		{"a body byte by byte", []string{plainHead + "\r\n01234567", "8", "9", push}, []bool{true, false, false, true}},
		{"a byte read ahead", []string{push, push[:1], push[1:], push}, []bool{true, false, false, true}},
		{"another request between", []string{push, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", push}, []bool{true, true, true}},
		{"two at once", []string{push + push, push}, []bool{false, false}},
		{"more than the body", []string{plainHead + "\r\n01", "23456789P", push}, []bool{true, false, false}},
		{"two bytes of a head", []string{push, push[:2], push[2:], push}, []bool{true, false, false, false}},
		{"chunks between", []string{push, plainHead + "Transfer-Encoding: chunked\r\n\r\n", "0\r\n\r\n", push}, []bool{true, false, false, false}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var f framing
			for i, text := range tt.reads {
				if _, begins := f.follow([]byte(text)); begins != tt.begins[i] {
					t.Errorf("read %d, %q: begins a request: %v, want %v", i, text, begins, tt.begins[i])
				}
			}
		})
	}
}
