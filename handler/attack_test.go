package handler_test

import (
	"crypto/sha1"
	"encoding"
	"encoding/binary"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"

	"suitekeeper/crypto"
	"suitekeeper/handler"
)

// TestExtendedSignatureIsRefused mounts SHA-1's length extension over HTTP: an
// attacker who saw one push, and has the ciphertext of another, signs that
// other without the token. It needs a token that sorts before the other parts.
func TestExtendedSignatureIsRefused(t *testing.T) {
	weak := suiteOptions
	weak.Token = "000111"
	f := newFixture(t, func(o *handler.Options) {
		o.Suites = []handler.Suite{{Key: suiteKey, Codec: codec(t, weak)}}
	})
	addr := f.start(t)

	seen, other := sealSorted(t, weak, `{"first":1}`), sealSorted(t, weak, `{"second":2}`)
	seen.Nonce = "380320111"
	seen.Signature = crypto.Sign(weak.Token, seen.Timestamp, seen.Nonce, seen.Encrypt)
	if got := send(t, addr, pushTo("/callback/"+suiteKey, seen)); got.StatusCode != 200 {
		t.Fatalf("the push that was seen is answered %d %s, want 200", got.StatusCode, got.body)
	}

	size := len(weak.Token + seen.Timestamp + seen.Nonce + seen.Encrypt) // lengths are no secret
	glue := "\x80" + strings.Repeat("\x00", (55-size%64+64)%64)
	glue += string(binary.BigEndian.AppendUint64(nil, uint64(size)*8))
	forged := crypto.Envelope{
		Timestamp: seen.Timestamp,
		Nonce:     seen.Nonce + seen.Encrypt + glue,
		Encrypt:   other.Encrypt,
		Signature: continueSHA1(t, seen.Signature, size+len(glue), other.Encrypt),
	}
	if want := crypto.Sign(weak.Token, forged.Timestamp, forged.Nonce, forged.Encrypt); forged.Signature != want {
		t.Fatalf("forged signature %s, want %s: the attack does not work any more", forged.Signature, want)
	}
	for _, path := range []string{"/callback/" + suiteKey, "/callback"} {
		checkFailure(t, send(t, addr, pushTo(path, forged)), 400, "bad_request")
	}

	// The same glue in other clothes.
	for name, q := range map[string]string{
		"repeated nonce": query(seen) + "&nonce=" + url.QueryEscape(forged.Nonce),
		"signature only": strings.Replace(query(seen), seen.Signature, forged.Signature, 1),
	} {
		if got := send(t, addr, raw("POST", "/callback?"+q, body(other))); got.StatusCode == 200 {
			t.Errorf("%s: answered 200, want a refusal", name)
		}
	}
	if got := f.receiver.received(); len(got) != 1 {
		t.Errorf("receiver got %d pushes, want only the one that was seen", len(got))
	}
}

// sealSorted seals until the ciphertext sorts behind any digits.
func sealSorted(tb testing.TB, o crypto.Options, text string) crypto.Envelope {
	tb.Helper()
	e := seal(tb, o, text)
	for e.Encrypt < "A" {
		e = seal(tb, o, text)
	}
	return e
}

// continueSHA1 hashes more after a text of size bytes, whole blocks, of which
// only the digest is known.
func continueSHA1(tb testing.TB, digest string, size int, more string) string {
	tb.Helper()
	words, err := hex.DecodeString(digest)
	if err != nil {
		tb.Fatal(err)
	}
	state := append([]byte("sha\x01"), words...)
	state = append(state, make([]byte, sha1.BlockSize)...)
	state = binary.BigEndian.AppendUint64(state, uint64(size))
	h := sha1.New()
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		tb.Fatal(err)
	}
	h.Write([]byte(more))
	return hex.EncodeToString(h.Sum(nil))
}
