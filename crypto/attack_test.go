package crypto_test

import (
	"bytes"
	"crypto/sha1"
	"encoding"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"suitekeeper/crypto"
)

// extend mounts SHA-1's length extension: from the digest of a secret text of
// size bytes it computes the digest of text | glue | more, knowing none of the
// text.
func extend(tb testing.TB, digest string, size int, more string) (extended, glue string) {
	tb.Helper()
	glue = "\x80" + strings.Repeat("\x00", (55-size%64+64)%64)
	glue += string(binary.BigEndian.AppendUint64(nil, uint64(size)*8))

	// The state that encoding/sha1 marshals: magic, the five words of the
	// digest, a partial block (none, for the glue completes it), the count.
	words, err := hex.DecodeString(digest)
	if err != nil {
		tb.Fatal(err)
	}
	state := append([]byte("sha\x01"), words...)
	state = append(state, make([]byte, sha1.BlockSize)...)
	state = binary.BigEndian.AppendUint64(state, uint64(size+len(glue)))

	h := sha1.New()
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		tb.Fatal(err)
	}
	h.Write([]byte(more))
	return hex.EncodeToString(h.Sum(nil)), glue
}

func TestOpenRefusesAnExtendedSignature(t *testing.T) {
	// A token that sorts before the other parts, as one that starts with 0 or
	// 1 mostly does. The attacker saw one push, and has an encrypt of another.
	weak := options
	weak.Token = "000111"
	seen := crypto.Envelope{Timestamp: "1783610513123", Nonce: "380320111", Encrypt: seal(t, weak, "first").Encrypt}
	for seen.Encrypt < seen.Nonce { // a nonce that sorts before the ciphertext, so that the order is known
		seen.Encrypt = seal(t, weak, "first").Encrypt
	}
	seen.Signature = crypto.Sign(weak.Token, seen.Timestamp, seen.Nonce, seen.Encrypt)
	codec := newCodec(t, weak)
	if _, err := codec.Open(seen); err != nil {
		t.Fatalf("Open(the push that was seen) = %v", err)
	}

	other := seal(t, weak, "second").Encrypt
	for other < seen.Nonce {
		other = seal(t, weak, "second").Encrypt
	}
	signed := weak.Token + seen.Timestamp + seen.Nonce + seen.Encrypt
	signature, glue := extend(t, seen.Signature, len(signed), other)
	forged := crypto.Envelope{
		Signature: signature,
		Timestamp: seen.Timestamp,
		Nonce:     seen.Nonce + seen.Encrypt + glue, // hides what was signed
		Encrypt:   other,
	}

	// The attack is real: over these values the signature is right.
	if got := crypto.Sign(weak.Token, forged.Timestamp, forged.Nonce, forged.Encrypt); got != forged.Signature {
		t.Fatalf("Sign(forged) = %s, want %s: the attack does not work any more", got, forged.Signature)
	}
	if _, err := codec.Open(forged); !errors.Is(err, crypto.ErrMalformed) {
		t.Errorf("Open(forged) = %v, want ErrMalformed", err)
	}
	if codec.Verify(forged) {
		t.Error("Verify(forged) = true, want false")
	}

	for name, hide := range map[string]crypto.Envelope{
		"the timestamp": {Timestamp: seen.Timestamp + seen.Nonce + seen.Encrypt + glue, Nonce: "Z", Encrypt: other},
		"the encrypt":   {Timestamp: seen.Timestamp, Nonce: seen.Nonce, Encrypt: seen.Encrypt + glue + other},
	} {
		hide.Signature = crypto.Sign(weak.Token, hide.Timestamp, hide.Nonce, hide.Encrypt)
		if _, err := codec.Open(hide); !errors.Is(err, crypto.ErrMalformed) {
			t.Errorf("Open(glue in %s) = %v, want ErrMalformed", name, err)
		}
	}
}

func TestOpenRefusesShiftedBoundaries(t *testing.T) {
	o := options
	o.Token = "000111"
	codec := newCodec(t, o)
	// Values that keep their order however their borders are moved.
	sound := crypto.Envelope{Timestamp: "1111111111999", Nonce: "999" + strings.Repeat("9", 61)}
	for sound.Encrypt < "a" {
		sound.Encrypt = seal(t, o, strings.Repeat("long enough to cut", 10)).Encrypt
	}
	sound.Signature = crypto.Sign(o.Token, sound.Timestamp, sound.Nonce, sound.Encrypt)
	want, err := codec.Open(sound)
	if err != nil {
		t.Fatalf("Open(sound) = %v", err)
	}

	text := sound.Timestamp + sound.Nonce + sound.Encrypt
	for i := range len(text) {
		for j := i; j < len(text); j++ {
			e := crypto.Envelope{Timestamp: text[:i], Nonce: text[i:j], Encrypt: text[j:], Signature: sound.Signature}
			got, err := codec.Open(e)
			if err == nil && !sameMessage(e, sound, got, want) {
				t.Fatalf("Open(%q, %q, encrypt from %d) = %q, want an error", e.Timestamp, e.Nonce, j, got)
			}
		}
	}
}

// sameMessage allows the one cut that legal forms leave: it names the same
// second and the same text, so a receiver sees a repeat.
func sameMessage(e, sound crypto.Envelope, got, want []byte) bool {
	return bytes.Equal(got, want) && e.Time().Unix() == sound.Time().Unix()
}
