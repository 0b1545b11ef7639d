package main_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs the stories in testdata/script, each in a folder of its
// own, with the command as users have it. Beyond what testscript knows they
// have "status N COMMAND…", which wants that exit status, "ready URL", which
// waits until a server takes pushes, "until PATTERN COMMAND…", which ends a
// command with Ctrl-C once it has printed a line like that, "damage FILE AT",
// which changes a byte of a file (counted from its end if AT is negative), "mode MODE
// PATH", which wants those permissions, "remember NAME PATTERN", which keeps what
// the group of a pattern matches in the last output as variable, and two free addresses for a server of
// their own, $CALLBACKS and $OPERATORS.
func TestScripts(t *testing.T) {
	testscript.RunT(inTurn{t}, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(builtBinary(t))+string(filepath.ListSeparator)+env.Getenv("PATH"))
			env.Setenv("TZ", "UTC")
			for _, name := range []string{"CALLBACKS", "OPERATORS"} {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					return err
				}
				env.Setenv(name, l.Addr().String())
				l.Close() // the address is free from here on
			}
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"status": wantStatus, "ready": waitReady, "until": interruptAfter, "damage": damageFile, "mode": wantMode,
			"remember": remember,
		},
	})
}

// inTurn has one story run after another: their servers would slow each other
// down, and answer pushes later than DingTalk waits.
type inTurn struct{ *testing.T }

// Parallel implements testscript.T and does nothing.
func (inTurn) Parallel() {}

// Run implements testscript.T.
func (t inTurn) Run(name string, story func(testscript.T)) {
	t.T.Run(name, func(t *testing.T) { story(inTurn{t}) })
}

// Verbose implements testscript.T.
func (inTurn) Verbose() bool { return testing.Verbose() }

// waitReady waits until the page of a server answers 200.
func waitReady(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: ready URL")
	}
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		resp, err := http.Get(args[0])
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-tick.C:
		case <-deadline:
			ts.Fatalf("%s does not answer 200: %v", args[0], err)
		}
	}
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

// remember sets a variable to what was printed last.
func remember(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: remember NAME PATTERN")
	}
	found := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) != 2 {
		ts.Fatalf("nothing printed matches %s with its group", args[1])
	}
	ts.Setenv(args[0], found[1])
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

// interruptAfter runs a command until it prints a line that matches, and keeps
// its output in the file "printed". A command that is made for that ends well.
func interruptAfter(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until PATTERN COMMAND…")
	}
	pattern := regexp.MustCompile(args[0])
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	path := filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], args[1]) // where the binary is
	cmd := exec.CommandContext(ctx, path, args[2:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "TZ", "SUITEKEEPER_LISTEN", "SUITEKEEPER_ADMIN_LISTEN"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	var printed strings.Builder
	lines, found := bufio.NewScanner(out), false
	for lines.Scan() {
		printed.WriteString(lines.Text() + "\n")
		if !found && pattern.MatchString(lines.Text()) {
			found = true
			ts.Check(cmd.Process.Signal(os.Interrupt))
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs("printed"), []byte(printed.String()), 0o600))
	if err := cmd.Wait(); err != nil || !found {
		ts.Fatalf("%v ended with %v and printed %q, want a line like %s, and no error after Ctrl-C", args[1:], err, printed.String(), pattern)
	}
}

// damageFile changes one byte of a file.
func damageFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: damage FILE AT")
	}
	at, err := strconv.Atoi(args[1])
	ts.Check(err)
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	if at < 0 {
		at += len(text)
	}
	text[at] ^= 1
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}

// wantMode wants the permissions of a file or folder, as 600.
func wantMode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode MODE PATH")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := strconv.FormatUint(uint64(info.Mode().Perm()), 8); got != args[0] {
		ts.Fatalf("%s has the mode %s, want %s", args[1], got, args[0])
	}
}
