package dingtalktest

import (
	"errors"
	"fmt"
	"mime"
	"net/http"

	"suitekeeper/crypto"
)

// The codes of DingTalk's console for what is wrong with an answer.
const (
	codeNotSuccess = 71009
	codeNotURL     = 71011
	codeNoAnswer   = 71012
)

// success is the text that answers a push.
const success = "success"

// Answer is what a receiver answered to a push.
type Answer struct {
	Status      int
	ContentType string
	Body        []byte
}

// Verdict is what DingTalk thinks of an answer.
type Verdict struct {
	Code   int    // as its console shows it; 0 for a right answer
	Reason string // why it is wrong, in few different words, so that reasons can be counted
	Text   string // what the answer decrypts to, as far as it got
}

// String is how the console shows a verdict; nothing for a right answer.
func (v Verdict) String() string {
	switch {
	case v.Code == 0:
		return ""
	case v.Code != codeNotSuccess:
		return fmt.Sprintf("%d: %s", v.Code, v.Reason)
	case v.Text != "":
		return fmt.Sprintf("%d: answer is not the encrypted success: %s: %q", v.Code, v.Reason, abbreviated(v.Text))
	default:
		return fmt.Sprintf("%d: answer is not the encrypted success: %s", v.Code, v.Reason)
	}
}

// wrong is the verdict for whatever is not the encrypted success.
func wrong(format string, args ...any) Verdict {
	return Verdict{Code: codeNotSuccess, Reason: fmt.Sprintf(format, args...)}
}

// Judge looks at an answer as strictly as DingTalk does. It must have come in
// time; see [Mode.Limit]. The codec is the one that sealed the push, and want
// the text that must come back: success, or the Random of a URL check.
func Judge(codec *crypto.Codec, want string, a Answer) Verdict {
	switch media, _, _ := mime.ParseMediaType(a.ContentType); {
	case a.Status >= 300 && a.Status < 400:
		return wrong("status %d, redirects are not followed", a.Status)
	case a.Status != http.StatusOK:
		return wrong("status %d, not 200", a.Status)
	case media != "application/json":
		return wrong("Content-Type is %q, not application/json", media)
	case len(a.Body) == 0:
		return wrong("empty body")
	}
	f, err := parseObject(a.Body)
	if err != nil {
		return wrong("%v", err)
	}
	for _, name := range []string{"msg_signature", "timeStamp", "nonce", "encrypt"} {
		if v := checkField(f, name); v.Code != 0 {
			return v
		}
	}
	r := crypto.Reply{
		MsgSignature: f.text("msg_signature"),
		TimeStamp:    f.text("timeStamp"),
		Nonce:        f.text("nonce"),
		Encrypt:      f.text("encrypt"),
	}
	return judgeEnvelope(codec, want, r.Envelope())
}

func checkField(f fields, name string) Verdict {
	raw, ok := f[name]
	switch {
	case !ok && name == "timeStamp" && f["timestamp"] != nil:
		return wrong("field timeStamp missing (there is timestamp: the S must be a capital)")
	case !ok:
		return wrong("field %s missing", name)
	case f.text(name) == "" && len(raw) > 0 && raw[0] != '"':
		return wrong("field %s is not a string", name)
	case f.text(name) == "":
		return wrong("field %s is empty", name)
	}
	return Verdict{}
}

func judgeEnvelope(codec *crypto.Codec, want string, e crypto.Envelope) Verdict {
	text, err := codec.Open(e)
	var key *crypto.KeyError
	switch {
	case errors.As(err, &key):
		return wrong("encrypted for $key %q, not %q", key.Got, key.Want)
	case errors.Is(err, crypto.ErrSignature):
		return wrong("msg_signature does not sign the answer's own timeStamp, nonce and encrypt")
	case errors.Is(err, crypto.ErrUndecryptable):
		return wrong("encrypt does not decrypt with the suite's EncodingAESKey")
	case err != nil:
		return wrong("%v", err)
	}
	v := Verdict{Text: string(text)}
	switch {
	case v.Text == want:
	case want == success:
		v.Code, v.Reason = codeNotSuccess, "decrypts to another text than success"
	default:
		v.Code, v.Reason = codeNotSuccess, "decrypts to another text than the Random of the check"
	}
	return v
}

// abbreviated keeps a receiver that answers with its whole input out of logs.
func abbreviated(text string) string {
	const enough = 20
	if len(text) > enough {
		return text[:enough] + "…"
	}
	return text
}
