package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"

	"suitekeeper/crypto"
	"suitekeeper/suite"
)

func newPushCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "push EVENT --to URL",
		Short: "Act as DingTalk: push an event to a receiver and check its answer",
		Long: `Act as DingTalk: seal an event, push it to any receiver, and check the answer as strictly as DingTalk does.
An answer that DingTalk would take as wrong ends with status 1.

EVENT is an EventType. These have sample members; others are sent with what --data says:

` + pushEvents + `

--data holds a JSON object whose members are laid over the sample's (null removes one). With --sync the
event is sent as a SyncHTTP row, and --data concerns its biz_data. With - as EVENT the whole message is
what --data or, without it, standard input holds, byte for byte.

check_create_suite_url carries ` + crypto.CreationKey + `, as DingTalk sends it while a suite has no key yet,
unless --suite-key gives another. Everything else carries the suite's own key.

--rate or --for start a load test: each push is an event that no other is, with the member PushId.
Ctrl-C ends it, with the report so far.`,
		Example: `  suitekeeper push check_url --to http://127.0.0.1:8080/callback --config suitekeeper.yaml
  suitekeeper push tmp_auth_code --to https://isv.example.com/callback --suite-key suitea --token-file token --aes-key-file aes --corp ding1
  suitekeeper push user_add_org --to http://127.0.0.1:8080/callback -c suitekeeper.yaml --data '{"UserId":["zhangsan"]}'
  suitekeeper push - --to http://127.0.0.1:8080/callback -c suitekeeper.yaml < event.json
  suitekeeper push user_add_org --to http://127.0.0.1:8080/callback -c suitekeeper.yaml --rate 2000 --for 30s --concurrency 64`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeEvent,
	}
	set := cmd.Flags()
	to := set.String("to", "", "callback URL of the receiver")
	data := set.String("data", "", "members to lay over the sample, or with EVENT - the whole message")
	corp := set.String("corp", "dingpushtest", "corpId in the event")
	sync := set.Bool("sync", false, "send as a SyncHTTP row, also an event that exists in HTTP push mode")
	timeout := set.Duration("timeout", 5*time.Second, "how long to wait; DingTalk itself waits 1.5 s, and 1.2 s for SyncHTTP")
	suiteOf := addSuiteFlags(set)
	load := addLoadFlags(set)
	form, lang := addOutputFlag(cmd), addLanguageFlag(cmd, os.Getenv)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		target, err := parseTarget(*to)
		if err != nil {
			return usagef(suite.Text{EN: "--to: %w", ZH: "--to：%w"}, err)
		}
		load.isSet = set.Changed("rate") || set.Changed("for")
		if err := load.check(); err != nil {
			return err
		}
		switch {
		case set.Changed("concurrency") && !load.isSet:
			return usagef(suite.Text{
				EN: "--concurrency is for a load test: give --rate or --for as well",
				ZH: "--concurrency 只用于压力测试：请同时指定 --rate 或 --for",
			})
		case args[0] == rawEvent && (set.Changed("corp") || *sync):
			return usagef(suite.Text{
				EN: "--corp and --sync are for events made here: with EVENT - the message is given whole",
				ZH: "--corp 和 --sync 只用于由本命令生成的事件：EVENT 为 - 时消息须完整给出",
			})
		}
		s, err := suiteOf.suite(os.Environ(), args[0])
		if err != nil {
			return err
		}
		b := &messageBuilder{event: args[0], sync: *sync || isSyncOnly(args[0]), suiteKey: s.Key, corp: *corp, unique: load.isSet}
		if err := b.take(*data, cmd.InOrStdin()); err != nil {
			return err
		}
		s.Key = suiteOf.keyFor(b.eventType(), s.Key) // of a given message the type is known only now
		p, err := newPusher(s, target, *timeout, load.concurrency)
		if err != nil {
			return err
		}
		if load.isSet {
			return runLoad(cmd, p, b, load, askFlags{form: form, lang: lang})
		}
		return runPush(cmd, p, b, askFlags{form: form, lang: lang})
	}
	return cmd
}

// take keeps what --data says: members of the event, or all of it.
func (b *messageBuilder) take(data string, stdin io.Reader) (err error) {
	switch {
	case b.event == rawEvent && data != "":
		b.given = []byte(data)
	case b.event == rawEvent:
		if b.given, err = io.ReadAll(stdin); err != nil {
			return errorf(suite.Text{EN: "read the message from standard input: %w", ZH: "从标准输入读取消息失败：%w"}, err)
		}
	case data != "":
		if b.data, err = parseObject([]byte(data)); err != nil {
			return withHint(usagef(suite.Text{EN: "--data: %w", ZH: "--data：%w"}, err), suite.Text{
				EN: `write a JSON object, as '{"AuthCorpId":"ding1"}'`,
				ZH: `请写成 JSON 对象，例如 '{"AuthCorpId":"ding1"}'`,
			})
		}
	}
	if b.sync && b.event != rawEvent {
		if err := checkSync(b.event); err != nil {
			return usagef(suite.Text{EN: "--sync: %w", ZH: "--sync：%w"}, err)
		}
	}
	if _, err := b.build(time.Now()); err != nil {
		return usagef(suite.Text{EN: "--data: %w", ZH: "--data：%w"}, err)
	}
	return nil
}

// pusher pushes to one receiver as DingTalk does. It is safe for concurrent
// use.
type pusher struct {
	suiteKey   string // the $key
	codec      *crypto.Codec
	target     *url.URL
	client     *http.Client
	wantRandom bool // URL checks must be answered with their Random
}

func newPusher(s SuiteConfig, target *url.URL, timeout time.Duration, connections int) (*pusher, error) {
	codec, err := s.codec()
	if err != nil {
		return nil, withHint(err, suite.Text{EN: "compare with the suite's page in the developer console", ZH: "请与开发者后台中该套件的页面核对"})
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = connections, connections
	client := &http.Client{Transport: transport, Timeout: timeout, CheckRedirect: noRedirect}
	return &pusher{s.Key, codec, target, client, s.URLCheckReply == "random"}, nil
}

// want returns what m must be answered with.
func (p *pusher) want(m message) string {
	if p.wantRandom && m.random != "" {
		return m.random
	}
	return success
}

// seal returns the URL and the body that carry m.
func (p *pusher) seal(m message, now time.Time) (address string, body []byte, err error) {
	e, err := p.codec.Seal(m.text, now)
	if err != nil {
		return "", nil, fmt.Errorf("seal the event: %w", err)
	}
	u := *p.target
	q := u.Query()
	q.Set("signature", e.Signature)
	q.Set("timestamp", e.Timestamp)
	q.Set("nonce", e.Nonce)
	u.RawQuery = q.Encode()
	body, err = json.Marshal(map[string]string{"encrypt": e.Encrypt})
	return u.String(), body, err
}

// send pushes m once. An error says why there was no answer.
func (p *pusher) send(ctx context.Context, m message) (answer, error) {
	began := time.Now()
	address, body, err := p.seal(m, began)
	if err != nil {
		return answer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := p.client.Do(req)
	if err != nil {
		return answer{latency: time.Since(began)}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	return answer{answerOf(resp.StatusCode, resp.Header, text), time.Since(began), redirectOf(resp)}, err
}
