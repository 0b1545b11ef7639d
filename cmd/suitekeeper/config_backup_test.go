package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	keeper "suitekeeper/cmd/suitekeeper"
)

const masterKeyText = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlBQkNERUY="

func TestBackupsNeedSomebodyToOpenThem(t *testing.T) {
	const dir = "backup: {dir: /mnt/backups}\n"
	for _, yaml := range []string{dir + "master_key: " + masterKeyText, "backup: {dir: /mnt/backups, recipients: [" + ageRecipient + "]}"} {
		mustLoad(t, keeper.LoadOptions{Path: writeConfig(t, yaml)})
	}
	for yaml, want := range map[string]string{
		dir:                                  "backup.dir is set, and nobody is named whom backups are to be encrypted for",
		"backup: {recipients: [age1nobody]}": "backup.recipients[0] is not allowed",
		"backup: {every: 59s}":               "backup.every is not allowed",
		"backup: {keep: 0}":                  "backup.keep is not allowed",
		"backup: {keep: all}":                "backup.keep is not a whole number",
	} {
		got := findings(t, keeper.LoadOptions{Path: writeConfig(t, yaml)})
		if len(got) != 1 || got[0].Key+" "+got[0].Problem != want || got[0].Cure == "" {
			t.Errorf("LoadConfig(%q) = %v, want %s, with the cure", yaml, got, want)
		}
	}
}

func TestBackupsInTheDataFolderAreWarnedOf(t *testing.T) {
	for dir, want := range map[string]bool{"/srv/data/backups": true, "/srv/data": true, "/srv/data-backups": false, "/srv": false, "": false} {
		_, warnings, err := keeper.LoadConfig(keeper.LoadOptions{Path: writeConfig(t, "data: /srv/data\nmaster_key: "+masterKeyText+
			"\nbackup: {dir: \""+dir+"\"}\n")})
		if err != nil {
			t.Fatal(err)
		}
		warned := false
		for _, w := range warnings {
			warned = warned || w.Key == "backup.dir"
		}
		if warned != want {
			t.Errorf("backups in %q beside data in /srv/data are warned of = %t, want %t", dir, warned, want)
		}
	}
}

func TestMasterKeyComesAsCredentialOfSystemd(t *testing.T) {
	dir := t.TempDir()
	environ := []string{"CREDENTIALS_DIRECTORY=" + dir}
	if c := mustLoad(t, keeper.LoadOptions{Environ: environ}); c.MasterKeyBytes() != nil {
		t.Error("a folder without the credential gives a master key, want none")
	}
	credential := filepath.Join(dir, "master_key")
	if err := os.WriteFile(credential, []byte(masterKeyText+"\n"), 0o400); err != nil {
		t.Fatal(err)
	}
	if c := mustLoad(t, keeper.LoadOptions{Environ: environ}); string(c.MasterKeyBytes()) != "0123456789abcdef0123456789ABCDEF" {
		t.Errorf("MasterKeyBytes() = %q, want the credential's", c.MasterKeyBytes())
	}
	got := findings(t, keeper.LoadOptions{Environ: append(environ, "SUITEKEEPER_MASTER_KEY="+masterKeyText)})
	if len(got) != 1 || got[0].Key != "master_key" || !strings.Contains(got[0].Problem, "twice") {
		t.Errorf("findings with a variable, too = %v, want that it is given twice", got)
	}
	if err := os.Chmod(credential, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(credential, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	got = findings(t, keeper.LoadOptions{Environ: environ})
	if d := cmp.Diff([]string{"credential master_key"}, []string{got[0].Where}); d != "" || strings.Contains(got[0].String(), "hunter2") {
		t.Errorf("findings of a credential that is no key = %v, want its name and not its text", got)
	}
}
