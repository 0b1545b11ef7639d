package main

import (
	"cmp"

	"github.com/spf13/cobra"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

func newSuitesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "suites",
		Short: "List the suites with their tickets, authorisations and callback URLs",
		Long: "List the suites: how old their tickets are, how many authorisations stand how, when the newest event\n" +
			"arrived, and which callback URL belongs into DingTalk's developer console.\n\n" + whereHelpData,
		Example: "  suitekeeper suites\n" +
			"  suitekeeper suites --data /var/lib/suitekeeper\n" +
			"  suitekeeper suites -o json | jq -r '.suites[].callback_url'",
		Args: cobra.NoArgs,
	}
	flags := addAskFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return flags.read(cmd.Context(), func(server adminServer) error {
			list, err := server.Suites(cmd.Context())
			if err != nil {
				return server.explain(err)
			}
			return flags.show(cmd, admin.Suites{Suites: list}, func(v view) string {
				return statusView{view: v, Status: admin.Status{Suites: list}}.suiteList()
			})
		})
	}
	return cmd
}

// suiteList is the table of suites with their callback URLs.
func (v statusView) suiteList() string {
	if len(v.Suites) == 0 {
		return v.words.noSuites + "\n"
	}
	t := v.suites()
	t.columns = append(t.columns, v.heads(suite.Text{EN: "CALLBACK URL", ZH: "回调地址"})...)
	for i, s := range v.Suites {
		t.rows[i] = append(t.rows[i], cell{text: cmp.Or(clean(s.CallbackURL), "-")})
	}
	return t.String()
}
