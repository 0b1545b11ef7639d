package crypto

import (
	"errors"
	"fmt"
)

// The reasons for which an envelope is refused, beside [*KeyError]. They come
// wrapped; test for them with errors.Is.
var (
	// ErrMalformed says that a value of the envelope has not the form that
	// DingTalk gives it. Nothing was computed.
	ErrMalformed = errors.New("malformed envelope")
	// ErrSignature says that the envelope was not signed with our token.
	ErrSignature = errors.New("signature does not match")
	// ErrUndecryptable says that the token is right and yet the text makes no
	// sense, which most often means that the AES key is wrong.
	ErrUndecryptable = errors.New("signed with the token but not encrypted with the AES key")
)

// Which value of an envelope is malformed. They wrap [ErrMalformed].
var (
	ErrMalformedSignature = fmt.Errorf("%w: signature is not 40 hexadecimal digits", ErrMalformed)
	ErrMalformedTimestamp = fmt.Errorf("%w: timestamp is not 10 or 13 digits", ErrMalformed)
	ErrMalformedNonce     = fmt.Errorf("%w: nonce is not 1 to 64 printable ASCII characters", ErrMalformed)
	ErrMalformedEncrypt   = fmt.Errorf("%w: encrypt is not standard base64", ErrMalformed)
)

// KeyError says that token and AES key are right but that the envelope was
// made for another $key than ours, as happens with [CreationKey] while a suite
// is being created, and after.
type KeyError struct {
	Got  string // the $key of the envelope
	Want string // the $key of the codec
}

// Error names both keys, which are no secrets.
func (e *KeyError) Error() string {
	return fmt.Sprintf("envelope is for $key %q, want %q", e.Got, e.Want)
}
