package dingtalktest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"

	"suitekeeper/crypto"
)

// Event types of URL checks.
const (
	CheckCreateSuiteURL = "check_create_suite_url" // sealed with the key of suites under creation
	CheckUpdateSuiteURL = "check_update_suite_url"
	CheckURLEvent       = "check_url"
)

// PushEvent queues any event: msg is pushed as it is, sound or not. The id
// finds it in the records.
func (p *Platform) PushEvent(suite string, msg []byte) (id int64, err error) {
	err = p.onSuite("push event", suite, func(s *suiteState) error {
		f, _ := parseObject(msg) // what is no JSON has neither a type nor a corp
		d := &delivery{
			suite: s, kind: eventPush, msg: bytes.Clone(msg), event: f.text("EventType"),
			corp: cmp.Or(f.text("AuthCorpId"), f.text("CorpId"), f.text("corpId")),
		}
		p.enqueue(d)
		id = d.id
		return nil
	})
	return id, err
}

func (p *Platform) pushEvent(s *suiteState, c *corpState, event string, msg object) {
	p.enqueue(&delivery{suite: s, kind: eventPush, corp: c.id, event: event, msg: encode(msg)})
}

// CheckURL pushes a URL check of the given type at once, as the developer
// console does when a URL is registered, and returns the verdict. It needs no
// Run. The error says that nothing was pushed, or that ctx ended.
func (p *Platform) CheckURL(ctx context.Context, suite, eventType string) (Push, error) {
	var t target
	err := p.onSuite("check url", suite, func(s *suiteState) error {
		t = p.targetOf(s)
		t.want = success
		msg := object{"EventType": eventType}
		switch eventType {
		case CheckCreateSuiteURL, CheckUpdateSuiteURL:
			random := p.ids.text(8)
			msg["Random"], msg["TestSuiteKey"] = random, s.Key
			if s.WantsRandom {
				t.want = random
			}
			if eventType == CheckCreateSuiteURL {
				t.codec, msg["TestSuiteKey"] = s.creation, crypto.CreationKey
			}
		case CheckURLEvent:
		default:
			return fmt.Errorf("%w: %q is no URL check", ErrInvalid, eventType)
		}
		p.lastID++
		t.push = Push{ID: p.lastID, Attempt: 1, Suite: s.Key, Event: eventType, Message: encode(msg)}
		return nil
	})
	if err != nil {
		return Push{}, err
	}
	push := p.try(ctx, t)
	if p.ownClient && !p.running.Load() {
		p.client.CloseIdleConnections()
	}
	if err := ctx.Err(); err != nil && !push.OK {
		return Push{}, fmt.Errorf("check url of %q: %w", suite, err)
	}
	p.change(func() {
		p.recordPush(push)
		p.suites[suite].urlCheck = &push
	})
	return push, nil
}
