package main

import (
	"fmt"
	"time"
)

// words are the texts of status in one language.
type words struct {
	language  language
	summary   string // version, address, uptime, events, engine, size
	stopped   string // folder, events, engine, size
	noSuites  string
	columns   [9]string
	tickets   map[string]string // by state
	ticketOf  string            // state, age
	ago       string
	never     string
	calm      string
	alerts    func(n int) string
	urgency   map[string]string // by severity
	suite     string
	corp      string
	moreCorps string
	since     string
	comma     string
	cure      string
	more      string
	units     [4]string // days, hours, minutes, seconds
}

func (l language) words() words {
	if l == chinese {
		return wordsZH
	}
	return wordsEN
}

var wordsEN = words{
	language: english,
	summary:  "suitekeeper %s at %s, up %s, %d events stored (%s, %s)",
	stopped:  "the server of %s is stopped; %d events stored (%s, %s)",
	noSuites: "No suite is configured.",
	columns:  [9]string{"SUITE", "KEY", "TICKET", "PENDING", "ACTIVE", "DISABLED", "FAILED", "RELIEVED", "LAST EVENT"},
	tickets:  map[string]string{"fresh": "fresh", "stale": "stale", "missing": "missing"},
	ticketOf: "%s, %s old",
	ago:      "%s ago",
	never:    "never",
	calm:     "Nothing needs a person.",
	alerts: func(n int) string {
		if n == 1 {
			return "1 thing needs a person:"
		}
		return fmt.Sprintf("%d things need a person:", n)
	},
	urgency:   map[string]string{"critical": "CRITICAL", "warning": "WARNING"},
	suite:     "suite %s",
	corp:      "corp %s",
	moreCorps: "%d more corps",
	since:     "for %s",
	comma:     ", ",
	cure:      "Cure: ",
	more:      "… and %d more; suitekeeper status -o json lists all of them.",
	units:     [4]string{"d", "h", "m", "s"},
}

var wordsZH = words{
	language:  chinese,
	summary:   "suitekeeper %s，地址 %s，已运行 %s，已保存 %d 个事件（%s，%s）",
	stopped:   "%s 的服务器未在运行；已保存 %d 个事件（%s，%s）",
	noSuites:  "尚未配置任何套件。",
	columns:   [9]string{"套件", "SuiteKey", "票据", "待激活", "已激活", "已停用", "失败", "已解除", "最近事件"},
	tickets:   map[string]string{"fresh": "正常", "stale": "过旧", "missing": "缺失"},
	ticketOf:  "%s，%s前",
	ago:       "%s前",
	never:     "从未",
	calm:      "没有需要人工处理的事项。",
	alerts:    func(n int) string { return fmt.Sprintf("%d 个事项需要人工处理：", n) },
	urgency:   map[string]string{"critical": "严重", "warning": "警告"},
	suite:     "套件 %s",
	corp:      "企业 %s",
	moreCorps: "另有 %d 家企业",
	since:     "已持续 %s",
	comma:     "，",
	cure:      "处理办法：",
	more:      "……另有 %d 个事项，suitekeeper status -o json 可列出全部。",
	units:     [4]string{"天", "小时", "分", "秒"},
}

// duration tells a duration by its two largest units, as 2h13m. What is below
// zero, because two clocks differ, is told as zero.
func (w words) duration(d time.Duration) string {
	left := int64(max(0, d) / time.Second)
	sizes := [4]int64{24 * 3600, 3600, 60, 1}
	for i, size := range sizes {
		n := left / size
		if n == 0 && i < len(sizes)-1 {
			continue
		}
		text := fmt.Sprintf("%d%s", n, w.units[i])
		if i == len(sizes)-1 {
			return text
		}
		if next := left % size / sizes[i+1]; next > 0 {
			text += fmt.Sprintf("%d%s", next, w.units[i+1])
		}
		return text
	}
	return ""
}
