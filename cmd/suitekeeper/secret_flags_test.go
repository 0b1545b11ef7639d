package main_test

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	keeper "suitekeeper/cmd/suitekeeper"
)

// secretFlags are the flags that hold a secret itself. Other users can see the
// arguments of a process.
var secretFlags = map[string]bool{"token": true, "aes-key": true}

// TestEverySecretCanBeGivenWithoutAnArgument wants a file in the place of every
// flag that holds a secret, and a warning at that flag. A flag that might be
// another one is looked at, too.
func TestEverySecretCanBeGivenWithoutAnArgument(t *testing.T) {
	seen := map[string]bool{}
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			switch {
			case secretFlags[f.Name]:
				seen[f.Name] = true
				if cmd.Flags().Lookup(f.Name+"-file") == nil || !strings.Contains(f.Usage, "other users of this machine can see it (or SUITEKEEPER_") {
					t.Errorf("%s --%s (%s): want --%s-file beside it, and a warning that names the variable", cmd.CommandPath(), f.Name, f.Usage, f.Name)
				}
			case strings.HasSuffix(f.Name, "-file"), f.Name == "recipient", f.Name == "suite-key":
			default:
				for _, word := range []string{"secret", "token", "key", "pass", "code", "identity"} {
					if strings.Contains(f.Name, word) && !strings.Contains(f.Usage, "file with") {
						t.Errorf("%s --%s (%s) may hold a secret", cmd.CommandPath(), f.Name, f.Usage)
					}
				}
			}
		})
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(keeper.NewRootCommand())
	if len(seen) != len(secretFlags) {
		t.Errorf("the flags %v were seen, want %v", seen, secretFlags)
	}
}
