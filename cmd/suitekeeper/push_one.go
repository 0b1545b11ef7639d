package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"suitekeeper/crypto"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// pushResult is what came of one push.
type pushResult struct {
	Event     string  `json:"event"`
	URL       string  `json:"url"`
	Accepted  bool    `json:"accepted"`
	Reason    string  `json:"reason,omitempty"` // why not
	Status    int     `json:"status,omitempty"` // none without an answer
	LatencyMS float64 `json:"latency_ms"`
	Reply     string  `json:"reply,omitempty"` // decrypted
	Body      string  `json:"body,omitempty"`  // of an answer that is no reply
}

// errWrongAnswer says that a push or more were answered wrongly. Why is in the
// result printed before.
var errWrongAnswer = errors.New("DingTalk would take this answer as wrong and push again")

// runPush pushes one event and prints what came of it.
func runPush(cmd *cobra.Command, p *pusher, b *messageBuilder, form output) error {
	m, err := b.build(time.Now())
	if err != nil {
		return err
	}
	a, err := p.send(cmd.Context(), m)
	if cmd.Context().Err() != nil {
		return cmd.Context().Err()
	}
	r := pushResult{Event: b.event, URL: p.target.Redacted(), Status: a.Status, LatencyMS: milliseconds(a.latency)}
	var reason dingtalktest.Reason
	if err != nil {
		reason = failReason(err.Error(), p.client.Timeout)
	} else {
		r.Reply, reason = p.judge(a, p.want(m), m.limit())
		if reason.Flaw != dingtalktest.FlawNone && r.Reply == "" {
			r.Body = abbreviate(string(a.Body))
		}
	}
	r.Accepted, r.Reason = reason.Flaw == dingtalktest.FlawNone, reason.String()
	if err := r.print(cmd.OutOrStdout(), form); err != nil {
		return err
	}
	if !r.Accepted {
		return withHint(errWrongAnswer, "%s", cmp.Or(connectionCure(err, p.target), cureFor(r.Status, p)))
	}
	return nil
}

func (r pushResult) print(w io.Writer, form output) error {
	if form == outputJSON {
		return printJSON(w, r)
	}
	verdict := "accepted"
	if !r.Accepted {
		verdict = "wrong: " + r.Reason
	}
	_, err := fmt.Fprintf(w, "%s to %s\n%s\n  latency  %.1f ms\n", r.Event, r.URL, verdict, r.LatencyMS)
	for _, line := range []struct{ name, text string }{{"reply", r.Reply}, {"body", r.Body}} {
		if line.text != "" && err == nil {
			_, err = fmt.Fprintf(w, "  %-8s %s\n", line.name, line.text)
		}
	}
	return err
}

// connectionCure says what to do about err, when it tells that target speaks
// TLS otherwise than asked.
func connectionCure(err error, target *url.URL) string {
	if speaksNoTLS(err) {
		return "the receiver speaks no TLS there: give --to with http://"
	}
	cure := certificateCure(err, "--to", target.Redacted())
	if cure != "" {
		cure = "DingTalk pushes only where the certificate is valid for the host and comes from a public authority; " + cure
	}
	return cure
}

// cureFor says what to look at after p was answered wrongly with the HTTP status.
func cureFor(status int, p *pusher) string {
	switch {
	case status == 0:
		return "check that the receiver runs and that --to names its address"
	case status == http.StatusOK:
		return "the receiver must answer with the encrypted text success under the same token, AES key and suite key"
	case status == http.StatusForbidden && p.suiteKey == crypto.CreationKey:
		return "while a suite is being created the receiver must have the key " + crypto.CreationKey +
			"; afterwards check_update_suite_url is what DingTalk sends; compare token and AES key, too"
	case status == http.StatusForbidden:
		return "compare token, AES key and suite key with the receiver's"
	case status == http.StatusNotFound:
		return "check the path in --to and the suite key"
	case status == http.StatusBadRequest && p.target.Scheme == "http":
		return "look at the receiver's log; where it speaks TLS, give --to with https://"
	default:
		return "look at the receiver's log"
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
