package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

func newAuthsListCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List authorisations",
		Long: "List the authorisations of one suite or of all, in the order of their corp ids: how each stands, and what is\n" +
			"still to be done for it.\n\n" + whereHelpData,
		Example: "  suitekeeper auths list\n" +
			"  suitekeeper auths list --suite suiteexample0000000x --status failed\n" +
			"  suitekeeper auths list --search 星河 --limit 0\n" +
			"  suitekeeper auths list --status failed -o json | jq -r '.authorizations[].exchange.error.cure'",
		Args: cobra.NoArgs,
	}
	flags := addAskFlags(cmd)
	suiteKey := addSuiteFlag(cmd, flags.adminFlags, "of this suite only")
	part := addPartFlags(cmd)
	var q admin.AuthorizationsQuery
	cmd.Flags().StringVar(&q.Status, "status", "", "only those that stand so: pending, active, disabled, failed or relieved")
	cmd.Flags().StringVar(&q.Search, "search", "", "beginning of a corp id, or part of a corp's name")
	completeWords(cmd, "status", statusWords()...)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkWord("status", q.Status, statusWords()); err != nil {
			return err
		}
		most, err := part.most()
		if err != nil {
			return err
		}
		q.Cursor = part.cursor
		return flags.read(cmd.Context(), func(server adminServer) error {
			suites, err := server.suitesOf(cmd.Context(), *suiteKey)
			if err != nil {
				return err
			}
			list, err := server.authorizations(cmd.Context(), suites, q, most)
			if err != nil {
				return err
			}
			return flags.show(cmd, list, func(v view) string { return v.authorizations(list, len(suites) > 1) })
		})
	}
	return cmd
}

// authorizations gathers at most so many authorisations of the suites, from the
// cursor on. The list has a cursor when something follows, be it of the same
// suite or of another.
func (s adminServer) authorizations(ctx context.Context, suites []string, q admin.AuthorizationsQuery, most int) (admin.Authorizations, error) {
	all := admin.Authorizations{Authorizations: []admin.Authorization{}}
	rest, place, err := openSuitesCursor(suites, q.Cursor)
	if err != nil {
		return all, err
	}
	for _, key := range rest {
		q.Cursor = place
		for begun := false; !begun || q.Cursor != ""; begun = true {
			left := most - len(all.Authorizations)
			at := q.Cursor
			q.Limit = min(max(left, 1), pageSize) // with nothing left it is only asked whether something follows
			page, err := s.Authorizations(ctx, key, q)
			if err != nil {
				return all, s.explain(err)
			}
			q.Cursor = page.NextCursor
			if left == 0 && len(page.Authorizations) > 0 {
				all.NextCursor = newSuitesCursor(suites, key, at)
				return all, nil
			}
			all.Authorizations = append(all.Authorizations, page.Authorizations...)
		}
		place = ""
	}
	return all, nil
}

// suitesCursorMark stands between a suite and a cursor of its list. Cursors
// hold none.
const suitesCursorMark = ":"

// newSuitesCursor is the place in a suite's list at which a list of several
// suites goes on. The cursor of a single suite's is that of the admin API.
func newSuitesCursor(suites []string, suite, cursor string) string {
	if len(suites) == 1 && cursor != "" {
		return cursor
	}
	return suite + suitesCursorMark + cursor
}

// openSuitesCursor returns the suites that are to be listed still, and the
// cursor for the first of them.
func openSuitesCursor(suites []string, cursor string) (rest []string, place string, err error) {
	mark := strings.LastIndex(cursor, suitesCursorMark)
	switch {
	case cursor == "", mark < 0 && len(suites) == 1:
		return suites, cursor, nil
	case mark < 0:
		return nil, "", withHint(usagef(suite.Text{EN: "--cursor does not say of which suite it is", ZH: "--cursor 没有说明属于哪个套件"}), suite.Text{EN: "give --suite, as for the list that ended with it", ZH: "请指定得到该 cursor 时所用的 --suite"})
	}
	i := slices.Index(suites, cursor[:mark])
	if i < 0 {
		return nil, "", withHint(usagef(suite.Text{EN: "--cursor is of the suite %q, which is not listed", ZH: "--cursor 属于套件 %q，该套件不在列表中"}, cursor[:mark]),
			suite.Text{
				EN: "give the same --suite as for the list that ended with it, or leave --cursor out to begin anew",
				ZH: "请指定得到该 cursor 时所用的 --suite，或去掉 --cursor 从头开始",
			})
	}
	return suites[i:], cursor[mark+len(suitesCursorMark):], nil
}

// partFlags say which part of a list is wanted.
type partFlags struct {
	limit  int
	cursor string
}

// addPartFlags gives cmd the flags --limit and --cursor.
func addPartFlags(cmd *cobra.Command) *partFlags {
	f := &partFlags{}
	cmd.Flags().IntVar(&f.limit, "limit", suite.DefaultLimit, "at most so many; 0 lists all")
	cmd.Flags().StringVar(&f.cursor, "cursor", "", "go on where a list with the same filters ended: its next_cursor")
	return f
}

// most is the limit as a number to count down from.
func (f *partFlags) most() (int, error) {
	switch {
	case f.limit < 0:
		return 0, usagef(suite.Text{EN: "--limit must not be below 0", ZH: "--limit 不能小于 0"})
	case f.limit == 0:
		return int(^uint(0) >> 1), nil
	}
	return f.limit, nil
}

// statusWords are the states of an authorisation.
func statusWords() []string {
	var words []string
	for _, s := range suite.Statuses() {
		words = append(words, string(s))
	}
	return words
}
