package dingtalktest

import (
	"errors"
	"fmt"
	"mime"
	"net/http"

	"suitekeeper/crypto"
)

// verdict is what DingTalk thinks of an answer. Code 0 is a success.
type verdict struct {
	code   int
	reason string
}

// String is how the console shows a verdict; nothing for a success.
func (v verdict) String() string {
	if v.code == 0 {
		return ""
	}
	return fmt.Sprintf("%d: %s", v.code, v.reason)
}

// wrong is DingTalk's verdict for whatever is not the encrypted success.
func wrong(format string, args ...any) verdict {
	return verdict{71009, "answer is not the encrypted success: " + fmt.Sprintf(format, args...)}
}

// judge looks at an answer that came in time as strictly as DingTalk does.
func (t target) judge(r reply) verdict {
	switch media, _, _ := mime.ParseMediaType(r.mimeType); {
	case r.status >= 300 && r.status < 400:
		return wrong("status %d, redirects are not followed", r.status)
	case r.status != http.StatusOK:
		return wrong("status %d, not 200", r.status)
	case media != "application/json":
		return wrong("Content-Type is %q, not application/json", media)
	case len(r.body) == 0:
		return wrong("empty body")
	}
	f, err := parseObject(r.body)
	if err != nil {
		return wrong("%v", err)
	}
	for _, name := range []string{"msg_signature", "timeStamp", "nonce", "encrypt"} {
		if v := checkField(f, name); v.code != 0 {
			return v
		}
	}
	return t.judgeEnvelope(crypto.Reply{
		MsgSignature: f.text("msg_signature"),
		TimeStamp:    f.text("timeStamp"),
		Nonce:        f.text("nonce"),
		Encrypt:      f.text("encrypt"),
	})
}

func checkField(f fields, name string) verdict {
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
	return verdict{}
}

func (t target) judgeEnvelope(r crypto.Reply) verdict {
	msg, err := t.codec.Open(r.Envelope())
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
	case string(msg) != t.want && t.want == "success":
		return wrong("decrypts to %q, not success", abbreviated(msg))
	case string(msg) != t.want:
		return wrong("decrypts to %q, not the Random of the check", abbreviated(msg))
	}
	return verdict{}
}

// abbreviated keeps a receiver that answers with its whole input out of logs.
func abbreviated(msg []byte) string {
	const enough = 20
	if len(msg) > enough {
		return string(msg[:enough]) + "…"
	}
	return string(msg)
}
