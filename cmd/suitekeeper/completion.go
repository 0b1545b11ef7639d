package main

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// completionTimeout bounds what a shell waits for while somebody types.
const completionTimeout = time.Second

// newCompletionCommand replaces cobra's own, whose help speaks of "your program".
func newCompletionCommand() *cobra.Command {
	group := newGroupCommand("completion", "Print a script that completes suitekeeper's commands in a shell",
		"  suitekeeper completion bash > /etc/bash_completion.d/suitekeeper")
	group.Long = "Print a script that completes suitekeeper's commands, flags and, where they can be had at once, suite keys.\n" +
		"The suite keys are those of --config or of the server that is running."
	for _, s := range []struct {
		shell, where, example string
		write                 func(*cobra.Command, io.Writer) error
	}{
		{"bash", "It needs the package bash-completion.",
			"  suitekeeper completion bash > /etc/bash_completion.d/suitekeeper\n  source <(suitekeeper completion bash)",
			func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) }},
		{"zsh", "Completion must be on: autoload -U compinit; compinit.",
			"  suitekeeper completion zsh > \"${fpath[1]}/_suitekeeper\"\n  source <(suitekeeper completion zsh)",
			func(root *cobra.Command, w io.Writer) error { return root.GenZshCompletion(w) }},
		{"fish", "fish finds the script by its name.",
			"  suitekeeper completion fish | source\n  suitekeeper completion fish > ~/.config/fish/completions/suitekeeper.fish",
			func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) }},
		{"powershell", "To have it in every session, put the line into your profile.",
			"  suitekeeper completion powershell | Out-String | Invoke-Expression",
			func(root *cobra.Command, w io.Writer) error { return root.GenPowerShellCompletionWithDesc(w) }},
	} {
		group.AddCommand(&cobra.Command{
			Use:     s.shell,
			Short:   "Print the script for " + s.shell,
			Long:    "Print the script that completes suitekeeper's commands in " + s.shell + ". " + s.where,
			Example: s.example,
			Args:    cobra.NoArgs,
			RunE:    func(cmd *cobra.Command, _ []string) error { return s.write(cmd.Root(), cmd.OutOrStdout()) },
		})
	}
	return group
}

// completeFlag tells the shell the values of a flag.
func completeFlag(cmd *cobra.Command, flag string, values cobra.CompletionFunc) {
	// It fails for a flag that cmd does not have, and for one with values already.
	_ = cmd.RegisterFlagCompletionFunc(flag, values)
}

// completeWords tells the shell that a flag takes one of a few words.
func completeWords(cmd *cobra.Command, flag string, words ...string) {
	completeFlag(cmd, flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// filesOnlyWhereMeant keeps shells from offering the files of the folder for
// whatever nothing else is offered for, as an id or a time.
func filesOnlyWhereMeant(cmd *cobra.Command) {
	if cmd.ValidArgsFunction == nil && !strings.Contains(cmd.Use, "FILE") {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !takesFile(f.Name) {
			completeFlag(cmd, f.Name, cobra.NoFileCompletions) // which fails where words are offered
		}
	})
	for _, sub := range cmd.Commands() {
		filesOnlyWhereMeant(sub)
	}
}

func takesFile(flag string) bool {
	return slices.Contains([]string{"config", "data", "identity"}, flag) || strings.HasSuffix(flag, "-file")
}

// completeEvent lists the events that push has samples of.
func completeEvent(_ *cobra.Command, args []string, _ string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
	if len(args) == 0 {
		for _, word := range strings.Fields(pushEvents) {
			if strings.Contains(word, "_") {
				names = append(names, word)
			}
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeSuites lists the suite keys of the configuration or, where that
// names none, of the running server. What fails lists nothing: whoever presses
// Tab is helped by no error.
func (f *adminFlags) completeSuites(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var keys []cobra.Completion
	if cfg, err := f.configured(os.Environ()); err == nil {
		for _, s := range cfg.Suites {
			keys = append(keys, cobra.CompletionWithDesc(s.Key, s.Name))
		}
	}
	if len(keys) > 0 {
		return keys, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), completionTimeout)
	defer cancel()
	if server, err := f.server(os.Environ()); err == nil {
		suites, _ := server.Suites(ctx)
		for _, s := range suites {
			keys = append(keys, cobra.CompletionWithDesc(s.SuiteKey, s.Name))
		}
	}
	return keys, cobra.ShellCompDirectiveNoFileComp
}
