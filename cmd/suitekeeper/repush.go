package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

// repushPoll is how often a repush is asked how far it is.
const repushPoll = 500 * time.Millisecond

// repushFlags say which events are to be processed again.
type repushFlags struct {
	event  string
	suite  *string
	since  string
	r      admin.RepushRequest
	dryRun bool
	noWait bool
}

func newRepushCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "repush --event ID | --suite KEY [--type T] [--corp C] [--since 2h] [--failed]",
		Short: "Process stored events again",
		Long: "Process stored events again, by the same rules as when they came: what is older than what is stored changes\n" +
			"nothing, so doing it twice does no harm. Exchanges that failed are tried again. What would run is shown first;\n" +
			"--dry-run leaves it at that. It needs an operator's token.\n\n" +
			"This is not DingTalk's re-push (重新推送): a suite_ticket that DingTalk stopped pushing comes again only by the\n" +
			"button in its developer console.\n\n" + whereHelp,
		Example: "  suitekeeper repush --event 0198c5a0-1111-7000-8000-000000000001\n" +
			"  suitekeeper repush --suite suiteexample0000000x --type change_auth --since 2h --dry-run\n" +
			"  suitekeeper repush --failed",
		Args: cobra.NoArgs,
	}
	flags := addChangeFlags(cmd)
	f := &repushFlags{suite: addSuiteFlag(cmd, flags.adminFlags, "events of this suite")}
	set := cmd.Flags()
	set.StringVar(&f.event, "event", "", "this one event")
	set.StringVar(&f.r.Type, "type", "", "only of this EventType or syncAction")
	set.StringVar(&f.r.CorpID, "corp", "", "only those that name this corp")
	set.StringVar(&f.since, "since", "", "only those received since: a time as 2026-08-01T09:30:00Z, or how long ago, as 90m, 2h or 7d")
	set.BoolVar(&f.r.Failed, "failed", false, "only quarantined events and those of authorisations that failed")
	set.BoolVar(&f.dryRun, "dry-run", false, "show what would run, and change nothing")
	set.BoolVar(&f.noWait, "no-wait", false, "do not wait until all is done")
	for _, other := range []string{"suite", "type", "corp", "since", "failed", "dry-run"} {
		cmd.MarkFlagsMutuallyExclusive("event", other)
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		server, err := flags.running(cmd)
		if err != nil {
			return err
		}
		return f.repush(cmd, server, flags)
	}
	return cmd
}

// check completes the request. Whoever forgets to say which events are meant
// does not mean all of them.
func (f *repushFlags) check() (err error) {
	if f.event == "" && *f.suite == "" && !f.r.Failed {
		return withHint(usagef(suite.Text{
			EN: "which events? give --event ID, --suite KEY or --failed",
			ZH: "请指明事件：--event ID、--suite KEY 或 --failed",
		}), suite.Text{
			EN: "'suitekeeper events list' shows events and their ids",
			ZH: "可用 'suitekeeper events list' 查看事件及其 ID",
		})
	}
	f.r.SuiteKey = *f.suite
	f.r.Since, err = sinceFlag(f.since)
	return err
}

func (f *repushFlags) repush(cmd *cobra.Command, server adminServer, flags askFlags) error {
	ctx := cmd.Context()
	if f.event != "" {
		job, err := server.RepushEvent(ctx, f.event)
		if err != nil {
			return server.explain(err)
		}
		return f.follow(cmd, server, flags, job)
	}
	// A program asked for what came of it, be that nothing.
	if f.dryRun || *flags.form == outputText {
		preview, err := server.PreviewRepush(ctx, f.r)
		if err != nil {
			return server.explain(err)
		}
		err = flags.show(cmd, preview, func(v view) string { return v.preview(preview) })
		if err != nil || f.dryRun || preview.Events == 0 && !preview.Capped {
			return err
		}
	}
	job, err := server.Repush(ctx, f.r)
	if err != nil {
		return server.explain(err)
	}
	return f.follow(cmd, server, flags, job)
}

// follow shows how far a repush is until it has ended, and then what came of it.
func (f *repushFlags) follow(cmd *cobra.Command, server adminServer, flags askFlags, job admin.Repush) error {
	line := progressOn(cmd.ErrOrStderr(), os.Getenv)
	on := newView(cmd.ErrOrStderr(), *flags.lang)
	job, err := server.ended(cmd.Context(), job, f.noWait, func(job admin.Repush) { line.show(on.repushProgress(job)) })
	line.clear()
	if err != nil {
		return err
	}
	if err := flags.show(cmd, job, func(v view) string { return v.repushed(job) }); err != nil {
		return err
	}
	if job.Error != "" || job.Failed > 0 {
		return withHint(repushError(job), suite.Text{EN: "the server's log tells why", ZH: "原因见服务器日志"})
	}
	return nil
}

func repushError(job admin.Repush) error {
	if job.Error != "" {
		return errorf(suite.Text{EN: "%s", ZH: "%s"}, suite.Text{EN: job.Error, ZH: cmp.Or(job.ErrorZH, job.Error)})
	}
	return errorf(suite.Text{EN: "%d events could not be processed", ZH: "有 %d 个事件无法处理"}, job.Failed)
}

// ended waits until a repush has ended. A server that is restarted forgets it.
func (s adminServer) ended(ctx context.Context, job admin.Repush, noWait bool, tell func(admin.Repush)) (admin.Repush, error) {
	for job.EndedAt.IsZero() && !noWait {
		tell(job)
		wait(ctx, repushPoll)
		if ctx.Err() != nil {
			return job, withHint(errorf(suite.Text{EN: "not waited for: the server goes on by itself", ZH: "不再等待：服务器会继续进行"}), suite.Text{EN: "its log tells when it has ended", ZH: "结束时间见其日志"})
		}
		next, err := s.RepushJob(ctx, job.ID)
		var refused *admin.Error
		switch {
		case errors.As(err, &refused) && refused.Status == http.StatusNotFound && refused.Code != "":
			return job, withHint(errorf(suite.Text{EN: "the server was restarted before all was done", ZH: "服务器在全部完成之前重启了"}), suite.Text{EN: "give the same command again: what was done does no harm twice", ZH: "请再次执行相同的命令：重复处理没有害处"})
		case err != nil:
			return job, s.explain(err)
		}
		job = next
	}
	return job, nil
}

// What repush says.
var (
	previewNothing = suite.Text{EN: "No stored event matches.", ZH: "没有符合条件的已存事件。"}
	previewNoneYet = suite.Text{EN: "There are too many events to preview them all; none of those looked at matches, others may.", ZH: "事件太多，无法全部预览；已查看的事件均不符合条件，其余的可能符合。"}
	previewEvents  = suite.Text{EN: "events", ZH: "事件"}
	previewCorps   = suite.Text{EN: "corps", ZH: "企业"}
	previewOldest  = suite.Text{EN: "oldest", ZH: "最早收到于"}
	moreThan       = suite.Text{EN: "more than %d", ZH: "超过 %d"}
	repushRuns     = suite.Text{EN: "under way: %d of %d", ZH: "进行中：%d / %d"}
	repushDone     = suite.Text{EN: "processed again", ZH: "已重新处理"}
	repushChanged  = suite.Text{EN: "changed something", ZH: "产生变化"}
	repushRetried  = suite.Text{EN: "exchanges tried again", ZH: "重试换取授权码"}
	repushFailed   = suite.Text{EN: "failed", ZH: "失败"}
)

// preview tells what would run, the commonest type first.
func (v view) preview(p admin.RepushPreview) string {
	switch {
	case p.Events == 0 && p.Capped:
		return v.say(previewNoneYet) + "\n"
	case p.Events == 0:
		return v.say(previewNothing) + "\n"
	}
	count := fmt.Sprint(p.Events)
	if p.Capped {
		count = v.say(moreThan, p.Events)
	}
	types := slices.SortedFunc(maps.Keys(p.Types), func(a, b string) int {
		return cmp.Or(cmp.Compare(p.Types[b], p.Types[a]), cmp.Compare(a, b))
	})
	for i, t := range types {
		types[i] = fmt.Sprintf("%s %d", clean(t), p.Types[t])
	}
	f := fieldList{paint: v.paint}
	f.add(v.say(previewEvents), cell{text: count + " (" + strings.Join(types, v.words.comma) + ")"})
	f.add(v.say(previewCorps), cell{text: fmt.Sprint(p.Corps)})
	f.add(v.say(previewOldest), cell{text: moment(p.Oldest)})
	return f.String()
}

func (v view) repushProgress(job admin.Repush) string { return v.say(repushRuns, job.Done, job.Total) }

// repushed tells what came of a repush.
func (v view) repushed(job admin.Repush) string {
	if job.EndedAt.IsZero() {
		return v.repushProgress(job) + "\n"
	}
	f := fieldList{paint: v.paint}
	f.add(v.say(repushDone), count(job.Done, plain))
	f.add(v.say(repushChanged), count(job.Changed, plain))
	f.add(v.say(repushRetried), count(job.Retried, plain))
	f.add(v.say(repushFailed), count(job.Failed, red))
	return f.String()
}
