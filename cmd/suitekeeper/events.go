package main

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

func newEventsCommand() *cobra.Command {
	return newGroupCommand("events", "Look at stored events, and follow them as they come",
		"  suitekeeper events list --corp ding0123456789abcdef\n  suitekeeper events follow --outcome quarantined",
		newEventsListCommand(), newEventsShowCommand(), newEventsFollowCommand())
}

// eventFlags say which events are meant.
type eventFlags struct {
	q     admin.EventsQuery
	since string
	suite *string
}

func addEventFlags(cmd *cobra.Command, flags *adminFlags) *eventFlags {
	f := &eventFlags{suite: addSuiteFlag(cmd, flags, "of this suite only")}
	set := cmd.Flags()
	set.StringVar(&f.q.Type, "type", "", "only of this EventType or syncAction, as tmp_auth_code")
	set.StringVar(&f.q.CorpID, "corp", "", "only those that name this corp")
	set.StringVar(&f.q.Outcome, "outcome", "", "only those that did so: applied, stale, stored or quarantined")
	set.StringVar(&f.since, "since", "", "only those received since: a time as 2026-08-01T09:30:00Z, or how long ago, as 90m, 2h or 7d")
	completeWords(cmd, "outcome", outcomeWords...)
	return f
}

var outcomeWords = []string{
	string(suite.OutcomeApplied), string(suite.OutcomeStale), string(suite.OutcomeStored), string(suite.OutcomeQuarantined),
}

// query is what the flags ask for. How long ago is counted from now once, and
// not anew for every page.
func (f *eventFlags) query() (admin.EventsQuery, error) {
	q := f.q
	q.SuiteKey = *f.suite
	if err := checkWord("outcome", q.Outcome, outcomeWords); err != nil {
		return q, err
	}
	var err error
	q.Since, err = sinceFlag(f.since)
	return q, err
}

// sinceFlag reads --since, as a moment for the server.
func sinceFlag(text string) (string, error) {
	at, err := admin.ParseSince(text, time.Now())
	if err != nil {
		return "", &usageError{&saidError{err, suite.Text{
			EN: "--since: " + err.Error(),
			ZH: "--since：应为 RFC 3339 时间，例如 2026-08-01T09:30:00Z，或多久之前，例如 90m、2h 或 7d",
		}}}
	}
	if at.IsZero() {
		return "", nil
	}
	return at.Format(time.RFC3339Nano), nil
}

func newEventsListCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List stored events, the newest first",
		Long: "List stored events, the newest first: when each came, what it was, and what it did. A quarantined event is\n" +
			"authentic but odd, and kept as it came; a stale one was older than what is stored. Times are those of this\n" +
			"machine; -o json has UTC.\n\n" + whereHelpData,
		Example: "  suitekeeper events list\n" +
			"  suitekeeper events list --type tmp_auth_code --since 2h\n" +
			"  suitekeeper events list --corp ding0123456789abcdef --limit 0 --oldest-first\n" +
			"  suitekeeper events list --outcome quarantined -o json | jq -r '.events[].id'",
		Args: cobra.NoArgs,
	}
	flags := addAskFlags(cmd)
	which := addEventFlags(cmd, flags.adminFlags)
	part := addPartFlags(cmd)
	oldest := cmd.Flags().Bool("oldest-first", false, "the oldest first")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		q, err := which.query()
		if err != nil {
			return err
		}
		most, err := part.most()
		if err != nil {
			return err
		}
		q.Ascending, q.Cursor = *oldest, part.cursor
		return flags.read(cmd.Context(), func(server adminServer) error {
			line := progressOn(cmd.ErrOrStderr(), os.Getenv)
			list, err := server.events(cmd.Context(), q, most, func(at time.Time) { line.show("… " + moment(at)) })
			line.clear()
			if err != nil {
				return err
			}
			return flags.show(cmd, list, func(v view) string { return v.events(list) })
		})
	}
	return cmd
}

// events gathers at most so many events. A page may be empty although more
// follows, when few events match; how far the search came is told then.
func (s adminServer) events(ctx context.Context, q admin.EventsQuery, most int, searched func(time.Time)) (admin.Events, error) {
	all := admin.Events{Events: []admin.Event{}}
	for {
		q.Limit = min(most-len(all.Events), pageSize)
		page, err := s.Events(ctx, q)
		if err != nil {
			return all, s.explain(err)
		}
		all.Events = append(all.Events, page.Events...)
		all.NextCursor, all.SearchedTo = page.NextCursor, page.SearchedTo
		if page.NextCursor == "" || len(all.Events) >= most {
			return all, nil
		}
		q.Cursor = page.NextCursor
		searched(page.SearchedTo)
	}
}

func newEventsShowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show EVENT_ID",
		Short: "Show one event with what DingTalk sent",
		Long: "Show one event with what DingTalk sent, secrets masked. --reveal shows it as it came, which needs an operator's\n" +
			"token and is written to the audit log first.\n\n" + whereHelpData,
		Example: "  suitekeeper events show 0198c5a0-1111-7000-8000-000000000001\n" +
			"  suitekeeper events show 0198c5a0-1111-7000-8000-000000000001 -o json | jq .payload",
		Args: cobra.ExactArgs(1),
	}
	flags := addAskFlags(cmd)
	reveal := cmd.Flags().Bool("reveal", false, "do not mask secrets; audited")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		show := func(server adminServer) error {
			e, err := server.Event(cmd.Context(), args[0], *reveal)
			if err != nil {
				return server.explain(err)
			}
			return flags.show(cmd, e, func(v view) string { return v.event(e) })
		}
		if !*reveal {
			return flags.read(cmd.Context(), show)
		}
		server, err := flags.running(cmd)
		if err != nil {
			return err
		}
		return show(server)
	}
	return cmd
}
