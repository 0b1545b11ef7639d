package dingtalktest

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// faultButton is a fault on the console's page, with the button that starts it
// and, where the cure lies at DingTalk, the one that cures it.
type faultButton struct {
	name  Standing
	title text
	what  text // what DingTalk does from now on
	cure  text // where the cure lies
	start func(*Platform, context.Context, string) error

	end      func(*Platform, context.Context, string) error // nil: the cure does not lie here
	endTitle text
}

var (
	rePushTitle = text{"Re-push", "重新推送"}
	rePushHere  = text{"Cure: re-push, here.", "处理办法：在这里点击“重新推送”。"}
	undoTitle   = text{"Undo the change", "撤销更改"}
)

// faultButtons are the faults in the order of the page.
func faultButtons() []faultButton {
	return slices.Concat(ticketFaults(), callFaults(), pushFaults())
}

func ticketFaults() []faultButton {
	rePush := func(p *Platform, _ context.Context, suite string) error { return p.RePush(suite) }
	return []faultButton{{
		name: TicketStopped, title: text{"Tickets stop", "票据停止推送"},
		what: text{"No suite_ticket is pushed any more. The last one goes stale; a suite that never got one can activate no corp.", "不再推送 suite_ticket。最后一个票据会逐渐过期；从未收到票据的套件无法激活任何企业。"},
		cure: rePushHere, end: rePush, endTitle: rePushTitle,
		start: func(p *Platform, _ context.Context, suite string) error { return p.StopTickets(suite) },
	}, {
		name: TicketGivenUp, title: text{"Ticket given up", "票据推送被放弃"},
		what: textf("Every answer to a ticket is judged wrong. After %d of them no ticket is pushed.", "对票据推送的每次应答都被判为错误，%d 次之后不再推送。", giveUpTicket),
		cure: rePushHere, end: rePush, endTitle: rePushTitle,
		start: func(p *Platform, _ context.Context, suite string) error { return p.GiveUpTicket(suite) },
	}, {
		name: TicketAged, title: text{"Old ticket", "票据过旧"},
		what: text{"The last ticket that is pushed was made 7 hours ago. Only for a suite that has no newer one.", "最后推送的票据是 7 小时前生成的。仅适用于没有更新票据的套件。"},
		cure: rePushHere, end: rePush, endTitle: rePushTitle,
		start: func(p *Platform, _ context.Context, suite string) error { return p.AgeTicket(suite, 7*time.Hour) },
	}, {
		name: TicketRefused, title: text{"Ticket refused, 40085", "票据被拒绝（40085）"},
		what: text{"The ticket is replaced and the new one not pushed, so calls are refused. A corp authorises at this very moment.", "票据已更换但没有推送新票据，接口调用因此被拒绝。此时正好有一家企业授权。"},
		cure: rePushHere, end: rePush, endTitle: rePushTitle,
		start: meanwhileAuthorize(func(p *Platform, suite string) error { return p.RefuseTicket(suite) }),
	}}
}

func callFaults() []faultButton {
	return []faultButton{{
		name: CodeBurnt, title: text{"Code burnt, 40078", "授权码已失效（40078）"},
		what:  text{"A corp authorises; the answer with its permanent code is lost, and the first new code that is asked for is spent too.", "一家企业授权，带有永久授权码的应答丢失，第一次请求重新推送的授权码也已失效。"},
		cure:  text{"Cure: retry, in the receiver's console. Or the corp withdraws and authorises again, below.", "处理办法：在接收端的控制台中重试。也可以让该企业解除授权后重新开通（见下方）。"},
		start: (*Platform).burnNew,
	}, {
		name: AddressRefused, title: text{"Not on the whitelist, 60020", "IP 不在白名单中（60020）"},
		what:  text{"Calls are refused because of the address they come from. A corp authorises at this very moment.", "接口调用因来源 IP 被拒绝。此时正好有一家企业授权。"},
		cure:  text{"Cure: add the address to the whitelist, here.", "处理办法：在这里将该 IP 加入白名单。"},
		start: meanwhileAuthorize(func(p *Platform, suite string) error { return p.SetIPWhitelist(suite, nobody) }),
		end: func(p *Platform, _ context.Context, suite string) error {
			return p.SetIPWhitelist(suite, p.added(suite).IPWhitelist...)
		},
		endTitle: text{"Add the address", "加入白名单"},
	}, {
		name: SecretChanged, title: text{"Suite secret reset, 40088", "套件密钥被重置（40088）"},
		what:  text{"The secret is a new one, which the receiver does not know. A corp authorises at this very moment.", "密钥已重置，接收端并不知道。此时正好有一家企业授权。"},
		cure:  text{"Cure: configure the new secret in the receiver; in a demo, undo the change here.", "处理办法：在接收端配置新密钥；演示中请在这里撤销更改。"},
		start: meanwhileAuthorize(func(p *Platform, suite string) error { return p.SetSecret(suite, p.randomKey(32)) }),
		end: func(p *Platform, _ context.Context, suite string) error {
			return p.SetSecret(suite, p.added(suite).Secret)
		},
		endTitle: undoTitle,
	}}
}

func pushFaults() []faultButton {
	configure := text{"Cure: configure the same in the receiver; in a demo, undo the change here.", "处理办法：在接收端改为相同的配置；演示中请在这里撤销更改。"}
	return []faultButton{{
		name: AESKeyChanged, title: text{"Another AES key", "加密密钥不一致"},
		what:     text{"Pushes are encrypted with another AES key than the receiver has.", "推送使用的加密 aes_key 与接收端的不同。"},
		cure:     configure,
		start:    thenCheck(func(p *Platform, suite string) error { return p.SetAESKey(suite, p.randomKey(43)) }),
		end:      thenCheck(func(p *Platform, suite string) error { return p.SetAESKey(suite, p.added(suite).EncodingAESKey) }),
		endTitle: undoTitle,
	}, {
		name: TokenChanged, title: text{"Another token", "签名 token 不一致"},
		what:     text{"Pushes are signed with another token than the receiver has.", "推送使用的签名 token 与接收端的不同。"},
		cure:     configure,
		start:    thenCheck(func(p *Platform, suite string) error { return p.SetToken(suite, p.randomKey(32)) }),
		end:      thenCheck(func(p *Platform, suite string) error { return p.SetToken(suite, p.added(suite).Token) }),
		endTitle: undoTitle,
	}, {
		name: SuiteKeyChanged, title: text{"Key of a suite under creation", "使用创建中套件的 key"},
		what:     text{"Pushes are encrypted for suite4xxxxxxxxxxxxxxx, as while a suite is being created.", "推送按 suite4xxxxxxxxxxxxxxx 加密，与套件创建过程中一样。"},
		cure:     text{"Cure: finish creating the suite, here.", "处理办法：在这里完成套件创建。"},
		start:    thenCheck(func(p *Platform, suite string) error { return p.SealForCreation(suite, true) }),
		end:      thenCheck(func(p *Platform, suite string) error { return p.SealForCreation(suite, false) }),
		endTitle: text{"Finish creating", "完成创建"},
	}, {
		name: AnswersSpoilt, title: text{"Answers judged wrong, 71009", "应答被判为错误（71009）"},
		what:     text{"A proxy puts a page of its own in the place of the receiver's answers, so everything is pushed again.", "代理用自己的页面替换了接收端的应答，所有推送都会重复到达。"},
		cure:     text{"Cure: take the proxy away, here.", "处理办法：在这里移除代理。"},
		start:    thenCheck((*Platform).spoilTickets),
		end:      thenCheck((*Platform).mendTickets),
		endTitle: text{"Remove the proxy", "移除代理"},
	}, {
		name: ClockOff, title: text{"Clocks differ by an hour", "时钟相差一小时"},
		what:     text{"Pushes are signed with a time one hour ahead, as if the receiver's clock were slow.", "推送签名的时间快一小时，就像接收端的时钟慢了一样。"},
		cure:     text{"Cure: set the clock, here.", "处理办法：在这里校准时钟。"},
		start:    thenCheck(func(p *Platform, suite string) error { return p.SetClock(suite, time.Hour) }),
		end:      thenCheck(func(p *Platform, suite string) error { return p.SetClock(suite, 0) }),
		endTitle: text{"Set the clock", "校准时钟"},
	}}
}

// nobody is a network that no call comes from.
var nobody = netip.MustParsePrefix("192.0.2.1/32")

// meanwhileAuthorize lets a corp authorise while the fault stands: a refusal
// shows where there is something to call for.
func meanwhileAuthorize(start func(*Platform, string) error) func(*Platform, context.Context, string) error {
	return func(p *Platform, _ context.Context, suite string) error {
		if err := start(p, suite); err != nil {
			return err
		}
		return p.authorizeNew(suite, 1)
	}
}

// thenCheck checks the callback URL after what may have changed the verdict and
// pushes a ticket if it passes, as DingTalk does when such settings are saved.
func thenCheck(do func(*Platform, string) error) func(*Platform, context.Context, string) error {
	return func(p *Platform, ctx context.Context, suite string) error {
		if err := do(p, suite); err != nil {
			return err
		}
		check, err := p.CheckURL(ctx, suite, CheckUpdateSuiteURL)
		if err != nil || !check.OK {
			return err
		}
		return p.nextTicket(ctx, suite)
	}
}

// nextTicket pushes a new ticket once none is on its way, unless that lasts.
func (p *Platform) nextTicket(ctx context.Context, suite string) error {
	const patience = 2 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if p.Wait(ctx, func() bool { return p.ticketRests(suite) }) != nil {
		return nil
	}
	return p.onSuite("push ticket", suite, func(s *suiteState) error {
		if !s.ticket.stopped() {
			p.newTicket(s)
		}
		return nil
	})
}

func (p *Platform) ticketRests(suite string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.suites[suite]
	return s == nil || s.ticket.delivery == nil
}

// added is the suite as it was added; nothing if it was not.
func (p *Platform) added(suite string) (was Suite) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.suites[suite]; s != nil {
		was = s.asAdded
	}
	return was
}

// spoilTickets spoils the answers and pushes a ticket, which then comes again
// and again.
func (p *Platform) spoilTickets(suite string) error {
	if err := p.SpoilAnswers(suite, true); err != nil {
		return err
	}
	return p.PushTicket(suite)
}

// mendTickets ends that.
func (p *Platform) mendTickets(suite string) error {
	if err := p.SpoilAnswers(suite, false); err != nil {
		return err
	}
	return p.RePush(suite)
}

// burnNew burns the code of a corp that did not exist before.
func (p *Platform) burnNew(_ context.Context, suite string) error {
	a, err := p.newcomer(suite)
	if err != nil {
		return err
	}
	return p.BurnCode(suite, a)
}

// newcomer makes up a corp that did not exist before.
func (p *Platform) newcomer(suite string) (a Authorization, err error) {
	err = p.onSuite("authorize", suite, func(s *suiteState) error {
		a = Authorization{CorpID: p.ids.hex("ding"), CorpName: fmt.Sprintf("测试企业 Corp %d", len(s.order)+1)}
		return nil
	})
	return a, err
}

// randomKey makes up a key of n letters and digits.
func (p *Platform) randomKey(n int) (key string) {
	p.change(func() { key = p.ids.text(n) })
	return key
}

// faultView is a fault as the page shows it.
type faultView struct {
	Name              Standing
	Title, What, Cure text
	On                bool
	Possible          bool // to start it
	End               *text
}

func faultViews(s SuiteState) []faultView {
	var list []faultView
	for _, f := range faultButtons() {
		v := faultView{Name: f.name, Title: f.title, What: f.what, Cure: f.cure, Possible: true,
			On: slices.Contains(s.Standing, f.name)}
		switch f.name {
		case TicketAged:
			v.Possible = !s.TicketAccepted
		case CodeBurnt:
			v.Possible = s.Mode == HTTP
		}
		if f.end != nil {
			v.End = &f.endTitle
		}
		list = append(list, v)
	}
	return list
}
