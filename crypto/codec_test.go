package crypto_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"suitekeeper/crypto"
)

var options = crypto.Options{
	Token:          "Q1w2E3r4T5",
	EncodingAESKey: "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
	Key:            "suitew9h1bvc3t2rmqaym",
}

var now = time.UnixMilli(1783610513123).UTC()

func newCodec(tb testing.TB, o crypto.Options) *crypto.Codec {
	tb.Helper()
	c, err := crypto.New(o)
	if err != nil {
		tb.Fatalf("New(%v) = %v", o, err)
	}
	return c
}

func seal(tb testing.TB, o crypto.Options, msg string) crypto.Envelope {
	tb.Helper()
	e, err := newCodec(tb, o).Seal([]byte(msg), now)
	if err != nil {
		tb.Fatalf("Seal(%q) = %v", msg, err)
	}
	return e
}

func TestSealOpensAgain(t *testing.T) {
	c := newCodec(t, options)
	for size := range 200 {
		msg := bytes.Repeat([]byte("é")[:1], size)
		e, err := c.Seal(msg, now)
		if err != nil {
			t.Fatalf("Seal(%d bytes) = %v", size, err)
		}
		if !c.Verify(e) {
			t.Errorf("Verify(Seal(%d bytes)) = false, want true", size)
		}
		if got, err := c.Open(e); err != nil || !bytes.Equal(got, msg) {
			t.Errorf("Open(Seal(%d bytes)) = %q, %v, want %q", size, got, err, msg)
		}
	}
}

func TestSealIsNeverTheSameTwice(t *testing.T) {
	a, b := seal(t, options, "success"), seal(t, options, "success")
	if a.Nonce == b.Nonce || a.Encrypt == b.Encrypt || a.Signature == b.Signature {
		t.Errorf("Seal twice = %v and %v, want all different but the timestamp", a, b)
	}
}

func TestSealStampsThirteenDigits(t *testing.T) {
	c := newCodec(t, options)
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{now, "1783610513123"},
		{time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), "0946684800000"}, // where synctest's clock starts
		{time.UnixMilli(0), "0000000000000"},
		{time.UnixMilli(9_999_999_999_999), "9999999999999"},
	} {
		e, err := c.Seal(nil, tt.at)
		if err != nil || e.Timestamp != tt.want || !e.Time().Equal(tt.at) {
			t.Errorf("Seal(%v) = timestamp %q, %v, want %q", tt.at, e.Timestamp, err, tt.want)
		}
	}
	for _, at := range []time.Time{{}, time.UnixMilli(10_000_000_000_000)} {
		if _, err := c.Seal(nil, at); err == nil {
			t.Errorf("Seal(%v) = nil, want an error", at)
		}
	}
}

func TestReplyAndEnvelopeAreTheSame(t *testing.T) {
	e := seal(t, options, "success")
	if got := e.Reply().Envelope(); got != e {
		t.Errorf("Reply().Envelope() = %v, want %v", got, e)
	}
}

func TestOpenRefusesEveryFlippedByte(t *testing.T) {
	c := newCodec(t, options)
	sound := seal(t, options, "success")
	for name, value := range map[string]func(*crypto.Envelope) *string{
		"signature": func(e *crypto.Envelope) *string { return &e.Signature },
		"timestamp": func(e *crypto.Envelope) *string { return &e.Timestamp },
		"nonce":     func(e *crypto.Envelope) *string { return &e.Nonce },
		"encrypt":   func(e *crypto.Envelope) *string { return &e.Encrypt },
	} {
		for i := range len(*value(&sound)) {
			for _, flip := range []byte{0x01, 0x02, 0x10, 0x40, 0x80} {
				e := sound
				raw := []byte(*value(&e))
				raw[i] ^= flip
				*value(&e) = string(raw)
				if _, err := c.Open(e); !errors.Is(err, crypto.ErrMalformed) && !errors.Is(err, crypto.ErrSignature) {
					t.Errorf("Open with byte %d of the %s changed = %v, want ErrMalformed or ErrSignature", i, name, err)
				}
				if c.Verify(e) {
					t.Errorf("Verify with byte %d of the %s changed = true, want false", i, name)
				}
			}
		}
	}
}

func TestOpenTellsAWrongAESKeyFromAnotherSuite(t *testing.T) {
	other := options
	other.Key = crypto.CreationKey
	var keyErr *crypto.KeyError
	_, err := newCodec(t, options).Open(seal(t, other, "success"))
	if !errors.As(err, &keyErr) || *keyErr != (crypto.KeyError{Got: crypto.CreationKey, Want: options.Key}) {
		t.Errorf("Open(envelope of another $key) = %v, want a KeyError with both keys", err)
	}

	other = options
	other.EncodingAESKey = strings.Repeat("a", 43)
	for range 2000 { // about eight of these pass the padding by chance
		_, err := newCodec(t, options).Open(seal(t, other, "success"))
		if !errors.Is(err, crypto.ErrUndecryptable) || errors.As(err, &keyErr) {
			t.Fatalf("Open(envelope of another AES key) = %v, want ErrUndecryptable", err)
		}
	}

	other = options
	other.Token = "another"
	if _, err := newCodec(t, options).Open(seal(t, other, "success")); !errors.Is(err, crypto.ErrSignature) {
		t.Errorf("Open(envelope of another token) = %v, want ErrSignature", err)
	}
}

func TestNewTakesAESKeysWithSpareBits(t *testing.T) {
	// The last of 43 characters has two bits too many. A (000000) and D
	// (000011) differ in those only, so both make the same key.
	a, d := options, options
	a.EncodingAESKey = options.EncodingAESKey[:42] + "A"
	d.EncodingAESKey = options.EncodingAESKey[:42] + "D"
	if got, err := newCodec(t, a).Open(seal(t, d, "success")); err != nil || string(got) != "success" {
		t.Errorf("Open across keys that differ in spare bits = %q, %v, want success", got, err)
	}
}

func TestNewNamesTheBadOptionWithoutQuotingIt(t *testing.T) {
	for _, tt := range []struct {
		change func(*crypto.Options)
		want   string
	}{
		{func(o *crypto.Options) { o.Token = "" }, "token"},
		{func(o *crypto.Options) { o.Token = "s3cret s3cret" }, "token"},
		{func(o *crypto.Options) { o.Token = strings.Repeat("s3cret", 6) }, "token"},
		{func(o *crypto.Options) { o.EncodingAESKey = "" }, "EncodingAESKey"},
		{func(o *crypto.Options) { o.EncodingAESKey = strings.Repeat("s3cret", 7) }, "EncodingAESKey"},
		{func(o *crypto.Options) { o.EncodingAESKey = "s3cret" + strings.Repeat("+", 37) }, "EncodingAESKey"},
		{func(o *crypto.Options) { o.EncodingAESKey = "s3cret" + strings.Repeat("\n", 37) }, "EncodingAESKey"},
		{func(o *crypto.Options) { o.Key = "" }, "$key"},
		{func(o *crypto.Options) { o.Key = "a b" }, "$key"},
	} {
		o := options
		tt.change(&o)
		_, err := crypto.New(o)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("New = %v, want an error that names the %s and quotes nothing", err, tt.want)
		}
	}
}

func TestNothingPrintsTheSecrets(t *testing.T) {
	c := newCodec(t, options)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		for _, v := range []any{c, options, &options} {
			got := fmt.Sprintf(verb, v)
			if strings.Contains(got, options.Token) || strings.Contains(got, options.EncodingAESKey) {
				t.Errorf("Sprintf(%q, %T) = %q, want no secret", verb, v, got)
			}
		}
	}
	got, err := json.Marshal([]any{c, options, &options})
	if err != nil || bytes.Contains(got, []byte(options.Token)) || bytes.Contains(got, []byte(options.EncodingAESKey)) {
		t.Errorf("Marshal = %s, %v, want no secret", got, err)
	}
}
