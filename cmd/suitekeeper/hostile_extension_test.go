package main_test

import (
	"crypto/sha1"
	"encoding"
	"encoding/binary"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"

	"suitekeeper/crypto"
)

// extensionCases mount SHA-1's length extension: an attacker who saw one push,
// and has the ciphertext of another, signs that other without the token. It
// needs a token that sorts before the other parts.
func extensionCases(t *testing.T) []hostile {
	token := brittle.Token.Reveal()
	seen, other := sealedSorted(t, `{"EventType":"check_url",`+member()+`}`), sealedSorted(t, `{"EventType":"check_url",`+member()+`}`)
	seen.Nonce = "380320111"
	seen.Signature = crypto.Sign(token, seen.Timestamp, seen.Nonce, seen.Encrypt)

	size := len(token + seen.Timestamp + seen.Nonce + seen.Encrypt) // lengths are no secret
	glue := "\x80" + strings.Repeat("\x00", (55-size%64+64)%64)
	glue += string(binary.BigEndian.AppendUint64(nil, uint64(size)*8))
	forged := crypto.Envelope{
		Timestamp: seen.Timestamp,
		Nonce:     seen.Nonce + seen.Encrypt + glue,
		Encrypt:   other.Encrypt,
		Signature: continueSHA1(t, seen.Signature, size+len(glue), other.Encrypt),
	}
	if want := crypto.Sign(token, forged.Timestamp, forged.Nonce, forged.Encrypt); forged.Signature != want {
		t.Fatalf("forged signature %s, want %s: the attack does not work any more", forged.Signature, want)
	}
	push := func(name, path, query string, e crypto.Envelope) hostile {
		return hostile{name: name, sent: rawRequest("POST", path+"?"+query, bodyOf(e)), keepsOn: true}
	}
	query := func(e crypto.Envelope) string {
		return url.Values{"signature": {e.Signature}, "timestamp": {e.Timestamp}, "nonce": {e.Nonce}}.Encode()
	}
	path := "/callback/" + brittle.Key
	return []hostile{
		push("a signature that is extended", path, query(forged), other).isMalformed(badNonce),
		push("a signature that is extended, for any suite", "/callback", query(forged), other).isMalformed(badNonce),
		push("a signature that is extended by a second nonce", path, query(seen)+"&nonce="+url.QueryEscape(forged.Nonce), other).isBad("nonce is repeated"),
		push("the signature of the extension alone", path, strings.Replace(query(seen), seen.Signature, forged.Signature, 1), other).isRejected("bad_signature"),
	}
}

// sealedSorted seals until the ciphertext sorts behind any digits.
func sealedSorted(t *testing.T, text string) crypto.Envelope {
	e := sealedFor(t, brittle, text)
	for e.Encrypt < "A" {
		e = sealedFor(t, brittle, text)
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
