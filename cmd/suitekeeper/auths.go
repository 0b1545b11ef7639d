package main

import (
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
