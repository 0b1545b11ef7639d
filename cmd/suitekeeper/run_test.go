package main_test

import (
	"context"
	"strings"
	"testing"

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
	for _, line := range []string{"", "version", "healthcheck", "push", "config", "config check", "config print"} {
		r := runCommand(t.Context(), "", append(strings.Fields(line), "--help")...)
		if r.status != 0 || !strings.Contains(r.stdout, "Examples:\n  ") {
			t.Errorf("suitekeeper %s --help: status %d, output %q, want 0 and an example", line, r.status, r.stdout)
		}
	}
}
