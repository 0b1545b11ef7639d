package main

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"suitekeeper/crypto"
)

// How long DingTalk waits for an answer.
const (
	waitHTTP = 1500 * time.Millisecond
	waitSync = 1200 * time.Millisecond
)

const success = "success"

// maxReply bounds how much of an answer is read; a right one is far smaller.
const maxReply = 64 << 10

// answer is what came back for one push.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	latency time.Duration
}

// limit returns how long DingTalk would wait for the answer to m.
func (m message) limit() time.Duration {
	if m.sync {
		return waitSync
	}
	return waitHTTP
}

// judge looks at an answer as strictly as DingTalk does. It returns the
// decrypted reply, as far as it got, and why the answer is wrong: in few
// different sentences, so that they can be counted. No reason means right.
func judge(c *crypto.Codec, a answer, want string, limit time.Duration) (reply, reason string) {
	media, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	switch {
	case a.status >= 300 && a.status < 400:
		return "", fmt.Sprintf("status %d: DingTalk follows no redirects", a.status)
	case a.status != http.StatusOK:
		return "", fmt.Sprintf("status %d, not 200", a.status)
	case media != "application/json":
		return "", "Content-Type is not application/json"
	}
	r, reason := parseReply(a.body)
	if reason != "" {
		return "", reason
	}
	msg, err := c.Open(r.Envelope())
	switch {
	case err != nil:
		return "", openReason(err)
	case string(msg) != want:
		return abbreviate(string(msg)), "decrypts to something else than " + want
	case a.latency > limit:
		return want, lateReason(limit)
	default:
		return want, ""
	}
}

// parseReply takes the body apart: one object, no name twice, every member
// there under exactly its name, and a string.
func parseReply(body []byte) (r crypto.Reply, reason string) {
	members := map[string]any{}
	if err := json.Unmarshal(body, &members); err != nil {
		return r, "body is not one JSON object whose names differ"
	}
	for _, m := range []struct {
		name string
		text *string
	}{
		{"msg_signature", &r.MsgSignature}, {"timeStamp", &r.TimeStamp}, {"nonce", &r.Nonce}, {"encrypt", &r.Encrypt},
	} {
		value, there := members[m.name]
		text, isString := value.(string)
		switch {
		case !there && m.name == "timeStamp" && members["timestamp"] != nil:
			return r, "timeStamp is missing; timestamp, with a small s, is another name"
		case !there:
			return r, m.name + " is missing"
		case !isString:
			return r, m.name + " is not a string"
		}
		*m.text = text
	}
	return r, ""
}

// openReason says why an envelope does not open.
func openReason(err error) string {
	var key *crypto.KeyError
	switch {
	case errors.As(err, &key):
		return fmt.Sprintf("encrypted for the suite key %q, not %q", key.Got, key.Want)
	case errors.Is(err, crypto.ErrSignature):
		return "msg_signature does not sign the reply's own timeStamp, nonce and encrypt"
	case errors.Is(err, crypto.ErrUndecryptable):
		return "encrypt does not decrypt with the suite's AES key"
	default:
		return err.Error()
	}
}

func lateReason(limit time.Duration) string {
	return fmt.Sprintf("no answer within %d ms", limit.Milliseconds())
}

// failReason says in few different words why there was no answer at all, from
// the text of an error: the load generator hands on no more. Its last part is
// the cause. What stands before holds the URL with its signature, and ports
// that differ from push to push.
func failReason(text string, limit time.Duration) string {
	if strings.Contains(text, "Client.Timeout") {
		return lateReason(limit)
	}
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	return "no answer: " + text
}

// abbreviate keeps a receiver that answers with much out of the report.
func abbreviate(text string) string {
	const enough = 200
	text = strings.ToValidUTF8(text, "�")
	if r := []rune(text); len(r) > enough {
		return string(r[:enough]) + "…"
	}
	return text
}
