package main_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/suite"
)

// backedUp returns a backup with one ticket. The master key that it is for is
// that of every command of this test from then on.
func backedUp(t *testing.T) (file string, masterKey []byte) {
	t.Helper()
	masterKey = bytes.Repeat([]byte{15}, 32)
	t.Setenv("SUITEKEEPER_MASTER_KEY", hex.EncodeToString(masterKey))
	r := newTestReceiver(t, "http://127.0.0.1:1", sampleSuite)
	r.cfg.MasterKey = suite.Secret(hex.EncodeToString(masterKey))
	r.start()
	r.acknowledges(`{"EventType":"suite_ticket","SuiteTicket":"restoredticket"}`)
	r.stop()
	file = filepath.Join(t.TempDir(), "saved.backup")
	wantCommand(t, 0, "backup", file, "--data", r.cfg.Data)
	return file, masterKey
}

// wantCommand runs a command line and returns what it printed.
func wantCommand(t *testing.T, status int, args ...string) string {
	t.Helper()
	r := runCommand(t.Context(), "", args...)
	if r.status != status {
		t.Fatalf("%q ended with %d, want %d:\n%s%s", args, r.status, status, r.stdout, r.stderr)
	}
	return r.stdout + r.stderr
}

// TestRestoreGoesOnAfterACrashAtAnyMoment makes of a restore what a crash would
// leave at each of its steps. No server starts on a half of it, and the same
// command again restores all.
func TestRestoreGoesOnAfterACrashAtAnyMoment(t *testing.T) {
	file, _ := backedUp(t)
	whole := filepath.Join(t.TempDir(), "whole")
	wantCommand(t, 0, "restore", file, "--data", whole)
	const data, keys = "suitekeeper.db", "suitekeeper.key"
	for step, left := range []struct{ inner, outer string }{
		{"", ""}, {data + ".new-1", ""}, {data, ""}, {data + " " + keys, ""},
		{data + " " + keys, data}, {data + " " + keys, data + " " + keys},
	} {
		t.Run(fmt.Sprint("step ", step), func(t *testing.T) {
			folder := t.TempDir()
			inner := filepath.Join(folder, "restoring")
			must(t, os.Mkdir(inner, 0o700))
			for _, name := range strings.Fields(left.inner) {
				text, err := os.ReadFile(filepath.Join(whole, strings.TrimSuffix(name, ".new-1")))
				must(t, err)
				must(t, os.WriteFile(filepath.Join(inner, name), text, 0o600))
			}
			for _, name := range strings.Fields(left.outer) {
				must(t, os.Link(filepath.Join(inner, name), filepath.Join(folder, name)))
				if said := wantCommand(t, 1, "status", "--data", folder); !strings.Contains(said, "a restore has not ended in "+folder) {
					t.Errorf("status of a half restore said %q", said)
				}
			}
			wantCommand(t, 0, "restore", file, "--data", folder)
			wantCommand(t, 0, "verify", folder)
			if got := fmt.Sprint(names(t, folder)); got != "[suitekeeper.db suitekeeper.key]" {
				t.Errorf("the folder holds %s at the end", got)
			}
		})
	}
}

// TestRestoreThatEndedIsOpenedThoughItsFolderIsThere is the last step of all:
// the inner data file is gone already.
func TestRestoreThatEndedIsOpenedThoughItsFolderIsThere(t *testing.T) {
	file, master := backedUp(t)
	folder := filepath.Join(t.TempDir(), "data")
	wantCommand(t, 0, "restore", file, "--data", folder)
	must(t, os.Mkdir(filepath.Join(folder, "restoring"), 0o700))
	must(t, os.Link(filepath.Join(folder, "suitekeeper.key"), filepath.Join(folder, "restoring", "suitekeeper.key")))
	wantCommand(t, 0, "status", "--data", folder)
	said := wantCommand(t, 1, "restore", file, "--data", folder)
	if !strings.Contains(said, folder+" is not empty: it holds suitekeeper.db; nothing was changed") {
		t.Errorf("a second restore said %q", said)
	}
	r := newTestReceiver(t, "http://127.0.0.1:1", sampleSuite)
	r.cfg.MasterKey, r.cfg.Data = suite.Secret(hex.EncodeToString(master)), folder
	r.start()
	r.stop()
	if got := fmt.Sprint(names(t, folder)); got != "[admin.token suitekeeper.db suitekeeper.key]" {
		t.Errorf("after a start the folder holds %s", got)
	}
}

// TestRestoreLeavesWhatAServerMadeMeanwhile has a server begin in the folder
// while the restore is loading.
func TestRestoreLeavesWhatAServerMadeMeanwhile(t *testing.T) {
	file, master := backedUp(t)
	for _, name := range []string{"suitekeeper.db", "suitekeeper.key"} {
		folder := filepath.Join(t.TempDir(), "data")
		path := filepath.Join(folder, name)
		err := keeper.Restore(t.Context(), folder, file, master, func(int) {
			must(t, os.WriteFile(path, []byte("of the server"), 0o600))
		})
		if err == nil || !strings.Contains(err.Error(), path+" was made by somebody else meanwhile; it was left alone") {
			t.Errorf("restore beside a server that made %s = %v, want it refused", name, err)
		}
		if text, err := os.ReadFile(path); string(text) != "of the server" {
			t.Errorf("the server's %s = %q, %v, want it as it was", name, text, err)
		}
		if got := fmt.Sprint(names(t, folder)); got != "["+name+"]" {
			t.Errorf("the refused restore left %s, want only %s", got, name)
		}
	}
}

// TestDataFolderThatLostAFileIsNotStartedAnew wants a refusal where a start
// would hide that something is gone.
func TestDataFolderThatLostAFileIsNotStartedAnew(t *testing.T) {
	file, master := backedUp(t)
	for name, want := range map[string]string{
		"suitekeeper.db":  "suitekeeper.db is missing, which suitekeeper.key belongs to",
		"suitekeeper.key": "data key is lost: the key file ",
	} {
		r := newTestReceiver(t, "http://127.0.0.1:1", sampleSuite)
		r.cfg.MasterKey = suite.Secret(hex.EncodeToString(master))
		wantCommand(t, 0, "restore", file, "--data", r.cfg.Data)
		must(t, os.Remove(filepath.Join(r.cfg.Data, name)))
		before := fmt.Sprint(names(t, r.cfg.Data))
		log := keeper.NewLogger(keeper.LogConfiguration{Level: "error", Format: "console"}, &r.log)
		err := keeper.RunReceiver(t.Context(), r.cfg, log, nil, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("start without %s = %v, want %q", name, err, want)
		}
		if after := fmt.Sprint(names(t, r.cfg.Data)); after != before {
			t.Errorf("the refused start made of %s %s", before, after)
		}
	}
}

// names are those of the files in a folder, but for the reserve, the journal and
// the note that a data file was left in order.
func names(t *testing.T, folder string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	must(t, err)
	for _, e := range entries {
		switch filepath.Ext(e.Name()) {
		case ".sound", ".reserve", ".journal":
		default:
			list = append(list, e.Name())
		}
	}
	return list
}

// read returns what is in a file.
func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	return string(text)
}
