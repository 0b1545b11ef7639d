package crypto

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"
)

// CreationKey is the $key that DingTalk uses while a suite is being created
// and has no suiteKey yet.
const CreationKey = "suite4xxxxxxxxxxxxxxx"

const (
	aesKeyLength = 43 // characters of an EncodingAESKey
	maxKeyLength = 64 // far above any suiteKey; bounds what an error repeats
	maxUnixMilli = 9_999_999_999_999
)

// Options are what a suite and DingTalk share. All are required.
type Options struct {
	Token          string // 3 to 32 letters or digits
	EncodingAESKey string // 43 letters or digits
	Key            string // the $key: the suiteKey, or CreationKey
}

// Format prints the $key only, whatever the verb.
func (o Options) Format(f fmt.State, _ rune) { io.WriteString(f, "options of "+o.Key) }

// MarshalText writes the same as Format. With it go JSON and loggers.
func (o Options) MarshalText() ([]byte, error) { return []byte("options of " + o.Key), nil }

// Codec seals and opens the envelopes of one suite. It is safe for concurrent
// use.
type Codec struct {
	token string
	key   string
	block cipher.Block
	iv    [aes.BlockSize]byte
}

// New returns a Codec. Its errors name the option at fault and do not quote it.
func New(o Options) (*Codec, error) {
	if n := len(o.Token); n < 3 || n > 32 || !areAlphanumeric(o.Token) {
		return nil, errors.New("token must be 3 to 32 letters or digits")
	}
	if len(o.EncodingAESKey) != aesKeyLength || !areAlphanumeric(o.EncodingAESKey) {
		return nil, errors.New("EncodingAESKey must be 43 letters or digits")
	}
	if len(o.Key) > maxKeyLength || !isPrintable(o.Key) {
		return nil, errors.New("$key must be 1 to 64 printable ASCII characters")
	}
	// 43 characters hold two bits more than 32 bytes. DingTalk's generator
	// leaves them set at random, so a strict decoder would refuse good keys.
	aesKey, err := base64.StdEncoding.DecodeString(o.EncodingAESKey + "=")
	if err != nil {
		return nil, errors.New("EncodingAESKey is not base64")
	}
	block, err := aes.NewCipher(aesKey)
	if err != nil {
		return nil, errors.New("EncodingAESKey is no key for AES-256")
	}
	return &Codec{token: o.Token, key: o.Key, block: block, iv: [aes.BlockSize]byte(aesKey)}, nil
}

// Format prints the $key only, whatever the verb.
func (c *Codec) Format(f fmt.State, _ rune) { io.WriteString(f, "codec of "+c.key) }

// Verify tells whether e is well formed and signed with our token, in a time
// that does not depend on how much of the signature is right. It decrypts
// nothing, so e may still not open.
func (c *Codec) Verify(e Envelope) bool {
	return e.Check() == nil && c.signed(e)
}

// Open returns the message in e, which the caller owns. Its errors wrap
// [ErrMalformed], [ErrSignature] or [ErrUndecryptable], or are a [*KeyError],
// and are found in this order. It allocates in proportion to the size of e.
func (c *Codec) Open(e Envelope) ([]byte, error) {
	if err := e.Check(); err != nil {
		return nil, err
	}
	if !c.signed(e) {
		return nil, ErrSignature
	}
	text, err := base64.StdEncoding.DecodeString(e.Encrypt)
	if err != nil {
		return nil, ErrMalformedEncrypt
	}
	if len(text)%aes.BlockSize != 0 {
		return nil, fmt.Errorf("%w: not whole blocks", ErrUndecryptable)
	}
	cipher.NewCBCDecrypter(c.block, c.iv[:]).CryptBlocks(text, text)
	return c.unwrap(text)
}

// Seal encrypts and signs msg for now, with fresh random bytes and a fresh
// nonce. It fails when now has no timestamp of 13 digits or msg is larger than
// the length field can tell.
func (c *Codec) Seal(msg []byte, now time.Time) (Envelope, error) {
	if uint64(len(msg)) > math.MaxUint32 {
		return Envelope{}, errors.New("message too large for an envelope")
	}
	timestamp, err := formatTimestamp(now)
	if err != nil {
		return Envelope{}, err
	}
	text := frame(msg, c.key)
	cipher.NewCBCEncrypter(c.block, c.iv[:]).CryptBlocks(text, text)
	e := Envelope{
		Timestamp: timestamp,
		Nonce:     rand.Text(),
		Encrypt:   base64.StdEncoding.EncodeToString(text),
	}
	e.Signature = Sign(c.token, e.Timestamp, e.Nonce, e.Encrypt)
	return e, nil
}

func (c *Codec) signed(e Envelope) bool {
	var got [sha1.Size]byte
	if _, err := hex.Decode(got[:], []byte(e.Signature)); err != nil {
		return false
	}
	want := digest(c.token, e.Timestamp, e.Nonce, e.Encrypt)
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

func (c *Codec) unwrap(text []byte) ([]byte, error) {
	msg, key, ok := unframe(text)
	switch {
	case !ok:
		return nil, ErrUndecryptable
	case string(key) == c.key:
		return msg, nil
	case len(key) <= maxKeyLength && isPrintable(string(key)):
		return nil, &KeyError{Got: string(key), Want: c.key}
	}
	// A wrong AES key may by chance leave something with a valid padding and
	// length. What follows is then no name of a suite.
	return nil, fmt.Errorf("%w: no $key", ErrUndecryptable)
}

// formatTimestamp pads with zeros, so that instants before September 2001,
// where simulated clocks start, have 13 digits as well.
func formatTimestamp(t time.Time) (string, error) {
	ms := t.UnixMilli()
	if ms < 0 || ms > maxUnixMilli {
		return "", errors.New("time has no timestamp of 13 digits")
	}
	const zeros = "0000000000000"
	digits := strconv.FormatInt(ms, 10)
	return zeros[len(digits):] + digits, nil
}

func areAlphanumeric(s string) bool {
	for i := range len(s) {
		if !isAlphanumeric(s[i]) {
			return false
		}
	}
	return true
}
