package main

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"suitekeeper/crypto"
	"suitekeeper/suite"
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
var errWrongAnswer = errorf(suite.Text{EN: "DingTalk would take this answer as wrong and push again", ZH: "钉钉会认为此应答不正确并重新推送"})

// runPush pushes one event and prints what came of it.
func runPush(cmd *cobra.Command, p *pusher, b *messageBuilder, flags askFlags) error {
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
	if err := flags.show(cmd, r, func(v view) string { return v.pushed(r, reason) }); err != nil {
		return err
	}
	if !r.Accepted {
		return withHint(errWrongAnswer, cmp.Or(connectionCure(err, p.target), cureFor(r.Status, p)))
	}
	return nil
}

// What push says.
var (
	pushTo       = suite.Text{EN: "%s to %s", ZH: "%s 推送到 %s"}
	pushAccepted = suite.Text{EN: "accepted", ZH: "应答正确"}
	pushWrong    = suite.Text{EN: "wrong: %s", ZH: "应答不正确：%s"}
	pushLatency  = suite.Text{EN: "  latency  %.1f ms", ZH: "  耗时  %.1f 毫秒"}
	pushReply    = suite.Text{EN: "  reply    %s", ZH: "  应答  %s"}
	pushBody     = suite.Text{EN: "  body     %s", ZH: "  内容  %s"}
)

// pushed tells what came of one push.
func (v view) pushed(r pushResult, reason dingtalktest.Reason) string {
	judged := v.say(pushAccepted)
	if !r.Accepted {
		judged = v.say(pushWrong, verdict(reason))
	}
	lines := []string{v.say(pushTo, r.Event, r.URL), judged, v.say(pushLatency, r.LatencyMS)}
	if r.Reply != "" {
		lines = append(lines, v.say(pushReply, r.Reply))
	}
	if r.Body != "" {
		lines = append(lines, v.say(pushBody, r.Body))
	}
	return strings.Join(lines, "\n") + "\n"
}

// connectionCure says what to do about err, when it tells that target speaks
// TLS otherwise than asked.
func connectionCure(err error, target *url.URL) suite.Text {
	if speaksNoTLS(err) {
		return suite.Text{
			EN: "the receiver speaks no TLS there: give --to with http://",
			ZH: "接收方没有启用 TLS：--to 请以 http:// 开头",
		}
	}
	cure := certificateCure(err, "--to", target.Redacted())
	if cure == (suite.Text{}) {
		return cure
	}
	return both(suite.Text{
		EN: "DingTalk pushes only where the certificate is valid for the host and comes from a public authority; %s",
		ZH: "钉钉只向证书与域名相符且由公共机构签发的地址推送；%s",
	}, cure)
}

// cureFor says what to look at after p was answered wrongly with the HTTP status.
func cureFor(status int, p *pusher) suite.Text {
	switch {
	case status == 0:
		return suite.Text{EN: "check that the receiver runs and that --to names its address", ZH: "请确认接收方正在运行，且 --to 是它的地址"}
	case status == http.StatusOK:
		return suite.Text{
			EN: "the receiver must answer with the encrypted text success under the same token, AES key and suite key",
			ZH: "接收方必须用相同的 token、AES key 和 suite key 返回加密的 success",
		}
	case status == http.StatusForbidden && p.suiteKey == crypto.CreationKey:
		return both(suite.Text{
			EN: "while a suite is being created the receiver must have the key %s; afterwards check_update_suite_url is what DingTalk sends; compare token and AES key, too",
			ZH: "套件创建期间接收方的 key 必须为 %s；创建之后钉钉发送的是 check_update_suite_url；请同时核对 token 和 AES key",
		}, crypto.CreationKey)
	case status == http.StatusForbidden:
		return suite.Text{
			EN: "compare token, AES key and suite key with the receiver's",
			ZH: "请与接收方核对 token、AES key 和 suite key",
		}
	case status == http.StatusNotFound:
		return suite.Text{EN: "check the path in --to and the suite key", ZH: "请检查 --to 中的路径和 suite key"}
	case status == http.StatusBadRequest && p.target.Scheme == "http":
		return suite.Text{
			EN: "look at the receiver's log; where it speaks TLS, give --to with https://",
			ZH: "请查看接收方的日志；如果它启用了 TLS，--to 请以 https:// 开头",
		}
	default:
		return suite.Text{EN: "look at the receiver's log", ZH: "请查看接收方的日志"}
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
