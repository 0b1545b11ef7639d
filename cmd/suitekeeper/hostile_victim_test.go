package main_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/crypto"
)

// attacked is the suite that is attacked. The token of brittle sorts before the
// other parts of a signature, which is what the length extension needs.
var (
	attacked = keeper.SuiteConfiguration{
		Key: "suitevictim0000000001", Secret: "u8jzPde0IgxLd6GncfBAepfJBd0Kh8oO", Token: "zL8dKLzdocJ2isAjIhKtJ0RlgLKOmxgJ", AESKey: "TeKdNnFRIBXuDL7DxtpYlSXpfKtHF4vUCsMehGAkWvj",
	}
	brittle = keeper.SuiteConfiguration{
		Key: "suitebrittle000000001", Secret: "FAc9QeWJKY40uvSwMFLZDe1f8rESQedU", Token: "000111", AESKey: "StPKR0CsTy4Qwb8DwkNhFdnXsiVpzz63FfkCzJr4i0B",
	}
)

const (
	attackedPath = "/callback/suitevictim0000000001"
	secretTicket = "JrTAwR4y9ojfljoQoaF1LlqsajAIxNKu"
)

// texts numbers the texts, so that no event is the repeat of another.
var texts atomic.Int64

// member is a member of a JSON object that makes it another than all before.
func member() string { return fmt.Sprintf(`"n":%d`, texts.Add(1)) }

// fresh is a push that nothing is wrong with.
func fresh(t testing.TB) crypto.Envelope {
	return sealedFor(t, attacked, `{"EventType":"user_add_org",`+member()+`}`)
}

func sealedFor(t testing.TB, s keeper.SuiteConfiguration, text string) crypto.Envelope {
	t.Helper()
	e, err := envelopeOf(s, text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// frameOf lays a text out for encryption as DingTalk does, with that length,
// $key and padding.
func frameOf(msg string, length uint32, key string, padding []byte) []byte {
	text := []byte("0123456789abcdef")
	text = binary.BigEndian.AppendUint32(text, length)
	return append(append(text, msg+key...), padding...)
}

// padding is what makes a text of size bytes whole blocks of 32.
func padding(size int) []byte {
	n := 32 - size%32
	return bytes.Repeat([]byte{byte(n)}, n)
}

// encrypted signs a text for the suite that was encrypted as it is.
func encrypted(t testing.TB, s keeper.SuiteConfiguration, text []byte) crypto.Envelope {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(s.AESKey.Reveal() + "=")
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	out := bytes.Clone(text)
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(out[:len(out)/16*16], text[:len(text)/16*16])
	return signedFor(s, base64.StdEncoding.EncodeToString(out))
}

// signed signs what may be anything.
func signedFor(s keeper.SuiteConfiguration, encrypt string) crypto.Envelope {
	e := crypto.Envelope{Timestamp: fmt.Sprint(time.Now().UnixMilli()), Nonce: fmt.Sprintf("n%d", texts.Add(1)), Encrypt: encrypt}
	e.Signature = crypto.Sign(s.Token.Reveal(), e.Timestamp, e.Nonce, e.Encrypt)
	return e
}

func quoteJSON(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}
