package main

import (
	"os"
	"time"

	"github.com/spf13/cobra"

	"suitekeeper/handler/admin"
)

func newStatusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show how a running server stands and what needs a person",
		Long: "Show how a running server stands, on one screen: suites with the age of their tickets, authorisations by\n" +
			"state, and what needs a person, with the cure. Alerts do not change the exit status.\n\n" +
			"On the server's machine nothing needs to be given, in its working directory; elsewhere in the file system\n" +
			"--config or --data tells where it is. From other machines give --admin and --token-file.",
		Example: "  suitekeeper status\n" +
			"  suitekeeper status --config suitekeeper.yaml --lang zh\n" +
			"  suitekeeper status --admin https://isv.example.com:8081 --token-file ops.token\n" +
			"  suitekeeper status -o json | jq '.alerts[].cure'",
		Args: cobra.NoArgs,
	}
	flags := addAdminFlags(cmd.Flags())
	lang := addLanguageFlag(cmd, os.Getenv)
	form := addOutputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		server, err := flags.server(os.Environ())
		if err != nil {
			return err
		}
		s, err := server.Status(cmd.Context())
		if err != nil {
			return server.explain(err)
		}
		out := cmd.OutOrStdout()
		if *form == outputJSON {
			return printJSON(out, s)
		}
		return statusView{
			Status: s, address: server.url, now: time.Now(),
			words: lang.words(), paint: painterFor(out, os.Getenv),
		}.write(out)
	}
	return cmd
}

// statusView is a status as it is shown to people.
type statusView struct {
	admin.Status
	address string
	now     time.Time
	words   words
	paint   painter
}
