package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

// What lists and pages of authorisations say.
var (
	columnSuite      = suite.Text{EN: "SUITE", ZH: "套件"}
	columnCorp       = suite.Text{EN: "CORP", ZH: "企业"}
	columnName       = suite.Text{EN: "NAME", ZH: "名称"}
	columnStatus     = suite.Text{EN: "STATUS", ZH: "状态"}
	columnAuthorized = suite.Text{EN: "AUTHORISED", ZH: "授权"}
	columnLeft       = suite.Text{EN: "LEFT TO DO", ZH: "待办"}
	noAuthorizations = suite.Text{EN: "No authorisation matches.", ZH: "没有符合条件的授权。"}
	moreFollow       = suite.Text{EN: "… more follow: --cursor %s goes on here, --limit 0 lists all.", ZH: "……还有更多：--cursor %s 可从此处继续，--limit 0 可列出全部。"}

	statusTexts = map[string]suite.Text{
		"pending":  {EN: "pending", ZH: "待激活"},
		"active":   {EN: "active", ZH: "已激活"},
		"disabled": {EN: "disabled", ZH: "已停用"},
		"failed":   {EN: "failed", ZH: "失败"},
		"relieved": {EN: "relieved", ZH: "已解除"},
	}
	statusStyles = map[string]style{"active": green, "failed": red, "pending": yellow}

	leftNothing = suite.Text{EN: "-", ZH: "-"}
	leftRunning = suite.Text{EN: "under way", ZH: "处理中"}
	leftWaiting = suite.Text{EN: "next try in %s", ZH: "%s后重试"}
	leftHeld    = suite.Text{EN: "held, see status", ZH: "暂停，原因见 status"}
	leftFailed  = suite.Text{EN: "needs a person: %s", ZH: "需要人工处理：%s"}
)

// authorizations is the table of authorisations.
func (v view) authorizations(list admin.Authorizations, severalSuites bool) string {
	if len(list.Authorizations) == 0 {
		return v.say(noAuthorizations) + "\n"
	}
	t := table{paint: v.paint, columns: v.heads(columnSuite, columnCorp, columnName, columnStatus, columnAuthorized, columnLeft)}
	for _, a := range list.Authorizations {
		t.rows = append(t.rows, []cell{
			{text: clean(a.SuiteKey)}, {text: clean(a.CorpID)}, {text: cmp.Or(clean(a.CorpName), "-")},
			v.status(a.Status), {text: v.ago(a.AuthorizedAt)}, v.left(a.Exchange),
		})
	}
	if !severalSuites {
		t = t.without(0)
	}
	text := t.String()
	if list.NextCursor != "" {
		text += v.say(moreFollow, list.NextCursor) + "\n"
	}
	return text
}

func (v view) status(status string) cell {
	c := cell{text: clean(status), style: statusStyles[status]}
	if text, ok := statusTexts[status]; ok {
		c.text = v.say(text)
	}
	return c
}

// left tells what is still to be done for an authorisation.
func (v view) left(e admin.Exchange) cell {
	code := ""
	if e.Error != nil {
		code = e.Error.Code
	}
	switch suite.ExchangeState(e.State) {
	case suite.ExchangeDone:
		return cell{text: v.say(leftNothing)}
	case suite.ExchangeRunning:
		return cell{text: v.say(leftRunning)}
	case suite.ExchangeHeld:
		return cell{text: v.say(leftHeld), style: yellow}
	case suite.ExchangeFailed:
		return cell{text: v.say(leftFailed, clean(code)), style: red}
	case suite.ExchangeWaiting:
		text := v.say(leftWaiting, v.in(e.NextAttemptAt))
		if code != "" {
			text += " (" + clean(code) + ")"
		}
		return cell{text: text, style: yellow}
	}
	return cell{text: clean(e.State)}
}

// The lines of one authorisation.
var (
	lineSuite      = suite.Text{EN: "suite", ZH: "套件"}
	lineCorp       = suite.Text{EN: "corp", ZH: "企业"}
	lineStatus     = suite.Text{EN: "status", ZH: "状态"}
	lineCode       = suite.Text{EN: "permanent code", ZH: "永久授权码"}
	lineApps       = suite.Text{EN: "apps", ZH: "应用"}
	lineScope      = suite.Text{EN: "scope", ZH: "授权范围"}
	lineAuthorized = suite.Text{EN: "authorised", ZH: "授权时间"}
	lineActivated  = suite.Text{EN: "activated", ZH: "激活时间"}
	lineChanged    = suite.Text{EN: "changed", ZH: "变更时间"}
	lineRelieved   = suite.Text{EN: "withdrawn", ZH: "解除时间"}
	lineLeft       = suite.Text{EN: "left to do", ZH: "待办"}
	appStopped     = suite.Text{EN: "stopped", ZH: "已停用"}
	columnWhen     = suite.Text{EN: "WHEN", ZH: "时间"}
	columnWhat     = suite.Text{EN: "WHAT", ZH: "事项"}
	columnChange   = suite.Text{EN: "CHANGE", ZH: "变化"}
	columnDetail   = suite.Text{EN: "DETAIL", ZH: "说明"}
)

// The parts of a scope.
var (
	scopeFields      = suite.Text{EN: "user fields", ZH: "用户字段"}
	scopeConditions  = suite.Text{EN: "condition fields", ZH: "条件字段"}
	scopeDepartments = suite.Text{EN: "departments", ZH: "部门"}
	scopeUsers       = suite.Text{EN: "users", ZH: "用户"}
)

// What is told of a call of DingTalk's API.
var (
	callTook  = suite.Text{EN: "%d ms", ZH: "%d 毫秒"}
	callTries = suite.Text{EN: "tried %d times", ZH: "共尝试 %d 次"}
)

// authorization is one authorisation in full.
func (v view) authorization(a admin.AuthorizationDetail) string {
	f := fieldList{paint: v.paint}
	f.add(v.say(lineSuite), cell{text: clean(a.SuiteKey)})
	f.add(v.say(lineCorp), cell{text: strings.TrimSpace(clean(a.CorpID) + " " + clean(a.CorpName))})
	f.add(v.say(lineStatus), v.status(a.Status))
	f.add(v.say(lineCode), cell{text: cmp.Or(clean(a.PermanentCode), "-")})
	f.add(v.say(lineApps), cell{text: v.apps(a.Agents)})
	f.add(v.say(lineScope), cell{text: v.scope(a.Scope)})
	f.add(v.say(lineAuthorized), cell{text: moment(a.AuthorizedAt)})
	f.add(v.say(lineActivated), cell{text: moment(a.ActivatedAt)})
	f.add(v.say(lineChanged), cell{text: moment(a.ChangedAt)})
	f.add(v.say(lineRelieved), cell{text: moment(a.RelievedAt)})
	f.add(v.say(lineLeft), v.left(a.Exchange))
	text := f.String()
	if e := a.Exchange.Error; e != nil {
		message, cure := v.errorText(e)
		text += "\n" + wrap(message, "", textWidth) + wrap(v.words.cure+cure, "", textWidth)
	}
	if len(a.History) > 0 {
		text += "\n" + v.history(a.History) + v.explained(a.History)
	}
	return text
}

func (v view) apps(agents []admin.Agent) string {
	var list []string
	for _, a := range agents {
		text := fmt.Sprintf("%s (agent_id %d, app_id %d)", cmp.Or(clean(a.Name), "-"), a.AgentID, a.AppID)
		if a.Stopped {
			text += " " + v.say(appStopped)
		}
		list = append(list, text)
	}
	return orDash(list, v.words.comma)
}

func (v view) scope(s *admin.Scope) string {
	if s == nil {
		return "-"
	}
	return v.say(scopeFields) + " " + clean(orDash(s.UserFields, " ")) + "; " +
		v.say(scopeDepartments) + " " + orDash(numbers(s.Departments), " ") + "; " +
		v.say(scopeUsers) + " " + clean(orDash(s.Users, " "))
}

func orDash(list []string, sep string) string { return cmp.Or(strings.Join(list, sep), "-") }

func (v view) history(entries []admin.HistoryEntry) string {
	t := table{paint: v.paint, columns: v.heads(columnWhen, columnWhat, columnChange, columnDetail)}
	for _, h := range entries {
		change := cell{text: "-"}
		if h.To != "" {
			change = v.status(h.To)
			change.text = v.status(cmp.Or(h.From, "-")).text + " → " + change.text
		}
		detail := v.either(h.Detail, h.DetailZH)
		switch {
		case h.Scopes != nil:
			detail = v.scopeChange(*h.Scopes)
		case h.Call != nil:
			detail = v.call(*h.Call)
		}
		t.rows = append(t.rows, []cell{{text: moment(h.At)}, {text: clean(h.What)}, change, {text: clean(detail)}})
	}
	return t.String()
}

// explained tells of each code in a history, once, what it means and what to do.
func (v view) explained(entries []admin.HistoryEntry) string {
	var text string
	said := map[string]bool{}
	for _, h := range entries {
		c := h.Call
		if c == nil || c.Cure == "" || said[c.Code] {
			continue
		}
		said[c.Code] = true
		meaning := v.say(suite.Text{EN: c.Meaning, ZH: c.MeaningZH})
		text += "\n" + wrap(strings.TrimSpace(c.Code+"  "+meaning), "", textWidth) +
			wrap(v.words.cure+v.say(suite.Text{EN: c.Cure, ZH: c.CureZH}), "  ", textWidth)
	}
	return text
}

// call tells how a call of DingTalk's API went.
func (v view) call(c admin.Call) string {
	text := v.say(callTook, c.TookMS)
	if c.Repeats > 0 {
		text += v.words.comma + v.say(callTries, c.Repeats+1)
	}
	if c.Outcome == string(suite.CallSucceeded) {
		return "ok (" + text + ")"
	}
	return strings.TrimSpace(c.Code+" "+v.either(c.Message, c.MessageZH)) + " (" + text + ")"
}

// scopeChange tells what came and what went: what change_auth does not say.
func (v view) scopeChange(c admin.ScopeChange) string {
	var parts []string
	for _, list := range []struct {
		name    suite.Text
		was, is []string
	}{
		{scopeFields, c.Was.UserFields, c.Is.UserFields},
		{scopeConditions, c.Was.ConditionFields, c.Is.ConditionFields},
		{scopeDepartments, numbers(c.Was.Departments), numbers(c.Is.Departments)},
		{scopeUsers, c.Was.Users, c.Is.Users},
	} {
		var changed []string
		for _, one := range list.is {
			if !slices.Contains(list.was, one) {
				changed = append(changed, "+"+one)
			}
		}
		for _, one := range list.was {
			if !slices.Contains(list.is, one) {
				changed = append(changed, "-"+one)
			}
		}
		if len(changed) > 0 {
			parts = append(parts, v.say(list.name)+" "+strings.Join(changed, " "))
		}
	}
	return strings.Join(parts, "; ")
}

func numbers(list []int64) []string {
	var texts []string
	for _, n := range list {
		texts = append(texts, strconv.FormatInt(n, 10))
	}
	return texts
}
