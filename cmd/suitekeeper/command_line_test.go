package main_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"strings"
	"testing"

	keeper "suitekeeper/cmd/suitekeeper"
)

func TestCommandNameIsOneThatWorksAsTyped(t *testing.T) {
	const cached = "/root/.cache/go-build/18/181dcb66b9d80fb287d7490e53d02414af19885e1a52f95c2ac94d7cc87f6dd4-d/suitekeeper"
	for _, tt := range []struct {
		arg0     string
		inSource bool
		want     string
	}{
		{"suitekeeper", false, "suitekeeper"},
		{"./suitekeeper", true, "./suitekeeper"},
		{"/tmp/go-build2463088046/b001/exe/suitekeeper", true, "go run ./cmd/suitekeeper"},
		{"/tmp/go-build2463088046/b001/exe/suitekeeper", false, "/tmp/go-build2463088046/b001/exe/suitekeeper"},
		{cached, true, "go run ./cmd/suitekeeper"},
		{cached, false, cached},
		{"/opt/go-build/suitekeeper", true, "/opt/go-build/suitekeeper"},
		{"/home/o'neill/my tools/suitekeeper", false, `'/home/o'\''neill/my tools/suitekeeper'`},
	} {
		if got := keeper.CommandName(tt.arg0, tt.inSource); got != tt.want {
			t.Errorf("CommandName(%q, %v) = %q, want %q", tt.arg0, tt.inSource, got, tt.want)
		}
	}
}

func TestDemoSuggestsACommandThatWorksAsTyped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reader, stdout := io.Pipe()
	status := make(chan int, 1)
	go func() {
		status <- keeper.Run(ctx, []string{"demo", "--rate", "0", "--corps", "1", "--data", t.TempDir() + "/my data"}, nil, stdout, os.Stderr)
		stdout.Close()
	}()
	hint := ""
	for lines := bufio.NewScanner(reader); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "In another terminal:  "); ok {
			hint = text
			cancel()
		}
	}
	if got := <-status; got != 0 {
		t.Errorf("demo ended with %d, want 0", got)
	}
	if !strings.HasPrefix(hint, keeper.CommandName(os.Args[0], false)+" status --admin http://127.0.0.1:") || !strings.HasSuffix(hint, "/my data/admin.token'") {
		t.Errorf("demo suggests %q, want this program's own name and a path that a shell reads as one", hint)
	}
}
