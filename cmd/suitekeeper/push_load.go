package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// loadFlags describe a load test.
type loadFlags struct {
	isSet       bool
	rate        int // a second; 0 for as many as the receiver takes
	duration    time.Duration
	concurrency int
}

func addLoadFlags(set *pflag.FlagSet) *loadFlags {
	f := &loadFlags{}
	set.IntVar(&f.rate, "rate", 0, "load test: pushes a second, 0 for as many as the receiver takes")
	set.DurationVar(&f.duration, "for", 10*time.Second, "load test: how long")
	set.IntVar(&f.concurrency, "concurrency", 64, "load test: pushes under way at once, at most")
	return f
}

func (f *loadFlags) check() error {
	switch {
	case f.rate < 0:
		return usagef(suite.Text{EN: "--rate must not be below 0", ZH: "--rate 不能小于 0"})
	case f.duration <= 0:
		return usagef(suite.Text{EN: "--for must be above 0, as 30s", ZH: "--for 必须大于 0，例如 30s"})
	case f.concurrency < 1 || f.concurrency > 10_000:
		return usagef(suite.Text{EN: "--concurrency must be from 1 to 10000", ZH: "--concurrency 应为 1 到 10000"})
	}
	return nil
}

// runLoad runs a load test and prints its report, also when it is interrupted.
func runLoad(cmd *cobra.Command, p *pusher, b *messageBuilder, f *loadFlags, flags askFlags) error {
	on := newView(cmd.ErrOrStderr(), *flags.lang)
	report := p.load(cmd.Context(), b, f, func(c *loadCount) { fmt.Fprintln(cmd.ErrOrStderr(), on.loading(c)) })
	report.Event, report.URL, report.Concurrency = b.event, p.target.Redacted(), f.concurrency
	err := flags.show(cmd, report, func(v view) string { return v.loaded(report) })
	if err == nil && report.Accepted < report.Pushed {
		err = withHint(errorf(suite.Text{EN: "%d of %d pushes were answered wrongly", ZH: "%[2]d 次推送中有 %[1]d 次应答不正确"}, report.Pushed-report.Accepted, report.Pushed),
			suite.Text{
				EN: "the reasons stand above; one push without --rate shows the answer itself",
				ZH: "原因见上；不带 --rate 推送一次可以看到应答本身",
			})
	}
	return err
}

// load pushes unique events until the time is up or ctx ends, and waits for the
// answers under way. While it runs it tells once a second how far it is.
func (p *pusher) load(ctx context.Context, b *messageBuilder, f *loadFlags, tell func(*loadCount)) loadReport {
	attacker := vegeta.NewAttacker(vegeta.Client(p.client), vegeta.MaxBody(maxReply),
		vegeta.Workers(uint64(f.concurrency)), vegeta.MaxWorkers(uint64(f.concurrency)))
	defer context.AfterFunc(ctx, func() { attacker.Stop() })()
	pushed := &expectations{}
	results := attacker.Attack(p.targeter(b, pushed), vegeta.Rate{Freq: f.rate, Per: time.Second}, f.duration, "")

	count := loadCount{wrong: map[dingtalktest.Reason]int{}, began: time.Now()}
	everySecond := time.NewTicker(time.Second)
	defer everySecond.Stop()
	for {
		select {
		case r, more := <-results:
			if !more {
				return count.report(ctx.Err() != nil)
			}
			count.add(r, p.verdict(r, b.sync, pushed))
		case <-everySecond.C:
			tell(&count)
		}
	}
}

// expectations are what pushes under way must be answered with, where that is not
// success, by their URLs, which hold a signature and so differ. The load generator
// hands on nothing else that tells which push was answered.
type expectations struct{ sync.Map }

func (e *expectations) expect(url, want string) {
	if want != success {
		e.Store(url, want)
	}
}

// take returns what the push to the URL must be answered with, and forgets it.
func (e *expectations) take(url string) string {
	if want, ok := e.LoadAndDelete(url); ok {
		return want.(string)
	}
	return success
}

// targeter makes each request: a new event, sealed for now.
func (p *pusher) targeter(b *messageBuilder, pushed *expectations) vegeta.Targeter {
	header := http.Header{"Content-Type": {"application/json"}}
	return func(t *vegeta.Target) error {
		now := time.Now()
		m, err := b.build(now)
		if err != nil {
			return err
		}
		t.Method, t.Header = http.MethodPost, header
		t.URL, t.Body, err = p.seal(m, now)
		pushed.expect(t.URL, p.want(m))
		return err
	}
}

// verdict says why the answer is wrong, or nothing.
func (p *pusher) verdict(r *vegeta.Result, sync bool, pushed *expectations) (reason dingtalktest.Reason) {
	want := pushed.take(r.URL)
	if r.Code == 0 {
		return failReason(r.Error, p.client.Timeout)
	}
	m := message{sync: sync}
	_, reason = p.judge(answer{Answer: answerOf(int(r.Code), r.Headers, r.Body), latency: r.Latency}, want, m.limit())
	return reason
}

// loadCount counts while the test runs.
type loadCount struct {
	began    time.Time
	pushed   int
	accepted int
	wrong    map[dingtalktest.Reason]int
	first    time.Time
	last     time.Time
	latency  vegeta.LatencyMetrics
}

func (c *loadCount) add(r *vegeta.Result, reason dingtalktest.Reason) {
	if c.first.IsZero() || r.Timestamp.Before(c.first) {
		c.first = r.Timestamp
	}
	if end := r.End(); end.After(c.last) {
		c.last = end
	}
	c.pushed++
	c.latency.Add(r.Latency)
	if reason.Flaw == dingtalktest.FlawNone {
		c.accepted++
		return
	}
	c.wrong[reason]++
}

func (c *loadCount) report(interrupted bool) loadReport {
	r := loadReport{Pushed: c.pushed, Accepted: c.accepted, Wrong: []wrongAnswers{}, Interrupted: interrupted}
	if c.pushed == 0 {
		return r
	}
	r.Seconds = c.last.Sub(c.first).Seconds()
	r.PushedPerSecond = float64(c.pushed) / r.Seconds
	r.AcceptedPerSecond = float64(c.accepted) / r.Seconds
	r.Latency = latencies{
		P50: milliseconds(c.latency.Quantile(0.50)), P99: milliseconds(c.latency.Quantile(0.99)),
		P999: milliseconds(c.latency.Quantile(0.999)), Max: milliseconds(c.latency.Max),
	}
	for reason, n := range c.wrong {
		r.Wrong = append(r.Wrong, wrongAnswers{reason.String(), n, reason})
	}
	slices.SortFunc(r.Wrong, func(a, b wrongAnswers) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	return r
}
