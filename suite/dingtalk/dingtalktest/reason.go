package dingtalktest

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"suitekeeper/crypto"
)

// Flaw is one way in which an answer is wrong.
type Flaw int

// The flaws.
const (
	FlawNone               Flaw = iota
	FlawNotURL                  // the callback URL is none
	FlawLate                    // no answer within [Reason].Limit
	FlawNoAnswer                // why is in Got
	FlawRedirect                // Status
	FlawStatus                  // Status
	FlawContentType             // Got
	FlawEmpty                   // no body
	FlawNotObject               // no JSON object
	FlawBrokenJSON              // a JSON object that is cut off or has a mistake
	FlawMoreObjects             // something behind the JSON object
	FlawTwice                   // a field, whose name is Got
	FlawSmallS                  // timestamp for timeStamp
	FlawMissing                 // Field
	FlawNotString               // Field
	FlawEmptyField              // Field
	FlawMalformedSignature      // see [crypto.ErrMalformedSignature]
	FlawMalformedTimestamp
	FlawMalformedNonce
	FlawMalformedEncrypt
	FlawSignature
	FlawUndecryptable
	FlawKey        // made for the $key Got, not Want
	FlawNotSuccess // another text than success
	FlawNotRandom  // another text than the Random of the check
	flaws          // how many there are
)

// Flaws returns every way in which an answer may be wrong.
func Flaws() []Flaw {
	var all []Flaw
	for f := FlawNone + 1; f < flaws; f++ {
		all = append(all, f)
	}
	return all
}

// wordings are the flaws in words, with placeholders as [Reason.Say] takes them.
var wordings = [flaws]string{
	FlawNotURL:             "callback URL is not a URL",
	FlawLate:               "no answer within {ms} ms",
	FlawNoAnswer:           "no answer: {cause}",
	FlawRedirect:           "status {status}, redirects are not followed",
	FlawStatus:             "status {status}, not 200",
	FlawContentType:        "Content-Type is {got}, not application/json",
	FlawEmpty:              "empty body",
	FlawNotObject:          errNotObject.Error(),
	FlawBrokenJSON:         errBrokenJSON.Error(),
	FlawMoreObjects:        errMoreObjects.Error(),
	FlawTwice:              "field {got} appears twice",
	FlawSmallS:             "field timeStamp missing (there is timestamp: the S must be a capital)",
	FlawMissing:            "field {field} missing",
	FlawNotString:          "field {field} is not a string",
	FlawEmptyField:         "field {field} is empty",
	FlawMalformedSignature: crypto.ErrMalformedSignature.Error(),
	FlawMalformedTimestamp: crypto.ErrMalformedTimestamp.Error(),
	FlawMalformedNonce:     crypto.ErrMalformedNonce.Error(),
	FlawMalformedEncrypt:   crypto.ErrMalformedEncrypt.Error(),
	FlawSignature:          "msg_signature does not sign the answer's own timeStamp, nonce and encrypt",
	FlawUndecryptable:      "encrypt does not decrypt with the suite's EncodingAESKey",
	FlawKey:                "encrypted for $key {got}, not {want}",
	FlawNotSuccess:         "decrypts to another text than success",
	FlawNotRandom:          "decrypts to another text than the Random of the check",
}

// Reason is why an answer is wrong: in which way, and what that is about. The
// zero Reason is none. Reasons can be compared and have few different values,
// so that they can be counted.
type Reason struct {
	Flaw      Flaw
	Status    int
	Limit     time.Duration
	Field     string
	Got, Want string
}

// String says the reason in English; nothing when there is none.
func (r Reason) String() string { return r.Say(wordings[r.Flaw]) }

// Say puts what the reason is about into a wording of its flaw: for {status},
// {ms}, {field} and {cause}, and quoted for {got} and {want}.
func (r Reason) Say(wording string) string {
	return strings.NewReplacer(
		"{status}", strconv.Itoa(r.Status), "{ms}", strconv.FormatInt(r.Limit.Milliseconds(), 10),
		"{field}", r.Field, "{cause}", r.Got, "{got}", strconv.Quote(r.Got), "{want}", strconv.Quote(r.Want),
	).Replace(wording)
}

// reasonOf is the reason for which an answer could not be read or opened.
func reasonOf(err error) Reason {
	var repeated *repeatedError
	var key *crypto.KeyError
	switch {
	case errors.As(err, &repeated):
		return Reason{Flaw: FlawTwice, Got: repeated.field}
	case errors.As(err, &key):
		return Reason{Flaw: FlawKey, Got: key.Got, Want: key.Want}
	}
	for _, of := range []struct {
		err  error
		flaw Flaw
	}{
		{errNotObject, FlawNotObject},
		{errBrokenJSON, FlawBrokenJSON},
		{errMoreObjects, FlawMoreObjects},
		{crypto.ErrMalformedSignature, FlawMalformedSignature},
		{crypto.ErrMalformedTimestamp, FlawMalformedTimestamp},
		{crypto.ErrMalformedNonce, FlawMalformedNonce},
		{crypto.ErrMalformedEncrypt, FlawMalformedEncrypt},
		{crypto.ErrSignature, FlawSignature},
	} {
		if errors.Is(err, of.err) {
			return Reason{Flaw: of.flaw}
		}
	}
	return Reason{Flaw: FlawUndecryptable} // all else that a codec finds
}
