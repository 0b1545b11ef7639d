package crypto_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"sort"
	"strings"
	"testing"

	"suitekeeper/crypto"
)

// The functions below are written from DingTalk's description of the envelope
// and share nothing with the package, so that a mistake there cannot agree
// with itself.

func describedKey(encodingAESKey string) []byte {
	key, err := base64.StdEncoding.DecodeString(encodingAESKey + "=")
	if err != nil {
		panic(err)
	}
	return key
}

func describedSignature(token, timestamp, nonce, encrypt string) string {
	parts := []string{token, timestamp, nonce, encrypt}
	sort.Strings(parts)
	return fmt.Sprintf("%x", sha1.Sum([]byte(strings.Join(parts, ""))))
}

// describedEncrypt encrypts text as it is: random bytes, length, msg, $key and
// padding are the caller's.
func describedEncrypt(encodingAESKey string, text []byte) string {
	key := describedKey(encodingAESKey)
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	out := make([]byte, len(text))
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(out, text)
	return base64.StdEncoding.EncodeToString(out)
}

// describedDecrypt returns msg and $key.
func describedDecrypt(encodingAESKey, encrypt string) (msg, owner string, err error) {
	text, err := base64.StdEncoding.DecodeString(encrypt)
	if err != nil {
		return "", "", err
	}
	key := describedKey(encodingAESKey)
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", "", err
	}
	if len(text)%32 != 0 {
		return "", "", errors.New("not padded to blocks of 32 bytes")
	}
	cipher.NewCBCDecrypter(block, key[:16]).CryptBlocks(text, text)
	pad := int(text[len(text)-1])
	if !bytes.Equal(text[len(text)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return "", "", errors.New("bad padding")
	}
	text = text[:len(text)-pad]
	n := int(text[16])<<24 | int(text[17])<<16 | int(text[18])<<8 | int(text[19])
	return string(text[20 : 20+n]), string(text[20+n:]), nil
}

// pack signs text, encrypted as it is.
func pack(o crypto.Options, text []byte) crypto.Envelope {
	e := crypto.Envelope{Timestamp: "1783610513123", Nonce: "380320111", Encrypt: describedEncrypt(o.EncodingAESKey, text)}
	e.Signature = describedSignature(o.Token, e.Timestamp, e.Nonce, e.Encrypt)
	return e
}

func TestSealIsOpenedByAnIndependentImplementation(t *testing.T) {
	for size := range 100 {
		want := strings.Repeat("x", size)
		e := seal(t, options, want)
		msg, owner, err := describedDecrypt(options.EncodingAESKey, e.Encrypt)
		if err != nil || msg != want || owner != options.Key {
			t.Errorf("decrypting Seal(%q) = %q for %q, %v", want, msg, owner, err)
		}
		if want := describedSignature(options.Token, e.Timestamp, e.Nonce, e.Encrypt); e.Signature != want {
			t.Errorf("signature of Seal(%q) = %s, want %s", want, e.Signature, want)
		}
		if _, err := hex.DecodeString(e.Signature); err != nil || e.Signature != strings.ToLower(e.Signature) {
			t.Errorf("signature of Seal(%q) = %s, want lower case", want, e.Signature)
		}
	}
}

func TestOpenChecksTheText(t *testing.T) {
	const random = "0123456789abcdef"
	key := options.Key
	text := func(length, msg, key string, padding ...byte) []byte {
		return append([]byte(random+length+msg+key), padding...)
	}
	pad := func(n int) []byte { return bytes.Repeat([]byte{byte(n)}, n) }
	length := func(n byte) string { return string([]byte{0, 0, 0, n}) }

	for _, tt := range []struct {
		name string
		text []byte
		want error
	}{
		{"sound, padded to 32", text(length(7), "success", key, pad(16)...), nil},
		{"sound, padding of 1", text(length(6), "succes", key, pad(1)...), nil},
		{"nothing", nil, crypto.ErrMalformed},
		{"empty message", text(length(0), "", key, pad(7)...), nil},
		{"sixteen bytes of padding where none is needed", text(length(23), strings.Repeat("a", 23), key, pad(16)...), nil},
		{"full extra block of 32", text(length(23), strings.Repeat("a", 23), key, pad(32)...), nil},
		{"padding of 33", text(length(22), strings.Repeat("a", 22), key, pad(33)...), crypto.ErrUndecryptable},
		{"padding of 0", text(length(7), "success", key, make([]byte, 16)...), crypto.ErrUndecryptable},
		{"padding longer than the text", bytes.Repeat([]byte{17}, 16), crypto.ErrUndecryptable},
		{"nothing but padding", pad(32), crypto.ErrUndecryptable},
		{"one byte of padding differs", text(length(7), "success", key, append([]byte{15}, pad(16)[1:]...)...), crypto.ErrUndecryptable},
		{"no room for the length", append([]byte(random+"abc"), pad(13)...), crypto.ErrUndecryptable},
		{"length of 2^32-1", text("\xff\xff\xff\xff", "success", key, pad(16)...), crypto.ErrUndecryptable},
		{"length that is negative as int32", text("\x80\x00\x00\x00", "success", key, pad(16)...), crypto.ErrUndecryptable},
		{"length one over the rest", text(length(29), "success", key, pad(16)...), crypto.ErrUndecryptable},
		{"no $key", text(length(28), "success", key, pad(16)...), crypto.ErrUndecryptable},
		{"$key with control bytes", text(length(7), "success", "suite\x00h1bvc3t2rmqaym\n", pad(16)...), crypto.ErrUndecryptable},
		{"$key one byte short", text(length(7), "success", key[:20], pad(17)...), &crypto.KeyError{Got: key[:20], Want: key}},
		{"$key one byte longer", text(length(7), "success", key+"1", pad(15)...), &crypto.KeyError{Got: key + "1", Want: key}},
		{"$key in capitals", text(length(7), "success", strings.ToUpper(key), pad(16)...), &crypto.KeyError{Got: strings.ToUpper(key), Want: key}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newCodec(t, options).Open(pack(options, tt.text))
			var got, want *crypto.KeyError
			if errors.As(tt.want, &want) {
				if !errors.As(err, &got) || *got != *want {
					t.Errorf("Open = %v, want %v", err, tt.want)
				}
			} else if !errors.Is(err, tt.want) {
				t.Errorf("Open = %v, want %v", err, tt.want)
			}
		})
	}
}
