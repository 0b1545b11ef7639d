package handler

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"suitekeeper/crypto"
)

// maxKeptBuffer is the capacity above which a buffer is not used again: pushes
// have a few hundred bytes, and one large push should not hold memory for ever.
const maxKeptBuffer = 64 << 10

// requestReader reads the bodies of requests, one at a time. It is reused,
// because the buffers in it are what a push costs most.
type requestReader struct {
	body bytes.Buffer
	json jsontext.Decoder
}

// read takes the body in, up to max bytes. It grows with what arrives, not
// with what a Content-Length announces.
func (r *requestReader) read(body io.Reader, max int64) error {
	r.body.Reset()
	n, err := r.body.ReadFrom(io.LimitReader(body, max+1))
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("%w: the body did not arrive within the budget", errUnavailable)
	case errors.Is(err, errOverloaded):
		return err
	case err != nil:
		return fmt.Errorf("%w: the body did not arrive in full", errBadRequest)
	case n > max:
		return errTooLarge
	}
	return nil
}

// reusable tells whether the reader may be kept for another request.
func (r *requestReader) reusable() bool { return r.body.Cap() <= maxKeptBuffer }

// parse makes an envelope of the query and the body that was read, and checks
// the form of its values. Errors wrap errBadRequest or crypto.ErrMalformed and
// quote nothing of the request.
func (r *requestReader) parse(rawQuery string) (crypto.Envelope, error) {
	e, err := parseQuery(rawQuery)
	if err != nil {
		return crypto.Envelope{}, err
	}
	if e.Encrypt, err = r.encrypt(); err != nil {
		return crypto.Envelope{}, err
	}
	return e, e.Check()
}

// parseQuery reads what the signature is about, all but encrypt. Newer
// subscriptions use other names for two of the parameters.
func parseQuery(raw string) (crypto.Envelope, error) {
	var signature, msgSignature, timestamp, timeStamp, nonce parameter
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		name, value, err := unescapePair(pair)
		if err != nil {
			return crypto.Envelope{}, err
		}
		switch name {
		case "signature":
			signature.add(value)
		case "msg_signature":
			msgSignature.add(value)
		case "timestamp":
			timestamp.add(value)
		case "timeStamp":
			timeStamp.add(value)
		case "nonce":
			nonce.add(value)
		}
	}
	var e crypto.Envelope
	var err error
	if e.Signature, err = either("signature", signature, msgSignature); err != nil {
		return crypto.Envelope{}, err
	}
	if e.Timestamp, err = either("timestamp", timestamp, timeStamp); err != nil {
		return crypto.Envelope{}, err
	}
	if e.Nonce, err = either("nonce", nonce, parameter{}); err != nil {
		return crypto.Envelope{}, err
	}
	return e, nil
}

// unescapePair refuses what parsers read differently: a semicolon, which some
// take for a separator, and broken escapes.
func unescapePair(pair string) (name, value string, err error) {
	if strings.Contains(pair, ";") {
		return "", "", fmt.Errorf("%w: the query holds a semicolon", errBadRequest)
	}
	name, value, _ = strings.Cut(pair, "=")
	if name, err = url.QueryUnescape(name); err == nil {
		value, err = url.QueryUnescape(value)
	}
	if err != nil {
		return "", "", fmt.Errorf("%w: the query holds a broken escape", errBadRequest)
	}
	return name, value, nil
}

// parameter is a parameter of the query as often as it was there.
type parameter struct {
	value string
	count int
}

func (p *parameter) add(value string) {
	p.value = value
	p.count++
}

// either returns the value of a parameter that may come under two names.
func either(name string, a, b parameter) (string, error) {
	switch {
	case a.count+b.count == 0:
		return "", fmt.Errorf("%w: %s is missing", errBadRequest, name)
	case a.count > 1 || b.count > 1:
		return "", fmt.Errorf("%w: %s is repeated", errBadRequest, name)
	case a.count == 1 && b.count == 1 && a.value != b.value:
		return "", fmt.Errorf("%w: %s is there twice and different", errBadRequest, name)
	case a.count == 1:
		return a.value, nil
	}
	return b.value, nil
}

// encrypt reads the body, which must be one JSON object with the string
// encrypt. The decoder refuses duplicate names; other members are ignored.
func (r *requestReader) encrypt() (string, error) {
	r.json.Reset(&r.body)
	if tok, err := r.json.ReadToken(); err != nil || tok.Kind() != '{' {
		return "", errNoObject
	}
	var value string
	found := false
	for r.json.PeekKind() == '"' {
		name, err := r.json.ReadToken()
		if err != nil {
			return "", bodyError(err)
		}
		if name.String() != "encrypt" {
			if err := r.json.SkipValue(); err != nil {
				return "", bodyError(err)
			}
			continue
		}
		tok, err := r.json.ReadToken()
		if err != nil {
			return "", errNoObject
		}
		if tok.Kind() != '"' {
			return "", fmt.Errorf("%w: encrypt is no string", errBadRequest)
		}
		value, found = tok.String(), true
	}
	if err := r.end(); err != nil {
		return "", err
	}
	if !found {
		return "", fmt.Errorf("%w: encrypt is missing", errBadRequest)
	}
	return value, nil
}

var errNoObject = fmt.Errorf("%w: the body is not one JSON object", errBadRequest)

// bodyError tells a name that is there twice from what is no JSON at all. It
// names no member but encrypt, because the others are the peer's words.
func bodyError(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case !errors.Is(err, jsontext.ErrDuplicateName) || !errors.As(err, &syntax):
		return errNoObject
	case syntax.JSONPointer == "/encrypt":
		return fmt.Errorf("%w: encrypt is repeated", errBadRequest)
	}
	return fmt.Errorf("%w: the body holds an object with a repeated name", errBadRequest)
}

// end reads the end of the object and of the body.
func (r *requestReader) end() error {
	if _, err := r.json.ReadToken(); err != nil {
		return errNoObject
	}
	if _, err := r.json.ReadToken(); !errors.Is(err, io.EOF) {
		return errNoObject
	}
	return nil
}
