package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

// pageSize is how many entries of a list are asked for at once.
const pageSize = 500

func newAuthsCommand() *cobra.Command {
	return newGroupCommand("auths", "Look at authorisations, and bring them forward",
		"  suitekeeper auths list --status failed\n  suitekeeper auths show ding0123456789abcdef\n  suitekeeper auths retry --all-failed",
		newAuthsListCommand(), newAuthsShowCommand(), newAuthsRetryCommand(), newAuthsRevealCommand())
}

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
	limit := addLimitFlag(cmd)
	var q admin.AuthorizationsQuery
	cmd.Flags().StringVar(&q.Status, "status", "", "only those that stand so: pending, active, disabled, failed or relieved")
	cmd.Flags().StringVar(&q.Search, "search", "", "beginning of a corp id, or part of a corp's name")
	completeWords(cmd, "status", statusWords()...)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkWord("status", q.Status, statusWords()); err != nil {
			return err
		}
		most, err := limit.most()
		if err != nil {
			return err
		}
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

// authorizations gathers at most so many authorisations of the suites. The list
// has a cursor when it ends within a suite.
func (s adminServer) authorizations(ctx context.Context, suites []string, q admin.AuthorizationsQuery, most int) (admin.Authorizations, error) {
	all := admin.Authorizations{Authorizations: []admin.Authorization{}}
	for _, key := range suites {
		q.Cursor = ""
		for {
			left := most - len(all.Authorizations)
			if left == 0 {
				all.NextCursor = q.Cursor
				return all, nil
			}
			q.Limit = min(left, pageSize)
			page, err := s.Authorizations(ctx, key, q)
			if err != nil {
				return all, s.explain(err)
			}
			all.Authorizations = append(all.Authorizations, page.Authorizations...)
			if q.Cursor = page.NextCursor; q.Cursor == "" {
				break
			}
		}
	}
	return all, nil
}

func newAuthsShowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show CORP_ID",
		Short: "Show one corp's authorisation with its history",
		Long: "Show how one corp's authorisation stands: apps, scope, what is left to do with the cause and cure of what\n" +
			"failed, and all that happened to it. Times are those of this machine; -o json has UTC.\n\n" + whereHelpData,
		Example: "  suitekeeper auths show ding0123456789abcdef\n" +
			"  suitekeeper auths show ding0123456789abcdef --suite suiteexample0000000x --lang zh\n" +
			"  suitekeeper auths show ding0123456789abcdef -o json | jq .history",
		Args: cobra.ExactArgs(1),
	}
	flags := addAskFlags(cmd)
	suiteKey := addSuiteFlag(cmd, flags.adminFlags, "of this suite; needed where the server has several")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return flags.read(cmd.Context(), func(server adminServer) error {
			key, err := server.suiteOf(cmd.Context(), *suiteKey)
			if err != nil {
				return err
			}
			a, err := server.Authorization(cmd.Context(), key, args[0])
			if err != nil {
				return server.explain(err)
			}
			return flags.show(cmd, a, func(v view) string { return v.authorization(a) })
		})
	}
	return cmd
}

func newAuthsRevealCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reveal CORP_ID",
		Short: "Print a corp's permanent code in clear",
		Long: "Print a corp's permanent code in clear, and nothing else, so that it can be piped. It needs an operator's\n" +
			"token, and the server writes to its audit log who asked before it answers.\n\n" + whereHelp,
		Example: "  suitekeeper auths reveal ding0123456789abcdef | pass insert -e dingtalk/ding0123456789abcdef\n" +
			"  suitekeeper auths reveal ding0123456789abcdef --suite suiteexample0000000x",
		Args: cobra.ExactArgs(1),
	}
	flags := addChangeFlags(cmd)
	suiteKey := addSuiteFlag(cmd, flags.adminFlags, "of this suite; needed where the server has several")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		server, err := flags.running(cmd)
		if err != nil {
			return err
		}
		key, err := server.suiteOf(cmd.Context(), *suiteKey)
		if err != nil {
			return err
		}
		code, err := server.RevealPermanentCode(cmd.Context(), key, args[0])
		if err != nil {
			return server.explain(err)
		}
		if isTerminal(cmd.OutOrStdout()) {
			fmt.Fprintln(cmd.ErrOrStderr(), newView(cmd.ErrOrStderr(), *flags.lang).say(revealWarning))
		}
		return flags.show(cmd, admin.PermanentCode{PermanentCode: code.Reveal()}, func(view) string { return code.Reveal() + "\n" })
	}
	return cmd
}

var revealWarning = suite.Text{
	EN: "This code opens the corp's data, and now stands on your screen; pipe it to where it is needed instead. The audit log has your request.",
	ZH: "此永久授权码可以访问该企业的数据，现在已显示在屏幕上；建议直接用管道传给需要它的程序。本次查看已记入审计日志。",
}

// listLimit is the value of the flag --limit.
type listLimit int

// addLimitFlag gives cmd the flag --limit.
func addLimitFlag(cmd *cobra.Command) *listLimit {
	l := cmd.Flags().Int("limit", suite.DefaultLimit, "at most so many; 0 lists all")
	return (*listLimit)(l)
}

// most is the limit as a number to count down from.
func (l listLimit) most() (int, error) {
	switch {
	case l < 0:
		return 0, usagef("--limit must not be below 0")
	case l == 0:
		return int(^uint(0) >> 1), nil
	}
	return int(l), nil
}

// statusWords are the states of an authorisation.
func statusWords() []string {
	var words []string
	for _, s := range suite.Statuses() {
		words = append(words, string(s))
	}
	return words
}
