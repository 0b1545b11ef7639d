package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"suitekeeper/suite"
)

// newRootCommand returns the command tree: the only list of commands.
func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "suitekeeper",
		Short:         "Receive DingTalk's ISV callbacks and keep suites authorised",
		Example:       "  suitekeeper demo\n  suitekeeper serve --config suitekeeper.yaml\n  suitekeeper push check_url --to http://127.0.0.1:8080/callback --config suitekeeper.yaml",
		SilenceErrors: true, // run prints each error once
		SilenceUsage:  true,
	}
	root.CompletionOptions.DisableDefaultCmd = true // newCompletionCommand is ours
	root.AddCommand(
		newServeCommand(),
		newDemoCommand(),
		newStatusCommand(),
		newSuitesCommand(),
		newAuthsCommand(),
		newEventsCommand(),
		newRepushCommand(),
		newBackupCommand(),
		newRestoreCommand(),
		newVerifyCommand(),
		newKeysCommand(),
		newDoctorCommand(),
		newConfigCommand(),
		newHealthcheckCommand(),
		newPushCommand(),
		newCompletionCommand(),
		newVersionCommand(),
	)
	filesOnlyWhereMeant(root)
	return root
}

// run carries out one command line and returns the exit status. An error is
// printed to stderr, once.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRootCommand()
	root.SetArgs(slices.Clone(args)) // never nil: cobra would then read os.Args
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)

	started := false
	markStart(root, &started)
	called, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	if !started { // refused by cobra: an unknown command or flag, too many arguments
		err = withHint(&usageError{err}, suite.Text{EN: "run '%s --help'", ZH: "请运行 '%s --help'"}, called.CommandPath())
	}
	printErrorSoon(stderr, err, languageOf(called, os.Getenv))
	if usage := (*usageError)(nil); errors.As(err, &usage) {
		return 2
	}
	return 1
}

// markStart makes every command below cmd note that it was reached: what fails
// before is the command line's fault.
func markStart(cmd *cobra.Command, started *bool) {
	if work := cmd.RunE; work != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			*started = true
			return work(cmd, args)
		}
	}
	for _, sub := range cmd.Commands() {
		markStart(sub, started)
	}
}

// newGroupCommand returns a command that only holds others: without one of
// them it shows its help, and an unknown one is a usage error.
func newGroupCommand(use, short, example string, subcommands ...*cobra.Command) *cobra.Command {
	group := &cobra.Command{
		Use:     use,
		Short:   short,
		Example: example,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	group.AddCommand(subcommands...)
	return group
}
