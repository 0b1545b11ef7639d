package handler

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"suitekeeper/crypto"
)

const (
	goodQuery = "signature=5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0&timestamp=1445827045067&nonce=nEXhMP4r"
	goodBody  = `{"encrypt":"YWJj"}`
)

func parse(rawQuery string, body []byte) (crypto.Envelope, error) {
	var r requestReader
	if err := r.read(bytes.NewReader(body), 1<<20); err != nil {
		return crypto.Envelope{}, err
	}
	return r.parse(rawQuery)
}

func TestRepeatedNameInTheBodyIsNamedAsSuch(t *testing.T) {
	for body, want := range map[string]string{
		`{"encrypt":"YWJj","encrypt":"YWJj"}`:          "bad request: encrypt is repeated",
		`{"encrypt":"YWJj","x":1,"\u0065ncrypt":null}`: "bad request: encrypt is repeated",
		`{"hunter2":1,"hunter2":1,"encrypt":"YWJj"}`:   "bad request: the body holds an object with a repeated name",
		`{"x":{"encrypt":1,"encrypt":1}}`:              "bad request: the body holds an object with a repeated name",
		`{"encrypt":"YWJj","encrypt`:                   "bad request: the body is not one JSON object",
	} {
		if _, err := parse(goodQuery, []byte(body)); err == nil || err.Error() != want {
			t.Errorf("parse(%q) = %v, want %q", body, err, want)
		}
	}
}

// FuzzParseRequest compares the parser with the ones of the standard library,
// which are laxer: whatever ours accepts, those accept and read the same. It
// takes no more memory than a multiple of the request, which is largest for
// objects in objects.
func FuzzParseRequest(f *testing.F) {
	f.Add(goodQuery, []byte(goodBody))
	f.Add(strings.ReplaceAll(goodQuery, "signature", "msg_signature"), []byte(`{"x":[{}],"\u0065ncrypt":"YW\u004aj"} `))
	f.Add(goodQuery+"&timeStamp=1445827045067&&x=%41", []byte(`{"encrypt":"YWJj","encrypt":"YWJj"}`))
	f.Add(goodQuery+";x", []byte(`{"encrypt":1}`))
	f.Add(goodQuery+"&%zz", []byte(`{"encrypt":"YWJj"}{}`))
	f.Add(strings.Repeat("a&", 8<<10), []byte(strings.Repeat("[", 8<<10)))
	f.Add(goodQuery, []byte(`{"x":`+strings.Repeat(`{"":`, 8<<10)))
	f.Add(goodQuery, manyNames(8<<10))
	f.Fuzz(func(t *testing.T, rawQuery string, body []byte) {
		var got crypto.Envelope
		var err error
		taken, size := allocated(func() { got, err = parse(rawQuery, body) }), len(rawQuery)+len(body)
		if limit := 128*uint64(size) + 64<<10; taken > limit {
			t.Errorf("parse of %d bytes took %d bytes of memory, want at most %d", size, taken, limit)
		}
		if err != nil {
			if !errors.Is(err, errBadRequest) && !errors.Is(err, crypto.ErrMalformed) && !errors.Is(err, errTooLarge) {
				t.Errorf("parse(%q, %q) = %v, want one of the errors that are promised", rawQuery, body, err)
			}
			return
		}
		if err := got.Check(); err != nil {
			t.Errorf("parse(%q, %q) = %v, which is malformed: %v", rawQuery, body, got, err)
		}
		values, err := url.ParseQuery(rawQuery)
		if err != nil {
			t.Fatalf("parse(%q) = nil but url.ParseQuery = %v", rawQuery, err)
		}
		if v := values.Get("nonce"); v != got.Nonce {
			t.Errorf("parse(%q) has nonce %q, url.ParseQuery %q", rawQuery, got.Nonce, v)
		}
		if a, b := values.Get("signature"), values.Get("msg_signature"); got.Signature != a && got.Signature != b {
			t.Errorf("parse(%q) has signature %q, url.ParseQuery %q and %q", rawQuery, got.Signature, a, b)
		}
		var members map[string]any
		if err := json.Unmarshal(body, &members); err != nil || members["encrypt"] != got.Encrypt {
			t.Errorf("parse(%q) has encrypt %q, encoding/json %v, %v", body, got.Encrypt, members["encrypt"], err)
		}
	})
}

// manyNames is an object of that many members.
func manyNames(n int) []byte {
	text := []byte(`{"encrypt":"YWJj"`)
	for i := range n {
		text = fmt.Appendf(text, `,"%x":1`, i)
	}
	return append(text, '}')
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestReaderIsReusableAfterAnyRequest(t *testing.T) {
	var r requestReader
	for _, body := range []string{goodBody, `{"encrypt":`, `{"encrypt":"YWJj"} x`, `[[[[`, "", `{"a":1,"b":2}`} {
		if err := r.read(strings.NewReader(body), 1<<20); err != nil {
			t.Fatalf("read(%q) = %v", body, err)
		}
		_, err := r.parse(goodQuery)
		if (err == nil) != (body == goodBody) {
			t.Errorf("parse(%q) = %v", body, err)
		}
		if err := r.read(strings.NewReader(goodBody), 1<<20); err != nil {
			t.Fatalf("read = %v", err)
		}
		if e, err := r.parse(goodQuery); err != nil || e.Encrypt != "YWJj" {
			t.Errorf("parse after %q = %v, %v, want YWJj", body, e, err)
		}
	}
}

func TestReadIsBoundedByTheLimit(t *testing.T) {
	for size, want := range map[int]error{99: nil, 100: nil, 101: errTooLarge, 1 << 20: errTooLarge} {
		var r requestReader
		if err := r.read(strings.NewReader(strings.Repeat("x", size)), 100); !errors.Is(err, want) {
			t.Errorf("read(%d of 100 bytes) = %v, want %v", size, err, want)
		}
		if r.body.Cap() > 1024 {
			t.Errorf("read(%d of 100 bytes) holds %d bytes", size, r.body.Cap())
		}
	}
	var r requestReader
	if err := r.read(iotest.ErrReader(errors.New("reset")), 100); !errors.Is(err, errBadRequest) {
		t.Errorf("read of a broken body = %v, want %v", err, errBadRequest)
	}
}

func TestLargeReadersAreNotKept(t *testing.T) {
	var r requestReader
	for size, want := range map[int]bool{1000: true, 1 << 20: false} {
		r.body = bytes.Buffer{}
		if err := r.read(strings.NewReader(strings.Repeat("x", size)), 1<<20); err != nil {
			t.Fatalf("read = %v", err)
		}
		if got := r.reusable(); got != want {
			t.Errorf("reusable after %d bytes = %v, want %v", size, got, want)
		}
	}
}
