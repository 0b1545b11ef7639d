package dingtalktest

import (
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
	Reason Reason // why it is wrong; none for a right answer
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

// Judge looks at an answer as strictly as DingTalk does. It must have come in
// time; see [Mode.Limit]. The codec is the one that sealed the push, and want
// the text that must come back: success, or the Random of a URL check.
func Judge(codec *crypto.Codec, want string, a Answer) Verdict {
	text, reason := judge(codec, want, a)
	v := Verdict{Reason: reason, Text: text}
	if reason != (Reason{}) {
		v.Code = codeNotSuccess
	}
	return v
}

// judge returns the decrypted text, as far as it gets, and the first thing that
// is wrong.
func judge(codec *crypto.Codec, want string, a Answer) (string, Reason) {
	switch media, _, _ := mime.ParseMediaType(a.ContentType); {
	case a.Status >= 300 && a.Status < 400:
		return "", Reason{Flaw: FlawRedirect, Status: a.Status}
	case a.Status != http.StatusOK:
		return "", Reason{Flaw: FlawStatus, Status: a.Status}
	case media != "application/json":
		return "", Reason{Flaw: FlawContentType, Got: media}
	case len(a.Body) == 0:
		return "", Reason{Flaw: FlawEmpty}
	}
	f, err := parseObject(a.Body)
	if err != nil {
		return "", reasonOf(err)
	}
	for _, name := range []string{"msg_signature", "timeStamp", "nonce", "encrypt"} {
		if flaw := checkField(f, name); flaw != FlawNone {
			return "", Reason{Flaw: flaw, Field: name}
		}
	}
	r := crypto.Reply{
		MsgSignature: f.text("msg_signature"),
		TimeStamp:    f.text("timeStamp"),
		Nonce:        f.text("nonce"),
		Encrypt:      f.text("encrypt"),
	}
	text, err := codec.Open(r.Envelope())
	switch {
	case err != nil:
		return "", reasonOf(err)
	case string(text) == want:
		return want, Reason{}
	case want == success:
		return string(text), Reason{Flaw: FlawNotSuccess}
	}
	return string(text), Reason{Flaw: FlawNotRandom}
}

func checkField(f fields, name string) Flaw {
	raw, ok := f[name]
	switch {
	case !ok && name == "timeStamp" && f["timestamp"] != nil:
		return FlawSmallS
	case !ok:
		return FlawMissing
	case f.text(name) == "" && len(raw) > 0 && raw[0] != '"':
		return FlawNotString
	case f.text(name) == "":
		return FlawEmptyField
	}
	return FlawNone
}

// abbreviated keeps a receiver that answers with its whole input out of logs.
func abbreviated(text string) string {
	const enough = 20
	if len(text) > enough {
		return text[:enough] + "…"
	}
	return text
}
