package dingtalktest

import (
	"fmt"
	"slices"
	"time"
)

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
	Corps                []corpView
	Pushes               []Push
	Calls                []callView
}

type stateView struct {
	Light light
	Word  string
	Text  string
}

type corpView struct {
	CorpState
	State   stateView
	Stopped bool
	HasApps bool
}

type callView struct {
	Call
	Light light
}

// view is all that the console's page shows.
func (p *Platform) view() []suiteView {
	counts := p.Counts()
	pushes, calls := p.Pushes(), p.Calls()
	var list []suiteView
	for _, s := range p.Suites() {
		v := suiteView{SuiteState: s, Check: checkView(s.URLCheck), Ticket: ticketView(s), Queue: queueView(counts)}
		for _, c := range slices.Backward(s.Corps) {
			v.Corps = append(v.Corps, newCorpView(s.Mode, c))
		}
		v.Pushes = latest(pushes, func(x Push) bool { return x.Suite == s.Key })
		for _, c := range latest(calls, func(x Call) bool { return x.Suite == s.Key || x.Suite == "" }) {
			v.Calls = append(v.Calls, callView{c, callLight(c)})
		}
		list = append(list, v)
	}
	return list
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
		return stateView{dim, "not checked", "press the button to check the callback URL"}
	case check.OK:
		return stateView{good, "passed", fmt.Sprintf("%s, answered in %s", check.Event, check.Took.Round(time.Millisecond))}
	}
	return stateView{bad, "failed", check.Reason}
}

func ticketView(s SuiteState) stateView {
	switch {
	case s.GivenUp:
		return stateView{bad, "given up", fmt.Sprintf("%d wrong answers in a row: no ticket is pushed until 重新推送 is pressed", s.WrongAnswers)}
	case s.Ticket == "":
		return stateView{dim, "none yet", "no ticket was made"}
	case s.TicketAccepted:
		return stateView{good, "accepted", "made " + ago(s.TicketAt)}
	case s.WrongAnswers > 0:
		return stateView{bad, "not accepted", fmt.Sprintf("%d of %d wrong answers, pushing again", s.WrongAnswers, giveUpTicket)}
	}
	return stateView{busy, "on its way", "made " + ago(s.TicketAt)}
}

func queueView(c Counts) stateView {
	v := stateView{good, "quiet", fmt.Sprintf("%d attempts, %d wrong, %d given up", c.Pushes, c.Refused, c.GivenUp)}
	if c.Queued > 0 {
		v.Light, v.Word = busy, fmt.Sprintf("%d waiting", c.Queued)
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
	switch {
	case !v.Authorized:
		return stateView{dim, "withdrawn", ago(v.RelievedAt)}
	case !v.HasApps:
		return stateView{dim, "app removed", "the authorisation stays"}
	case v.Stopped:
		return stateView{dim, "app stopped", "the authorisation stays"}
	case m == SyncHTTP:
		return stateView{good, "active", "permanent code came with the row"}
	case !v.ActivatedAt.IsZero():
		return stateView{good, "active", v.ActivatedAt.Sub(v.FirstPushAt).Round(time.Millisecond).String() + " after the push"}
	case v.HandedOut:
		return stateView{busy, "not activated", "permanent code handed out, activate_suite awaited"}
	case v.PermanentCode != "":
		return stateView{bad, "code burnt", "exchanged, but the answer never arrived"}
	case v.FirstPushAt.IsZero():
		return stateView{busy, "authorised", "tmp_auth_code waits to be pushed"}
	}
	return stateView{busy, "authorised", "tmp_auth_code pushed, exchange awaited"}
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
