package dingtalktest

import "slices"

// light is how a state is coloured.
type light string

const (
	good light = "good"
	busy light = "busy"
	bad  light = "bad"
	dim  light = "dim"
)

type suiteView struct {
	SuiteState
	Check, Ticket, Queue stateView
	Faults               []faultView
	Corps                []corpView
	Pushes               []Push
	Calls                []callView
}

type stateView struct {
	Light light
	Word  text
	Text  text
}

type corpView struct {
	CorpState
	State   stateView
	Stopped bool
	HasApps bool
}

type callView struct {
	Call
	Light  light
	Spoils text // how the answer was spoilt
}

// view is all that the console's page shows.
func (p *Platform) view() []suiteView {
	counts := p.Counts()
	pushes, calls := p.Pushes(), p.Calls()
	var list []suiteView
	for _, s := range p.Suites() {
		v := suiteView{SuiteState: s, Check: checkView(s.URLCheck), Ticket: ticketView(s), Queue: queueView(counts), Faults: faultViews(s)}
		for _, c := range slices.Backward(s.Corps) {
			v.Corps = append(v.Corps, newCorpView(s.Mode, c))
		}
		v.Pushes = latest(pushes, func(x Push) bool { return x.Suite == s.Key })
		for _, c := range latestCalls(calls, s.Key) {
			v.Calls = append(v.Calls, callView{c, callLight(c), spoils[c.Spoilt]})
		}
		list = append(list, v)
	}
	return list
}

// latestCalls are those of a suite, and those that did not get to say whose they
// are: they may be of any suite that calls at all.
func latestCalls(calls []Call, suite string) []Call {
	if !slices.ContainsFunc(calls, func(c Call) bool { return c.Suite == suite }) {
		return nil
	}
	return latest(calls, func(c Call) bool { return c.Suite == suite || c.Suite == "" })
}

// latest returns the last few that match, newest first.
func latest[T any](all []T, match func(T) bool) []T {
	var list []T
	for _, v := range slices.Backward(all) {
		if match(v) {
			list = append(list, v)
		}
		if len(list) == consoleRows {
			break
		}
	}
	return list
}

func checkView(check *Push) stateView {
	switch {
	case check == nil:
		return stateView{dim, text{"not checked", "未验证"}, text{"press the button to check the callback URL", "点击按钮验证回调地址"}}
	case check.OK:
		took := lasting(check.Took)
		return stateView{good, text{"passed", "通过"}, text{check.Event + ", answered in " + took.en, check.Event + "，应答用时 " + took.zh}}
	}
	return stateView{bad, text{"failed", "失败"}, text{check.Reason, check.Reason}}
}

func ticketView(s SuiteState) stateView {
	made := ago(s.TicketAt)
	switch {
	case s.GivenUp:
		return stateView{bad, text{"given up", "已放弃"},
			textf("%d wrong answers in a row: no ticket is pushed until 重新推送 is pressed", "连续 %d 次错误应答：点击“重新推送”之前不再推送票据", s.WrongAnswers)}
	case s.Ticket == "":
		return stateView{dim, text{"none yet", "暂无"}, text{"no ticket was made", "尚未生成票据"}}
	case slices.Contains(s.Standing, TicketStopped):
		return stateView{bad, text{"stopped", "已停止"}, text{"no ticket is pushed until 重新推送 is pressed", "点击“重新推送”之前不再推送票据"}}
	case slices.Contains(s.Standing, TicketRefused):
		return stateView{bad, text{"replaced", "已更换"}, text{"the new one is not pushed until 重新推送 is pressed", "点击“重新推送”之前不推送新票据"}}
	case s.TicketAccepted:
		return stateView{good, text{"accepted", "已接收"}, text{"made " + made.en, "生成于 " + made.zh}}
	case s.WrongAnswers > 0:
		return stateView{bad, text{"not accepted", "未被接收"}, textf("%d of %d wrong answers, pushing again", "%d/%d 次错误应答，正在重新推送", s.WrongAnswers, giveUpTicket)}
	}
	return stateView{busy, text{"on its way", "推送中"}, made}
}

func queueView(c Counts) stateView {
	v := stateView{good, text{"quiet", "空闲"}, textf("%d attempts, %d wrong, %d given up", "推送 %d 次，错误 %d 次，放弃 %d 次", c.Pushes, c.Refused, c.GivenUp)}
	if c.Queued > 0 {
		v.Light, v.Word = busy, textf("%d waiting", "%d 个等待中", c.Queued)
	}
	return v
}

func newCorpView(m Mode, c CorpState) corpView {
	v := corpView{CorpState: c, Stopped: true}
	for _, a := range c.Agents {
		if !a.Removed {
			v.HasApps = true
			v.Stopped = v.Stopped && a.Stopped
		}
	}
	v.Stopped = v.Stopped && v.HasApps
	v.State = corpStateView(m, v)
	return v
}

func corpStateView(m Mode, v corpView) stateView {
	stays := text{"the authorisation stays", "授权仍然有效"}
	switch {
	case !v.Authorized:
		return stateView{dim, text{"withdrawn", "已解除授权"}, ago(v.RelievedAt)}
	case !v.HasApps:
		return stateView{dim, text{"app removed", "应用已删除"}, stays}
	case v.Stopped:
		return stateView{dim, text{"app stopped", "应用已停用"}, stays}
	case m == SyncHTTP:
		return stateView{good, text{"active", "已激活"}, text{"permanent code came with the row", "永久授权码已随推送数据送达"}}
	case !v.ActivatedAt.IsZero():
		took := lasting(v.ActivatedAt.Sub(v.FirstPushAt))
		return stateView{good, text{"active", "已激活"}, text{took.en + " after the push", "推送后 " + took.zh}}
	case v.HandedOut:
		return stateView{busy, text{"not activated", "未激活"}, text{"permanent code handed out, activate_suite awaited", "永久授权码已交付，等待 activate_suite"}}
	case v.PermanentCode != "":
		return stateView{bad, text{"code burnt", "授权码已失效"}, text{"exchanged, but the answer never arrived", "已换取，但应答没有送达"}}
	case v.FirstPushAt.IsZero():
		return stateView{busy, text{"authorised", "已授权"}, text{"tmp_auth_code waits to be pushed", "tmp_auth_code 等待推送"}}
	}
	return stateView{busy, text{"authorised", "已授权"}, text{"tmp_auth_code pushed, exchange awaited", "tmp_auth_code 已推送，等待换取"}}
}

// spoils are the ways in which an answer is spoilt, in words.
var spoils = map[Spoil]text{
	Refused:  {"refused", "拒绝"},
	HalfJSON: {"cut in the middle", "被截断"},
	HTML:     {"a gateway's page", "网关页面"},
	Empty:    {"empty", "空"},
	Dropped:  {"none, the connection was closed", "无，连接已断开"},
	HTTPFail: {"an HTTP error", "HTTP 错误"},
}

func callLight(c Call) light {
	switch {
	case c.Spoilt != Intact:
		return bad
	case c.Code == "0":
		return good
	}
	return bad
}
