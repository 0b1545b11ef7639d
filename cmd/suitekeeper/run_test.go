package main_test

import (
	"context"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	keeper "suitekeeper/cmd/suitekeeper"
)

// result is what one command line did.
type result struct {
	status         int
	stdout, stderr string
}

// runCommand runs a command line in this process.
func runCommand(ctx context.Context, stdin string, args ...string) result {
	var out, errs strings.Builder
	status := keeper.Run(ctx, args, strings.NewReader(stdin), &out, &errs)
	return result{status, out.String(), errs.String()}
}

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	seen := 0
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		seen++
		line := strings.Fields(cmd.CommandPath() + " --help")[1:]
		r := runCommand(t.Context(), "", line...)
		if r.status != 0 || !strings.Contains(r.stdout, "Examples:\n  suitekeeper ") {
			t.Errorf("suitekeeper %s: status %d, output %q, want 0 and an example", strings.Join(line, " "), r.status, r.stdout)
		}
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(keeper.NewRootCommand())
	if seen < 10 {
		t.Errorf("%d commands seen, want serve, demo, status and the others", seen)
	}
}
