package main_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"filippo.io/age"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/store"
	"suitekeeper/store/backup"
	"suitekeeper/store/boltstore"
	"suitekeeper/suite"
)

// scheduled is a store whose backups are scheduled, in virtual time, which
// begins with the year 2000.
type scheduled struct {
	*testing.T
	cfg    keeper.Configuration
	engine store.Engine
	report func() suite.BackupReport
	stop   func()
}

func newScheduled(t *testing.T, every time.Duration, keep int64) *scheduled {
	t.Helper()
	cfg, err := keeper.Defaults()
	must(t, err)
	dir := t.TempDir()
	cfg.MasterKey = suite.Secret(strings.Repeat("0f", 32))
	cfg.Backup.Dir = filepath.Join(dir, "backups")
	cfg.Backup.Every, cfg.Backup.Keep = keeper.DurationOf(every), keep
	disk, err := boltstore.Open(t.Context(), boltstore.Options{Path: filepath.Join(dir, "data.db")})
	must(t, err)
	t.Cleanup(func() { disk.Close() })
	return &scheduled{T: t, cfg: cfg, engine: disk}
}

// start starts the schedule, as a server does.
func (s *scheduled) start() {
	s.Helper()
	schedule, err := keeper.NewBackupSchedule(s.cfg, s.engine)
	must(s.T, err)
	ctx, cancel := context.WithCancel(s.Context())
	done := make(chan error, 1)
	go func() { done <- schedule.Run(ctx) }()
	s.report = schedule.Report
	s.stop = func() {
		s.Helper()
		cancel()
		must(s.T, <-done)
	}
}

// after waits, and returns the names of what lies in the folder then.
func (s *scheduled) after(d time.Duration) string {
	s.Helper()
	time.Sleep(d)
	synctest.Wait()
	return strings.Join(names(s.T, s.cfg.Backup.Dir), " ")
}

// backupAt is the name of the backup of a time of the first day.
func backupAt(clock string) string { return "suitekeeper-20000101T" + clock + "Z.backup" }

func TestScheduledBackupsAreMadeWhenDueAndTheOldestRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduled(t, time.Hour, 2)
		// Of a crash, and of somebody else.
		must(t, os.Mkdir(s.cfg.Backup.Dir, 0o700))
		must(t, os.WriteFile(filepath.Join(s.cfg.Backup.Dir, backupAt("000000")+".new-123"), nil, 0o600))
		must(t, os.WriteFile(filepath.Join(s.cfg.Backup.Dir, "notes"), nil, 0o600))
		s.start()
		for _, tt := range []struct {
			wait time.Duration
			want []string
		}{
			{11 * time.Second, []string{"notes", backupAt("000010")}},
			{time.Hour - 2*time.Second, []string{"notes", backupAt("000010")}},
			{2 * time.Second, []string{"notes", backupAt("000010"), backupAt("010010")}},
			{time.Hour, []string{"notes", backupAt("010010"), backupAt("020010")}},
			{10 * time.Hour, []string{"notes", backupAt("110010"), backupAt("120010")}},
		} {
			if got, want := s.after(tt.wait), strings.Join(tt.want, " "); got != want {
				t.Errorf("the folder holds %s at %s, want %s", got, time.Now().UTC().Format(time.TimeOnly), want)
			}
		}
		s.stop()

		// A start makes none before the next is due.
		s.start()
		if got, want := s.after(58*time.Minute), strings.Join([]string{"notes", backupAt("110010"), backupAt("120010")}, " "); got != want {
			t.Errorf("after a restart the folder holds %s, want %s", got, want)
		}
		if got := s.after(2 * time.Minute); !strings.Contains(got, backupAt("130010")) {
			t.Errorf("after a restart the folder holds %s, want the backup of 13:00:10, too", got)
		}
		if at := s.report().LastAt.Format(time.TimeOnly); at != "13:00:10" {
			t.Errorf("the newest backup is reported as that of %s, want 13:00:10", at)
		}
		s.stop()
	})
}

func TestScheduledBackupHoldsEverythingForTheMasterKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduled(t, time.Hour, 2)
		put(t, s.engine, "auth\x00corp", "the permanent code")
		s.start()
		s.after(time.Minute)
		s.stop()
		path := filepath.Join(s.cfg.Backup.Dir, backupAt("000010"))
		info, err := os.Stat(path)
		must(t, err)
		if info.Mode() != 0o600 {
			t.Errorf("the backup has the mode %v, want it for its owner only", info.Mode())
		}
		f, err := os.Open(path)
		must(t, err)
		defer f.Close()
		key, err := backup.FromMasterKey(s.cfg.MasterKeyBytes())
		must(t, err)
		found := map[string]string{}
		_, err = backup.Read(f, []age.Identity{key}, func(p store.Pair) error {
			found[string(p.Key)] = string(p.Value)
			return nil
		})
		if want := map[string]string{"auth\x00corp": "the permanent code"}; err != nil || fmt.Sprint(found) != fmt.Sprint(want) {
			t.Errorf("the backup holds %q, %v, want %q", found, err, want)
		}
	})
}

// TestScheduledBackupsOfAWrongClockGoFirst has as many backups in the folder as
// are kept that say they are from the future.
func TestScheduledBackupsOfAWrongClockGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduled(t, time.Hour, 2)
		must(t, os.Mkdir(s.cfg.Backup.Dir, 0o700))
		for _, name := range []string{"suitekeeper-20300101T000000Z.backup", "suitekeeper-20400101T000000Z.backup"} {
			must(t, os.WriteFile(filepath.Join(s.cfg.Backup.Dir, name), nil, 0o600))
		}
		s.start()
		if got, want := s.after(time.Minute), backupAt("000010")+" suitekeeper-20400101T000000Z.backup"; got != want {
			t.Errorf("the folder holds %s, want %s", got, want)
		}
		if got, want := s.after(time.Hour), backupAt("000010")+" "+backupAt("010010"); got != want {
			t.Errorf("the folder holds %s, want %s", got, want)
		}
		s.stop()
	})
}

func TestScheduledBackupThatFailsIsReportedAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduled(t, time.Hour, 2)
		must(t, os.WriteFile(s.cfg.Backup.Dir, nil, 0o600)) // where the folder should be
		s.start()
		time.Sleep(time.Minute)
		if r := s.report(); r.FailedAt.IsZero() || !strings.Contains(r.Failure.String(), "is not a folder") {
			t.Errorf("the report of a backup that failed = %+v", r)
		}
		must(t, os.Remove(s.cfg.Backup.Dir))
		s.after(5 * time.Minute)
		if r := s.report(); !r.FailedAt.IsZero() || r.LastAt.Format(time.TimeOnly) != "00:05:10" {
			t.Errorf("the report when the folder can be made again = %+v, want a backup of 00:05:10", r)
		}
		s.stop()
	})
}

func put(t *testing.T, e store.Engine, key, value string) {
	t.Helper()
	must(t, e.Update(t.Context(), func(w store.Writer) error { return w.Put([]byte(key), []byte(value)) }))
}
