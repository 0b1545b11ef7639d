package crypto_test

import (
	"encoding/base64"
	"errors"
	"runtime"
	"strings"
	"testing"

	"suitekeeper/crypto"
)

// FuzzOpen gives Open texts that are signed rightly, or else nothing but the
// signature would ever be reached, and envelopes as they come.
func FuzzOpen(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Signature, v.Timestamp, v.Nonce, v.Encrypt, true)
		f.Add(v.Signature, v.Timestamp, v.Nonce, v.Encrypt, false)
	}
	codec := newCodec(f, options)
	f.Fuzz(func(t *testing.T, signature, timestamp, nonce, encrypt string, resign bool) {
		e := crypto.Envelope{Signature: signature, Timestamp: timestamp, Nonce: nonce, Encrypt: encrypt}
		if resign {
			e.Signature = crypto.Sign(options.Token, timestamp, nonce, encrypt)
		}
		msg, err := openFrugally(t, codec, e)
		if err == nil {
			checkOpened(t, codec, e, msg)
			return
		}
		var keyErr *crypto.KeyError
		if !errors.Is(err, crypto.ErrMalformed) && !errors.Is(err, crypto.ErrSignature) &&
			!errors.Is(err, crypto.ErrUndecryptable) && !errors.As(err, &keyErr) {
			t.Errorf("Open(%q) = %v, want one of the errors that are promised", e, err)
		}
	})
}

// FuzzOpenText encrypts what the fuzzer finds, so that it reaches the checks
// behind the cipher.
func FuzzOpenText(f *testing.F) {
	for _, v := range vectors(f) {
		if v.Expect == "accept" {
			f.Add([]byte("0123456789abcdef\x00\x00\x00\x07success" + v.OwnerKey + strings.Repeat("\x10", 16)))
		}
	}
	codec := newCodec(f, options)
	f.Fuzz(func(t *testing.T, text []byte) {
		e := pack(options, text[:len(text)/16*16])
		if msg, err := openFrugally(t, codec, e); err == nil {
			checkOpened(t, codec, e, msg)
		}
	})
}

// openFrugally wants Open to allocate no more than a multiple of what came in,
// whatever length the text claims to have. The constant is for what runs beside it.
func openFrugally(t *testing.T, codec *crypto.Codec, e crypto.Envelope) (msg []byte, err error) {
	t.Helper()
	taken := allocated(func() { msg, err = codec.Open(e) })
	size := len(e.Signature) + len(e.Timestamp) + len(e.Nonce) + len(e.Encrypt)
	if limit := 8*uint64(size) + 64<<10; taken > limit {
		t.Errorf("Open of %d bytes took %d bytes of memory, want at most %d", size, taken, limit)
	}
	return msg, err
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func checkOpened(t *testing.T, codec *crypto.Codec, e crypto.Envelope, msg []byte) {
	t.Helper()
	if !codec.Verify(e) {
		t.Errorf("Open(%q) = nil but Verify = false", e)
	}
	if max := base64.StdEncoding.DecodedLen(len(e.Encrypt)); len(msg) > max || cap(msg) > max {
		t.Errorf("Open(%q) has %d bytes of %d, more than came in", e, len(msg), cap(msg))
	}
}
