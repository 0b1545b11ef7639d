package crypto

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxNonce = 64 // see "Why the forms are strict": a longer one would let bytes move into encrypt
	quantum  = 4  // characters of base64 that stand together for three bytes
)

// Envelope is a signed and encrypted message, from DingTalk or to it.
type Envelope struct {
	Signature string // hexadecimal SHA-1, see [Sign]
	Timestamp string // Unix time in 10 digits (seconds) or 13 (milliseconds)
	Nonce     string // 1 to 64 bytes of printable ASCII
	Encrypt   string // standard base64
}

// Check returns an error that wraps [ErrMalformed] and names the value at
// fault, as [ErrMalformedNonce] does, unless all four have the form that
// DingTalk gives them. It needs no key, and neither the error nor the work
// depend on one.
func (e Envelope) Check() error {
	switch {
	case !isSignature(e.Signature):
		return ErrMalformedSignature
	case !isTimestamp(e.Timestamp):
		return ErrMalformedTimestamp
	case !isNonce(e.Nonce):
		return ErrMalformedNonce
	case !isBase64(e.Encrypt):
		return ErrMalformedEncrypt
	}
	return nil
}

// Time is the instant that the timestamp names, in UTC, or the zero Time when
// the timestamp is malformed. Only the second is protected by the signature.
func (e Envelope) Time() time.Time {
	n, err := strconv.ParseInt(e.Timestamp, 10, 64)
	switch {
	case err != nil || !isTimestamp(e.Timestamp):
		return time.Time{}
	case len(e.Timestamp) == 10:
		return time.Unix(n, 0).UTC()
	}
	return time.UnixMilli(n).UTC()
}

// Reply gives the envelope the shape of an answer to DingTalk.
func (e Envelope) Reply() Reply {
	return Reply{MsgSignature: e.Signature, TimeStamp: e.Timestamp, Nonce: e.Nonce, Encrypt: e.Encrypt}
}

// Reply is an envelope as the body of an answer to DingTalk. The names are
// DingTalk's: with "timestamp" for "timeStamp" the answer counts as wrong.
type Reply struct {
	MsgSignature string `json:"msg_signature"`
	TimeStamp    string `json:"timeStamp"`
	Nonce        string `json:"nonce"`
	Encrypt      string `json:"encrypt"`
}

// Envelope gives the reply the shape in which a [Codec] opens it.
func (r Reply) Envelope() Envelope {
	return Envelope{Signature: r.MsgSignature, Timestamp: r.TimeStamp, Nonce: r.Nonce, Encrypt: r.Encrypt}
}

// Sign returns DingTalk's signature over the values, in lower case. It does
// not look at their form.
func Sign(token, timestamp, nonce, encrypt string) string {
	d := digest(token, timestamp, nonce, encrypt)
	return hex.EncodeToString(d[:])
}

func digest(token, timestamp, nonce, encrypt string) [sha1.Size]byte {
	parts := [...]string{token, timestamp, nonce, encrypt}
	slices.Sort(parts[:])
	// Hashing one buffer that does not escape costs no allocation up to this
	// size, where sha1.New and its Write would cost several.
	text := make([]byte, 0, 2048)
	if n := len(token) + len(timestamp) + len(nonce) + len(encrypt); n > cap(text) {
		text = make([]byte, 0, n)
	}
	for _, p := range parts {
		text = append(text, p...)
	}
	return sha1.Sum(text)
}

func isSignature(s string) bool {
	if len(s) != 2*sha1.Size {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}

func isTimestamp(s string) bool {
	if len(s) != 10 && len(s) != 13 {
		return false
	}
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

func isNonce(s string) bool {
	return len(s) <= maxNonce && isPrintable(s)
}

// isBase64 tells whether s is what an encoder makes: nothing but the alphabet
// (Go's decoder would skip line breaks), full quanta, and no spare bits set.
func isBase64(s string) bool {
	if len(s) == 0 || len(s)%quantum != 0 {
		return false
	}
	head, last := s[:len(s)-quantum], s[len(s)-quantum:]
	for i := range len(head) {
		if c := head[i]; !isAlphanumeric(c) && c != '+' && c != '/' {
			return false
		}
	}
	var out [3]byte
	_, err := base64.StdEncoding.Strict().Decode(out[:], []byte(last))
	return err == nil && !strings.ContainsAny(last, "\r\n")
}

// isPrintable tells whether s is not empty and has only visible ASCII.
func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < 0x21 || s[i] > 0x7e {
			return false
		}
	}
	return s != ""
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isAlphanumeric(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
