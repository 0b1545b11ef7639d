package main_test

import (
	"errors"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	keeper "suitekeeper/cmd/suitekeeper"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"suitekeeper": keeper.Main})
}

// TestScripts runs the stories in testdata/script, each in a folder of its
// own, with the command as users have it. Beyond what testscript knows they
// have "status N COMMAND…", which wants that exit status.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds:                map[string]func(ts *testscript.TestScript, neg bool, args []string){"status": wantStatus},
	})
}

// wantStatus runs a command and checks its exit status; testscript itself
// tells only success from failure.
func wantStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND…")
	}
	got := exitStatus(ts.Exec(args[1], args[2:]...))
	if got != args[0] {
		ts.Fatalf("%v: exit status %s, want %s", args[1:], got, args[0])
	}
}

func exitStatus(err error) string {
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return strconv.Itoa(exit.ExitCode())
	}
	if err != nil {
		return err.Error()
	}
	return "0"
}
