package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/spf13/cobra"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

// How a follower waits for the server: for events that do not come, and for a
// server that does not answer.
const (
	followWait     = 30 * time.Second
	followPause    = 200 * time.Millisecond
	followMaxPause = 15 * time.Second
)

func newEventsFollowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "follow",
		Short: "Print events as they come",
		Long: "Print events as they come, until Ctrl-C. With --since or --after those that are stored already come first.\n" +
			"When the server stops, as for an upgrade, it is asked again until it is back, and no event is left out or\n" +
			"printed twice. -o json prints one object a line.\n\n" + whereHelp,
		Example: "  suitekeeper events follow\n" +
			"  suitekeeper events follow --outcome quarantined --since 24h\n" +
			"  suitekeeper events follow --type tmp_auth_code -o json | jq -r .corp_id",
		Args: cobra.NoArgs,
	}
	flags := addChangeFlags(cmd)
	which := addEventFlags(cmd, flags.adminFlags)
	after := cmd.Flags().String("after", "", "only those stored after the event with this id")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		q, err := which.query()
		if err != nil {
			return err
		}
		server, err := flags.running(cmd)
		if err != nil {
			return err
		}
		q.After, q.Ascending, q.Limit = *after, true, pageSize
		f := &follower{server: server, q: q, errors: cmd.ErrOrStderr(), view: newView(cmd.ErrOrStderr(), *flags.lang)}
		f.print = flags.eventPrinter(cmd.OutOrStdout())
		if err := f.begin(cmd.Context()); err != nil {
			return err
		}
		return f.run(cmd.Context())
	}
	return cmd
}

// follower prints events in the order in which they were stored.
type follower struct {
	server adminServer
	q      admin.EventsQuery // After is the last event that was printed
	view   view
	print  func(admin.Event) error
	errors io.Writer // for what happens to the connection
}

// begin finds where to start: without --since and --after behind the newest
// event. An error here is a wrong address or token rather than a restart.
func (f *follower) begin(ctx context.Context) error {
	if f.q.After != "" || f.q.Since != "" {
		return nil
	}
	newest, err := f.server.Events(ctx, admin.EventsQuery{Limit: 1})
	if err != nil {
		return f.server.explain(err)
	}
	if len(newest.Events) > 0 {
		f.q.After = newest.Events[0].ID
	}
	return nil
}

// run follows until ctx ends, which is how it is meant to end, or until the
// server says no.
func (f *follower) run(ctx context.Context) error {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = followPause, followMaxPause
	lost := false
	for ctx.Err() == nil {
		page, err := f.server.WaitEvents(ctx, f.q, followWait)
		if err == nil {
			if lost {
				fmt.Fprintln(f.errors, f.view.say(followBack, f.server.url))
			}
			lost = false
			pause.Reset()
			if err := f.take(page); err != nil {
				return err
			}
			continue
		}
		if ctx.Err() != nil {
			break
		}
		err = f.server.explain(err)
		if !passes(err) {
			return err
		}
		if !lost {
			fmt.Fprintln(f.errors, f.view.say(followLost, err))
		}
		lost = true
		wait(ctx, pause.NextBackOff())
	}
	return nil
}

// take prints a page and goes on behind it. A page that few events match may
// be empty and yet have a cursor.
func (f *follower) take(page admin.Events) error {
	for _, e := range page.Events {
		if err := f.print(e); err != nil {
			return err
		}
		f.q.After = e.ID
	}
	f.q.Cursor = page.NextCursor
	return nil
}

var (
	followLost = suite.Text{EN: "suitekeeper: %v; trying again", ZH: "suitekeeper：%v；正在重试"}
	followBack = suite.Text{EN: "suitekeeper: %s answers again", ZH: "suitekeeper：%s 已恢复应答"}
)

// passes tells whether an error of a server may go away by itself: it is
// restarted, or a proxy before it is. What the server itself refuses stays so.
func passes(err error) bool {
	var refused *admin.Error
	if errors.As(err, &refused) {
		return refused.Status >= http.StatusInternalServerError || refused.Status == http.StatusTooManyRequests
	}
	return !errors.Is(err, admin.ErrNotAdmin)
}

// wait waits, at most until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// eventPrinter prints events one by one: an object a line for programs, rows
// that widen where they must for people.
func (f askFlags) eventPrinter(out io.Writer) func(admin.Event) error {
	if *f.form == outputJSON {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		return func(e admin.Event) error { return enc.Encode(e) }
	}
	v := newView(out, *f.lang)
	t := v.eventTable()
	widths, head := t.widths(), t.head()
	for i, usual := range []string{"", "", "org_micro_app_restore", "ding0123456789abcdef", "quarantined"} {
		widths[i] = max(widths[i], displayWidth(usual))
	}
	begun := false
	return func(e admin.Event) error {
		if !begun {
			fmt.Fprintln(out, t.line(head, widths))
			begun = true
		}
		row := v.eventRow(e)
		for i, c := range row {
			widths[i] = max(widths[i], displayWidth(c.text))
		}
		_, err := fmt.Fprintln(out, t.line(row, widths))
		return err
	}
}
