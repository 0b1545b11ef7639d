package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/store"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/sealed"
	"suitekeeper/suite"
)

// The variables of "make folder": a binary of another version, and where to
// keep the data folder that it writes.
const (
	folderBinaryEnv = "FOLDER_BINARY"
	folderKeptEnv   = "FOLDER_KEPT"
)

// TestDataFolderTellsWhatItsWriterTold writes a data folder and opens it again.
// With the variables of "make folder" another version writes it, and it is kept
// for TestOldDataFolderKeepsEverything.
func TestDataFolderTellsWhatItsWriterTold(t *testing.T) {
	binary := os.Getenv(folderBinaryEnv)
	if binary == "" {
		binary = builtBinary(t)
	}
	data := filepath.Join(t.TempDir(), "data")
	known := writeFolder(t, binary, data)
	if kept := os.Getenv(folderKeptEnv); kept != "" {
		packFolder(t, data, kept, known)
	}
	wantKnown(t, data, known)
}

// TestOldDataFolderKeepsEverything opens data folders that real older versions
// wrote: they are brought up to date, and tell all that their own version told.
func TestOldDataFolderKeepsEverything(t *testing.T) {
	schemas := map[int]bool{}
	for _, name := range names(t, "testdata/folders") {
		t.Run(name, func(t *testing.T) {
			data, known := unpackFolder(t, filepath.Join("testdata/folders", name))
			schemas[known.Schema] = true
			backup := filepath.Join(t.TempDir(), "old.backup")
			key := filepath.Join(t.TempDir(), "identity")
			must(t, os.WriteFile(key, []byte(testIdentity), 0o600))
			wantCommand(t, 0, "backup", backup, "--data", data, "--recipient", testRecipient)
			if known.Schema < newestSchema() {
				before := read(t, filepath.Join(data, "suitekeeper.db"))
				said := wantCommand(t, 1, "status", "--data", data)
				if !strings.Contains(said, "the data folder was written by an older suitekeeper\nhint: start 'suitekeeper serve' once: ") {
					t.Errorf("status of an old folder said %q", said)
				}
				if read(t, filepath.Join(data, "suitekeeper.db")) != before {
					t.Error("a command that only reads changed an old folder")
				}
			}
			wantKnown(t, data, known)
			wantCommand(t, 0, "status", "--data", data)

			// A backup of before the upgrade does the same.
			restored := filepath.Join(t.TempDir(), "restored")
			wantCommand(t, 0, "restore", backup, "--data", restored, "--identity", key)
			wantKnown(t, restored, known)
		})
	}
	if !schemas[0] || !schemas[newestSchema()] {
		t.Errorf("there are folders of the schemas %v, want of 0 and of %d: run make folder", schemas, newestSchema())
	}
}

// A key pair of age for tests.
const (
	testIdentity  = "AGE-SECRET-KEY-1XYWMQXL8DA0PDT4FX76G8SZJYT847K62F7M6AUGGAWVF6NYLC92SQZYJUM"
	testRecipient = "age1yk3aa745mukyhxsn9k77j8u2fqq20pwyn6x2ypg6zaflkujp84ysgzqnf2"
)

func newestSchema() (newest int) {
	for _, m := range suite.Migrations() {
		newest = m.To
	}
	return newest
}

// wantKnown starts a server over a data folder twice: the first time it may have
// to bring it up to date. Afterwards everything is there that was known.
func wantKnown(t *testing.T, data string, known told) {
	t.Helper()
	r := newTestReceiver(t, "http://127.0.0.1:1", folderSuites()...)
	r.cfg.Data = data
	forever := keeper.DurationOf(200 * 365 * 24 * time.Hour) // the folder ages, and must not lose events by that
	r.cfg.Retention.Events, r.cfg.Retention.Fingerprints = forever, forever
	for range 2 {
		r.start()
		for path, was := range known.Answers {
			a := r.get(r.admin+path, r.adminToken())
			if missing := lacks(decoded(t, was), decoded(t, []byte(a.body)), path); missing != "" {
				t.Errorf("%s; the answer of %s is now %d: %s", missing, path, a.status, a.body)
			}
		}
		r.stop()
		var schema int
		must(t, withStore(t.Context(), data, func(s store.Reader) (err error) {
			schema, err = store.SchemaVersion(s)
			return err
		}))
		if schema != newestSchema() {
			t.Errorf("the schema is %d after a start, want %d", schema, newestSchema())
		}
	}
	kept, err := readKept(t.Context(), data)
	must(t, err)
	for corp, code := range known.Codes {
		if kept.auths[corp].Code != code {
			t.Errorf("the permanent code of %s is %q, want %q", corp, kept.auths[corp].Code, code)
		}
	}
	for _, payload := range known.Events {
		if kept.events[payload] != 1 {
			t.Errorf("an event is there %d times, want once: %s", kept.events[payload], payload)
		}
	}
	v := &victim{TB: t, data: data}
	if ticket := v.storedTicket("suitekill9"); known.Ticket == "" || ticket != known.Ticket {
		t.Errorf("the ticket is %q, want %q", ticket, known.Ticket)
	}
	if len(known.Codes) == 0 || len(known.Events) == 0 || len(known.Answers) == 0 {
		t.Errorf("little is known of the folder: %+v", known)
	}
}

func decoded(t *testing.T, text []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// passing are the members that tell of this moment, and not of what is kept.
var passing = []string{
	"age_seconds", "state", "exchange", "next_cursor", "callback_url", "pushes_per_minute", "next_expected_at", "call",
}

// lacks tells what of an answer is missing in a later one, which may tell more;
// nothing if all is there.
func lacks(was, is any, at string) string {
	switch was := was.(type) {
	case map[string]any:
		now, ok := is.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s is %v, and was %v", at, is, was)
		}
		for key, value := range was {
			if slices.Contains(passing, key) {
				continue
			}
			if missing := lacks(value, now[key], at+"."+key); missing != "" {
				return missing
			}
		}
	case []any:
		now, _ := is.([]any)
		for i, value := range was {
			missing := fmt.Sprintf("%s[%d] is missing: %v", at, i, value)
			for j, candidate := range now {
				if lacks(value, candidate, "") == "" {
					missing, now = "", now[j+1:]
					break
				}
			}
			if missing != "" {
				return missing
			}
		}
	default:
		if was != is {
			return fmt.Sprintf("%s is %v, and was %v", at, is, was)
		}
	}
	return ""
}

// TestNewerDataFolderIsRefused has a folder, and a backup, of a version that does
// not exist yet. Nothing opens them, and nothing is changed.
func TestNewerDataFolderIsRefused(t *testing.T) {
	r := newTestReceiver(t, "http://127.0.0.1:1", sampleSuite)
	r.start()
	r.acknowledges(`{"EventType":"suite_ticket","SuiteTicket":"ticketofnextyear"}`)
	r.stop()
	newer := newestSchema() + 1
	setSchema(t, r.cfg.Data, newer)
	before := read(t, filepath.Join(r.cfg.Data, "suitekeeper.db"))
	want := fmt.Sprintf("schema of the store is newer than this program: the store has version %d, this program knows versions up to %d; "+
		"start the newer program again, or restore a backup that was made before the upgrade", newer, newestSchema())

	log := keeper.NewLogger(keeper.LogConfiguration{Level: "error", Format: "console"}, &r.log)
	if err := keeper.RunReceiver(t.Context(), r.cfg, log, nil, nil); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("start over a newer folder = %v, want %q", err, want)
	}
	for _, command := range [][]string{
		{"status"}, {"suites"}, {"auths", "list"}, {"auths", "show", "ding1"}, {"events", "list"}, {"events", "show", "0"},
	} {
		if said := wantCommand(t, 1, append(command, "--data", r.cfg.Data)...); !strings.Contains(said, want) {
			t.Errorf("%q of a newer folder said %q, want %q", command, said, want)
		}
	}
	if read(t, filepath.Join(r.cfg.Data, "suitekeeper.db")) != before {
		t.Error("something changed a newer folder")
	}

	dir := t.TempDir()
	backup, key, folder := filepath.Join(dir, "backup"), filepath.Join(dir, "key"), filepath.Join(dir, "folder")
	must(t, os.WriteFile(key, []byte(testIdentity), 0o600))
	wantCommand(t, 0, "backup", backup, "--data", r.cfg.Data, "--recipient", testRecipient)
	want = fmt.Sprintf("the backup was made by a newer suitekeeper than this one: the schema of its data is %d, this program knows %d\n"+
		"hint: use the version of suitekeeper that made it, or a newer one", newer, newestSchema())
	if said := wantCommand(t, 1, "restore", backup, "--data", folder, "--identity", key); !strings.Contains(said, want) {
		t.Errorf("restore of a newer backup said %q, want %q", said, want)
	}
	if left := names(t, folder); len(left) > 0 {
		t.Errorf("restore of a newer backup left %q", left)
	}
}

// setSchema makes a folder look as if another version had written it.
func setSchema(t *testing.T, data string, version int) {
	t.Helper()
	disk, err := boltstore.Open(t.Context(), boltstore.Options{Path: filepath.Join(data, "suitekeeper.db")})
	must(t, err)
	defer disk.Close()
	engine, err := sealed.Open(t.Context(), disk, sealed.KeyOptions{Path: filepath.Join(data, "suitekeeper.key")})
	must(t, err)
	must(t, engine.Update(t.Context(), func(w store.Writer) error {
		return store.NewCollection("schema", store.JSON[int]()).Put(w, []byte("version"), version)
	}))
}
