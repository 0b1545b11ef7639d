package suite

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// docTexts are what stands in docs/alerts.md around the catalogue.
var docTexts = struct {
	title, intro, alerts, faults, rejections, codes, urlCodes, findings, problems, replies Text
	alertHead, faultHead, rejectHead, codeHead, findingHead, problemHead                   Text
}{
	title: Text{"# Alerts, codes and cures", "# 告警、错误码与处理办法"},
	intro: Text{
		"[中文](alerts.zh-CN.md)\n\nWhat suitekeeper says when a person is needed. `status`, the API, the console, the log and `doctor` use the same texts; " +
			"this page is printed from them. Words in braces stand for values: the suite, the corp (with its name, if that is known), an address.",
		"[English](alerts.md)\n\n这里列出需要人工处理的情况。`status`、API、控制台、日志和 `doctor` 使用同样的文字，本页由其生成。花括号中的词代表具体的值：套件、企业（已知名称时一并显示）、地址等。",
	},
	alerts: Text{"## Alerts\n\n`critical`: something does not work until a person acts. `warning`: something may come to that, or concerns single events. " +
		"An alert is there as long as its cause, and goes by itself.",
		"## 告警\n\n`critical`：不处理就无法正常工作。`warning`：可能发展到那一步，或只涉及个别事件。告警随其原因出现，原因消除后自动消失。"},
	faults: Text{"## Which alert answers which fault", "## 故障与告警对照"},
	rejections: Text{"## Refused pushes\n\nThe peer reads one constant answer; the reason is for operators. The alert ends with the next push of that suite that is " +
		"accepted, with other keys for it, or an hour after the last. Where the suite is not known its text says: " + strayEnds.EN +
		" Of a suite that is not configured: " + unknownEnds.EN,
		"## 被拒绝的推送\n\n对方只会收到固定的应答，原因仅供运维人员查看。该套件的推送再次被接受、为其加载了新的 token 或 AES key，或最近一次被拒绝的 1 小时后，告警消失。无法确定套件时，告警会写明：" + strayEnds.ZH +
			"套件未配置时，告警会写明：" + unknownEnds.ZH},
	codes:    Text{"## Codes of DingTalk's API", "## 钉钉接口错误码"},
	urlCodes: Text{"## Codes at the registration of a callback URL", "## 注册回调地址时的错误码"},
	findings: Text{"## Findings of doctor\n\nDoctor also repeats the alerts of the server. `error`: something does not work until it is cured. " +
		"`warning`: something may come to that. `unknown`: could not be checked.",
		"## doctor 的检查结果\n\ndoctor 还会重复服务器的告警。`error`：不处理就无法正常工作。`warning`：可能发展到那一步。`unknown`：无法检查。"},
	problems: Text{"## What the admin API answers\n\nWith these codes, as application/problem+json. Console and command line show the same texts.",
		"## 管理接口的错误应答\n\n以 application/problem+json 返回，带有下列代码。控制台和命令行使用同样的文字。"},
	replies: Text{"## What is answered to a push that is not accepted\n\nThe codes stand in the answers, and in the log of this server. What the peer reads beside the code tells no more.",
		"## 对未被接受的推送的应答\n\n这些代码出现在应答和服务器日志中。除代码外，对方读到的内容不会更多。"},
	alertHead:   Text{"| code | severity | what happened | what to do |", "| 代码 | 级别 | 发生了什么 | 如何处理 |"},
	faultHead:   Text{"| fault | alert |", "| 故障 | 告警 |"},
	rejectHead:  Text{"| reason | alert | what was wrong | what to do |", "| 原因 | 告警 | 问题 | 如何处理 |"},
	findingHead: Text{"| code | severity | what was found | what to do |", "| 代码 | 级别 | 检查结果 | 如何处理 |"},
	problemHead: Text{"| code | what happened | what to do |", "| 代码 | 发生了什么 | 如何处理 |"},
	codeHead:    Text{"| code | meaning | what to do |", "| 错误码 | 含义 | 如何处理 |"},
}

// docFaults are the faults that operators meet most, with their alerts.
var docFaults = []struct {
	fault  Text
	alerts []AlertCode
}{
	{Text{"No suite_ticket has ever come", "从未收到 suite_ticket"}, []AlertCode{AlertTicketMissing}},
	{Text{"DingTalk gave the ticket up after 100 wrong answers", "连续 100 次错误应答后钉钉停止推送票据"}, []AlertCode{AlertTicketGivenUp}},
	{Text{"No new ticket has come for a while", "票据长时间没有更新"}, []AlertCode{AlertTicketStale}},
	{Text{"40078 after a crash: the temporary code is used up, no permanent code is stored", "崩溃后出现 40078：临时授权码已用掉，永久授权码没有保存"}, []AlertCode{AlertCodeBurnt}},
	{Text{"40085: DingTalk refuses the ticket", "40085：钉钉不接受票据"}, []AlertCode{AlertTicketRejected}},
	{Text{"60020: the outgoing address is not on the whitelist", "60020：出口 IP 不在白名单中"}, []AlertCode{AlertAddressNotWhitelisted}},
	{Text{"Wrong suite secret (40080, 40088)", "套件密钥错误（40080、40088）"}, []AlertCode{AlertSuiteSecretWrong}},
	{Text{"Wrong AES key", "AES key 错误"}, []AlertCode{AlertPushesRejectedAESKey}},
	{Text{"Wrong suite key", "套件 key 错误"}, []AlertCode{AlertPushesRejectedSuiteKey, AlertSuiteKeyWrong}},
	{Text{"Pushes come for a suite that is not configured", "收到未配置的套件的推送"}, []AlertCode{AlertSuiteUnknown}},
	{Text{"The answers, or that to the URL check, are judged wrong", "应答或 URL 校验的应答被判为错误"}, []AlertCode{AlertAnswerNotAccepted}},
	{Text{"This server's clock is wrong", "本服务器时钟不准"}, []AlertCode{AlertClockSkew}},
	{Text{"The disk is almost full", "磁盘快满"}, []AlertCode{AlertDiskAlmostFull}},
	{Text{"The disk is full", "磁盘已满"}, []AlertCode{AlertDiskFull}},
	{Text{"More pushes come than the server can take", "推送数量超过服务器的处理能力"}, []AlertCode{AlertOverloaded}},
	{Text{"The disk is slow", "磁盘过慢"}, []AlertCode{AlertStoreSlow}},
	{Text{"Backups fail, or none was made for a while", "备份失败或长时间没有备份"}, []AlertCode{AlertBackupFailed}},
	{Text{"A record in the data file is damaged", "数据文件中有记录损坏"}, []AlertCode{AlertRecordDamaged}},
}

// TestDocsShowTheCatalogue keeps docs/alerts.md and its translation equal to the
// catalogue; run it with -update to print them anew.
func TestDocsShowTheCatalogue(t *testing.T) {
	for path, in := range map[string]func(Text) string{
		"../docs/alerts.md":       func(x Text) string { return x.EN },
		"../docs/alerts.zh-CN.md": func(x Text) string { return x.ZH },
	} {
		want := catalogueIn(in)
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s differs from the catalogue; run go test ./suite -run %s -update", path, t.Name())
		}
	}
}

// catalogueIn is the page in one language.
func catalogueIn(in func(Text) string) string {
	var b strings.Builder
	section := func(title, head Text) {
		columns := strings.Count(in(head), "|") - 1
		fmt.Fprintf(&b, "\n%s\n\n%s\n|%s\n", in(title), in(head), strings.Repeat(" --- |", columns))
	}
	row := func(cells ...string) {
		for i, c := range cells {
			cells[i] = strings.ReplaceAll(c, "|", `\|`)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	fmt.Fprintf(&b, "%s\n\n%s\n", in(docTexts.title), in(docTexts.intro))
	section(docTexts.alerts, docTexts.alertHead)
	for _, e := range AlertEntries() {
		row(code(e.Code), string(e.Severity), in(e.Message), in(e.Cure))
	}
	section(docTexts.faults, docTexts.faultHead)
	for _, f := range docFaults {
		var alerts []string
		for _, a := range f.alerts {
			alerts = append(alerts, code(a))
		}
		row(in(f.fault), strings.Join(alerts, ", "))
	}
	section(docTexts.rejections, docTexts.rejectHead)
	for _, e := range RejectEntries() {
		row(code(e.Reason), code(e.Alert), in(e.Message), in(e.Cure))
	}
	for _, url := range []bool{false, true} {
		if url {
			section(docTexts.urlCodes, docTexts.codeHead)
		} else {
			section(docTexts.codes, docTexts.codeHead)
		}
		for _, e := range CodeEntries() {
			if e.URLCheck() == url {
				row(code(e.Code), in(e.Meaning), in(e.Cure))
			}
		}
	}
	section(docTexts.findings, docTexts.findingHead)
	for _, e := range FindingEntries() {
		row(code(e.Code), string(e.Severity), in(e.Message), in(e.Cure))
	}
	section(docTexts.problems, docTexts.problemHead)
	for _, e := range ProblemEntries() {
		row(code(e.Code), in(e.Message), in(e.Cure))
	}
	section(docTexts.replies, docTexts.problemHead)
	for _, e := range ReplyEntries() {
		row(code(e.Code), in(e.Message), in(e.Cure))
	}
	return b.String()
}

func code[S ~string](s S) string { return "`" + string(s) + "`" }
