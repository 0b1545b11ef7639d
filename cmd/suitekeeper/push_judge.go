package main

import (
	"net/http"
	"strings"
	"time"

	"suitekeeper/suite/dingtalk/dingtalktest"
)

const success = "success"

// maxReply bounds how much of an answer is read; a right one is far smaller.
const maxReply = 64 << 10

// answer is what came back for one push.
type answer struct {
	dingtalktest.Answer
	latency  time.Duration
	location string // of a redirect
}

func answerOf(status int, header http.Header, body []byte) dingtalktest.Answer {
	return dingtalktest.Answer{Status: status, ContentType: header.Get("Content-Type"), Body: body}
}

// redirectOf is where an answer redirects to, without the query, which would
// hold the push's signature.
func redirectOf(resp *http.Response) string {
	to, err := resp.Location()
	if err != nil {
		return ""
	}
	to.RawQuery = ""
	return to.Redacted()
}

// limit returns how long DingTalk would wait for the answer to m.
func (m message) limit() time.Duration {
	if m.sync {
		return dingtalktest.SyncHTTP.Limit()
	}
	return dingtalktest.HTTP.Limit()
}

// judge looks at an answer as strictly as DingTalk does. It returns the
// decrypted reply, as far as it got, and why the answer is wrong. No reason
// means right.
func (p *pusher) judge(a answer, want string, limit time.Duration) (reply string, reason dingtalktest.Reason) {
	v := dingtalktest.Judge(p.codec, want, a.Answer)
	if v.Code == 0 && a.latency > limit {
		v.Reason = lateReason(limit)
	}
	return abbreviate(v.Text), v.Reason
}

func lateReason(limit time.Duration) dingtalktest.Reason {
	return dingtalktest.Reason{Flaw: dingtalktest.FlawLate, Limit: limit}
}

// failReason says in few different words why there was no answer at all, from
// the text of an error: the load generator hands on no more. Its last part is
// the cause, or all that is said of a certificate. What stands before holds the
// URL with its signature, and ports that differ from push to push.
func failReason(text string, limit time.Duration) dingtalktest.Reason {
	if strings.Contains(text, "Client.Timeout") {
		return lateReason(limit)
	}
	if i := strings.Index(text, "x509: "); i >= 0 {
		text, _, _ = strings.Cut(text[i:], ": current time") // which differs from push to push
	} else if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	return dingtalktest.Reason{Flaw: dingtalktest.FlawNoAnswer, Got: text}
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
