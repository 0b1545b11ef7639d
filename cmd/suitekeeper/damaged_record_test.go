package main_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
)

// TestDamagedRecordIsNamedAndTheRestSaved changes a record in the data file of a
// stopped server. It is never shown; all else can be saved without a backup.
func TestDamagedRecordIsNamedAndTheRestSaved(t *testing.T) {
	r := newTestReceiver(t, "http://127.0.0.1:1", sampleSuite)
	r.start()
	r.acknowledges(`{"EventType":"suite_ticket","SuiteTicket":"ticketthatissound"}`)
	r.acknowledges(`{"EventType":"user_add_org","CorpId":"ding1","UserId":["zhangsan"],"TimeStamp":1750000000000}`)
	r.stop()
	damageRecord(t, r.cfg.Data, "\x01event\x00")

	said := wantCommand(t, 1, "verify", r.cfg.Data)
	for _, want := range []string{
		`damaged                   "event\x00`, "suitekeeper: " + r.cfg.Data + ": damaged records: 1\n",
		"hint: put the newest backup in its place: move the folder away, then 'suitekeeper restore BACKUP'; without a backup, " +
			"'suitekeeper backup --skip-damaged --data DIR FILE' saves all that can still be read",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("verify said %q, want %q", said, want)
		}
	}
	if strings.Contains(said, "It is whole") {
		t.Errorf("verify of a damaged file said %q", said)
	}
	var shown struct{ Damaged []string }
	answer := runCommand(t.Context(), "", "verify", r.cfg.Data, "-o", "json")
	if err := json.Unmarshal([]byte(answer.stdout), &shown); err != nil || answer.status != 1 || len(shown.Damaged) != 1 {
		t.Errorf("verify -o json = %d, %v, %+v, want status 1 and the record", answer.status, err, shown)
	}

	dir := t.TempDir()
	file, key, restored := filepath.Join(dir, "saved.backup"), filepath.Join(dir, "key"), filepath.Join(dir, "restored")
	must(t, os.WriteFile(key, []byte(testIdentity), 0o600))
	backup := []string{"backup", file, "--data", r.cfg.Data, "--recipient", testRecipient}
	if said := wantCommand(t, 1, backup...); !strings.Contains(said, "record is damaged") || !strings.Contains(said, "backup --skip-damaged") {
		t.Errorf("backup of a damaged file said %q, want what is wrong and how to save the rest", said)
	}
	if left := names(t, dir); len(left) != 1 {
		t.Errorf("the backup that failed left %q", left)
	}
	if said := wantCommand(t, 1, append(backup, "--skip-damaged")...); !strings.Contains(said, "records that could not be read and are not in the backup: 1") {
		t.Errorf("backup --skip-damaged said %q", said)
	}
	wantCommand(t, 0, "verify", file, "--identity", key)
	said = wantCommand(t, 0, "restore", file, "--data", restored, "--identity", key)
	if !strings.Contains(said, "left out") {
		t.Errorf("restore of a backup with a record left out said %q", said)
	}
	if list := wantCommand(t, 0, "events", "list", "--data", restored); strings.Count(list, " user_add_org ")+strings.Count(list, " suite_ticket ") != 1 {
		t.Errorf("events list = %q, want the event that was sound", list)
	}

	r.start()
	r.get(r.admin+"/api/v1/events", r.adminToken())
	if !r.report().alert("record_damaged") {
		t.Errorf("the server that met the record has no alert: %+v", r.report().Alerts)
	}
	r.stop()
	r.cfg.Data = restored
	r.start()
	r.get(r.admin+"/api/v1/events", r.adminToken())
	if r.report().alert("record_damaged") {
		t.Errorf("the restored server met a damaged record: %+v", r.report().Alerts)
	}
}

// damageRecord flips a bit in the first record whose key begins so.
func damageRecord(t *testing.T, data, prefix string) {
	t.Helper()
	disk, err := boltstore.Open(t.Context(), boltstore.Options{Path: filepath.Join(data, "suitekeeper.db")})
	must(t, err)
	defer disk.Close()
	var key, value []byte
	must(t, disk.View(t.Context(), func(s store.Reader) error {
		for p, err := range s.Scan([]byte(prefix), nil, false) {
			key, value = bytes.Clone(p.Key), bytes.Clone(p.Value)
			return err
		}
		return nil
	}))
	if !bytes.HasPrefix(key, []byte(prefix)) {
		t.Fatalf("there is no record whose key begins with %q", prefix)
	}
	value[len(value)-1] ^= 1
	must(t, disk.Update(t.Context(), func(w store.Writer) error { return w.Put(key, value) }))
}
