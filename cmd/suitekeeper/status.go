package main

import (
	"github.com/spf13/cobra"

	"suitekeeper/handler/admin"
)

func newStatusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show how a running server stands and what needs a person",
		Long: "Show how a running server stands, on one screen: suites with the age of their tickets, authorisations by\n" +
			"state, and what needs a person, with the cure. Alerts do not change the exit status.\n\n" + whereHelpData,
		Example: "  suitekeeper status\n" +
			"  suitekeeper status --config suitekeeper.yaml --lang zh\n" +
			"  suitekeeper status --admin https://isv.example.com:8081 --token-file ops.token\n" +
			"  suitekeeper status -o json | jq '.alerts[].cure'",
		Args: cobra.NoArgs,
	}
	flags := addAskFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return flags.read(cmd.Context(), func(server adminServer) error {
			s, err := server.Status(cmd.Context())
			if err != nil {
				return server.explain(err)
			}
			return flags.show(cmd, s, func(v view) string {
				return statusView{view: v, Status: s, server: server}.text()
			})
		})
	}
	return cmd
}

// statusView is a status as it is shown to people.
type statusView struct {
	view
	admin.Status
	server adminServer
}
