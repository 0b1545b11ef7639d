package crypto_test

import (
	"encoding/json"
	"os"
	"testing"

	"suitekeeper/crypto"
)

type vector struct {
	ID             string  `json:"id"`
	Token          string  `json:"token"`
	EncodingAESKey string  `json:"encoding_aes_key"`
	OwnerKey       string  `json:"owner_key"`
	Timestamp      string  `json:"timestamp"`
	Nonce          string  `json:"nonce"`
	Encrypt        string  `json:"encrypt"`
	Signature      string  `json:"signature"`
	Plaintext      *string `json:"plaintext"`
	Expect         string  `json:"expect"`
}

func (v vector) envelope() crypto.Envelope {
	return crypto.Envelope{Signature: v.Signature, Timestamp: v.Timestamp, Nonce: v.Nonce, Encrypt: v.Encrypt}
}

func (v vector) options() crypto.Options {
	return crypto.Options{Token: v.Token, EncodingAESKey: v.EncodingAESKey, Key: v.OwnerKey}
}

func vectors(tb testing.TB) []vector {
	tb.Helper()
	raw, err := os.ReadFile("testdata/envelope.json")
	if err != nil {
		tb.Fatal(err)
	}
	var file struct{ Vectors []vector }
	if err := json.Unmarshal(raw, &file); err != nil {
		tb.Fatal(err)
	}
	if len(file.Vectors) < 37 {
		tb.Fatalf("testdata has %d vectors, want at least 37", len(file.Vectors))
	}
	return file.Vectors
}

func TestOpenDoesAsTheVectorsSay(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.ID, func(t *testing.T) {
			got, err := newCodec(t, v.options()).Open(v.envelope())
			switch {
			case v.Expect == "accept":
				if err != nil || string(got) != *v.Plaintext {
					t.Errorf("Open = %q, %v, want %q", got, err, *v.Plaintext)
				}
			case v.ID == "neg-plaintext-not-json":
				// Authentic. What is in the message is the caller's affair.
				if err != nil || json.Valid(got) {
					t.Errorf("Open = %q, %v, want a text that is no JSON", got, err)
				}
			default: // also neg-pad-inconsistent, where peers differ
				if err == nil {
					t.Errorf("Open = %q, want an error", got)
				}
			}
		})
	}
}

func TestSignMakesTheVectorsSignatures(t *testing.T) {
	for _, v := range vectors(t) {
		if v.Expect != "accept" {
			continue
		}
		if got := crypto.Sign(v.Token, v.Timestamp, v.Nonce, v.Encrypt); got != v.Signature {
			t.Errorf("%s: Sign = %s, want %s", v.ID, got, v.Signature)
		}
	}
}
