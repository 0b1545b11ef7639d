package suite

import (
	"fmt"

	"go.uber.org/zap/zapcore"
)

const masked = "•••"

// Secret is a string that prints as ••• wherever values are printed: fmt,
// JSON, text encodings and zap. Call Reveal for the value itself.
type Secret string

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// Format prints ••• for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, s.String()) }

// String returns •••, or nothing for no secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return masked
}

// GoString returns the same as String.
func (s Secret) GoString() string { return s.String() }

// MarshalText writes the same as String; with it go JSON, YAML and zap.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalLogObject keeps zap's reflection away from the value.
func (s Secret) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	enc.AddString("secret", s.String())
	return nil
}
