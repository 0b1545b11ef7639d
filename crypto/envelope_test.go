package crypto_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"suitekeeper/crypto"
)

func TestCheckTakesOnlyDingTalksForms(t *testing.T) {
	sound := crypto.Envelope{
		Signature: "5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0",
		Timestamp: "1445827045067",
		Nonce:     "nEXhMP4r",
		Encrypt:   "YWJj",
	}
	for _, tt := range []struct {
		name   string
		change func(*crypto.Envelope)
		want   string // what the error names; empty for none
	}{
		{"as DingTalk sends it", func(*crypto.Envelope) {}, ""},
		{"signature in capitals", func(e *crypto.Envelope) { e.Signature = strings.ToUpper(e.Signature) }, ""},
		{"no signature", func(e *crypto.Envelope) { e.Signature = "" }, "signature"},
		{"signature too short", func(e *crypto.Envelope) { e.Signature = e.Signature[1:] }, "signature"},
		{"signature too long", func(e *crypto.Envelope) { e.Signature += "0" }, "signature"},
		{"signature not hexadecimal", func(e *crypto.Envelope) { e.Signature = "g" + e.Signature[1:] }, "signature"},
		{"signature with @", func(e *crypto.Envelope) { e.Signature = "@" + e.Signature[1:] }, "signature"},

		{"timestamp in seconds", func(e *crypto.Envelope) { e.Timestamp = "1445827045" }, ""},
		{"no timestamp", func(e *crypto.Envelope) { e.Timestamp = "" }, "timestamp"},
		{"timestamp of 11 digits", func(e *crypto.Envelope) { e.Timestamp = "14458270450" }, "timestamp"},
		{"negative timestamp", func(e *crypto.Envelope) { e.Timestamp = "-445827045" }, "timestamp"},
		{"timestamp in other digits", func(e *crypto.Envelope) { e.Timestamp = "144582704\u0665" }, "timestamp"},

		{"nonce of 64", func(e *crypto.Envelope) { e.Nonce = strings.Repeat("~", 64) }, ""},
		{"nonce of 1", func(e *crypto.Envelope) { e.Nonce = "!" }, ""},
		{"no nonce", func(e *crypto.Envelope) { e.Nonce = "" }, "nonce"},
		{"nonce of 65", func(e *crypto.Envelope) { e.Nonce = strings.Repeat("n", 65) }, "nonce"},
		{"nonce with a space", func(e *crypto.Envelope) { e.Nonce = "a b" }, "nonce"},
		{"nonce with DEL", func(e *crypto.Envelope) { e.Nonce = "a\x7f" }, "nonce"},
		{"nonce with 0x80", func(e *crypto.Envelope) { e.Nonce = "a\x80" }, "nonce"},

		{"encrypt padded with one", func(e *crypto.Envelope) { e.Encrypt = "YWI=" }, ""},
		{"encrypt padded with two", func(e *crypto.Envelope) { e.Encrypt = "YQ==" }, ""},
		{"no encrypt", func(e *crypto.Envelope) { e.Encrypt = "" }, "encrypt"},
		{"encrypt without padding", func(e *crypto.Envelope) { e.Encrypt = "YQ" }, "encrypt"},
		{"encrypt with spare bits", func(e *crypto.Envelope) { e.Encrypt = "YR==" }, "encrypt"},
		{"encrypt padded inside", func(e *crypto.Envelope) { e.Encrypt = "YQ==YWJj" }, "encrypt"},
		{"encrypt nothing but padding", func(e *crypto.Envelope) { e.Encrypt = "====" }, "encrypt"},
		{"encrypt for URLs", func(e *crypto.Envelope) { e.Encrypt = "-_-_" }, "encrypt"},
		{"encrypt with a line break", func(e *crypto.Envelope) { e.Encrypt = "YWJj\r\n\r\nYWJj" }, "encrypt"},
		{"encrypt ending in line breaks", func(e *crypto.Envelope) { e.Encrypt = "YWJj\n\n\n\n" }, "encrypt"},
		{"encrypt with line breaks in its last four", func(e *crypto.Envelope) { e.Encrypt = "YWJjYW\nIYWJj=\r\n" }, "encrypt"},
		{"encrypt with a space", func(e *crypto.Envelope) { e.Encrypt = "YW j" }, "encrypt"},
	} {
		e := sound
		tt.change(&e)
		err := e.Check()
		switch {
		case tt.want == "":
			if err != nil {
				t.Errorf("%s: Check = %v, want nil", tt.name, err)
			}
		case !errors.Is(err, crypto.ErrMalformed) || !strings.Contains(err.Error(), tt.want+" is"):
			t.Errorf("%s: Check = %v, want ErrMalformed that names %s", tt.name, err, tt.want)
		}
	}
}

func TestTimeReadsSecondsAndMilliseconds(t *testing.T) {
	for timestamp, want := range map[string]time.Time{
		"1614767836":    time.Date(2021, 3, 3, 10, 37, 16, 0, time.UTC),
		"1614767836123": time.Date(2021, 3, 3, 10, 37, 16, 123e6, time.UTC),
		"0000000000":    time.Unix(0, 0).UTC(),
		"":              {},
		"-614767836":    {},
		"+614767836":    {},
		"16147678361":   {},
		"161476783612x": {},
	} {
		if got := (crypto.Envelope{Timestamp: timestamp}).Time(); got != want {
			t.Errorf("Time of %q = %v, want %v", timestamp, got, want)
		}
	}
}

func TestReplyHasDingTalksNames(t *testing.T) {
	got, err := json.Marshal(crypto.Envelope{Signature: "s", Timestamp: "1", Nonce: "n", Encrypt: "e"}.Reply())
	const want = `{"msg_signature":"s","timeStamp":"1","nonce":"n","encrypt":"e"}`
	if err != nil || string(got) != want {
		t.Errorf("Marshal(Reply) = %s, %v, want %s", got, err, want)
	}
}
