package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"filippo.io/age"
	"go.uber.org/zap"

	"suitekeeper/store"
	"suitekeeper/store/backup"
	"suitekeeper/store/durable"
	"suitekeeper/suite"
)

// How scheduled backups are named.
const (
	backupPrefix = "suitekeeper-"
	backupSuffix = ".backup"
	backupStamp  = "20060102T150405Z"
)

// How long after the start the first backup may be made, so that a server that
// is started again and again does not spend its time on backups, and the pause
// before one that failed is tried again.
const (
	firstBackupAfter = 10 * time.Second
	backupRetry      = 5 * time.Minute
)

// leastRoom is what stays free on the disk of the backups.
const leastRoom = 200 << 20

// backupSchedule makes backups of the store at intervals, verifies each, and
// removes the oldest. It is safe for concurrent use.
type backupSchedule struct {
	BackupConfig
	engine  store.Engine
	whom    backupFor
	log     *zap.Logger
	metrics *backupMetrics

	mu     sync.Mutex
	report suite.BackupReport
}

// newBackupSchedule goes on from the backups that are there.
func newBackupSchedule(cfg Config, engine store.Engine, metrics *backupMetrics, log *zap.Logger) (*backupSchedule, error) {
	whom, err := cfg.backupFor()
	if err != nil {
		return nil, fmt.Errorf("schedule backups: %w", err)
	}
	s := &backupSchedule{
		BackupConfig: cfg.Backup, engine: engine, whom: whom, log: log, metrics: metrics,
		report: suite.BackupReport{Every: time.Duration(cfg.Backup.Every)},
	}
	if made, err := s.list(); err == nil && len(made) > 0 {
		s.succeeded(made[len(made)-1].at)
	}
	return s, nil
}

// Report tells how the backups stand.
func (s *backupSchedule) Report() suite.BackupReport {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.report
}

// Run makes a backup whenever one is due, until ctx ends.
func (s *backupSchedule) Run(ctx context.Context) error {
	timer := time.NewTimer(max(firstBackupAfter, s.due()))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		err := s.make(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			s.failed(err)
			timer.Reset(min(backupRetry, time.Duration(s.Every)))
		default:
			timer.Reset(s.due())
		}
	}
}

// due is how long it is until the next backup. One that says it is from the
// future, because a clock was wrong, does not hold up the next.
func (s *backupSchedule) due() time.Duration {
	last := s.Report().LastAt
	if last.After(time.Now()) {
		return 0
	}
	return max(0, time.Until(last.Add(time.Duration(s.Every))))
}

func (s *backupSchedule) succeeded(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.report.LastAt, s.report.FailedAt, s.report.Failure = at, time.Time{}, ""
	s.metrics.last.Set(float64(at.Unix()))
}

func (s *backupSchedule) failed(err error) {
	s.log.Error("the scheduled backup failed; trying again later", zap.String("dir", s.Dir), zap.Error(err))
	s.metrics.failures.Inc()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.report.FailedAt, s.report.Failure = time.Now().UTC(), fileCause(err)
}

// make makes and verifies one backup, and then removes what is too many.
func (s *backupSchedule) make(ctx context.Context) error {
	if err := durable.MkdirAll(s.Dir); err != nil {
		return err
	}
	began := time.Now()
	path := filepath.Join(s.Dir, backupPrefix+began.UTC().Format(backupStamp)+backupSuffix)
	if err := errors.Join(s.tidy(), s.mustHaveRoom()); err != nil {
		return err
	}
	var m backup.Manifest
	err := durable.Create(path, func(temp string) (err error) {
		m, err = s.write(ctx, temp)
		return err
	})
	if err != nil {
		return err
	}
	size := fileSize(path)
	s.metrics.made(time.Since(began), size)
	s.log.Info("backup made and verified", zap.String("file", path), zap.Int("records", m.Records), zap.Int64("bytes", size),
		zap.Duration("took", time.Since(began)))
	s.succeeded(began.UTC())
	return s.prune()
}

// write writes a backup to an empty file, and reads it again.
func (s *backupSchedule) write(ctx context.Context, path string) (backup.Manifest, error) {
	var witness backup.Witness
	m, err := writeBackup(ctx, path, s.engine, backup.Options{
		Recipients: s.whom.recipients, Program: currentBuild().Version, Witness: &witness,
	})
	if err == nil {
		err = rereadBackup(path, witness.Identity(), m)
	}
	return m, err
}

// mustHaveRoom refuses to fill a disk that others need to go on, the store
// above all. The next backup takes about as much as the last.
func (s *backupSchedule) mustHaveRoom() error {
	space := diskOf(s.Dir)
	if space == nil {
		return nil
	}
	made, err := s.list()
	if err != nil {
		return err
	}
	need := uint64(leastRoom)
	if len(made) > 0 {
		size := uint64(fileSize(made[len(made)-1].path))
		need += size + size/4
	}
	if free, _, err := space(); err == nil && free < need {
		return &phraseError{suite.Say(suite.SayBackupNoRoom, s.Dir, byteSize(int64(free)), byteSize(int64(need)))}
	}
	return nil
}

// madeBackup is a scheduled backup in the folder.
type madeBackup struct {
	path string
	at   time.Time
}

// list returns the backups in the folder, the oldest first. Those from the
// future, made while a clock was wrong, count as the oldest of all: a new one
// must not be taken for older than they are, and removed.
func (s *backupSchedule) list() ([]madeBackup, error) {
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return nil, err
	}
	var made []madeBackup
	for _, e := range entries {
		stamp, ours := strings.CutPrefix(strings.TrimSuffix(e.Name(), backupSuffix), backupPrefix)
		if at, err := time.Parse(backupStamp, stamp); ours && err == nil && strings.HasSuffix(e.Name(), backupSuffix) {
			made = append(made, madeBackup{filepath.Join(s.Dir, e.Name()), at})
		}
	}
	now := time.Now()
	slices.SortStableFunc(made, func(a, b madeBackup) int {
		switch fromA, fromB := a.at.After(now), b.at.After(now); {
		case fromA && !fromB:
			return -1
		case fromB && !fromA:
			return 1
		}
		return a.at.Compare(b.at)
	})
	return made, nil
}

// prune removes the oldest backups. The new one is verified by now.
func (s *backupSchedule) prune() error {
	made, err := s.list()
	if err != nil {
		return err
	}
	for len(made) > int(s.Keep) {
		if err := os.Remove(made[0].path); err != nil {
			return fmt.Errorf("remove an old backup: %w", err)
		}
		s.log.Info("old backup removed", zap.String("file", made[0].path))
		made = made[1:]
	}
	return nil
}

// tidy removes what crashes left of backups that were being made.
func (s *backupSchedule) tidy() error {
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name, _, partial := strings.Cut(e.Name(), backupSuffix+durable.TempInfix)
		if partial && strings.HasPrefix(name, backupPrefix) {
			if err := durable.RemoveLeftovers(filepath.Join(s.Dir, name+backupSuffix)); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeBackup writes a backup to an empty file.
func writeBackup(ctx context.Context, path string, e store.Engine, o backup.Options) (m backup.Manifest, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return m, err
	}
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	return backup.Write(ctx, f, e, o)
}

// rereadBackup makes sure that a file holds the backup that was written to it.
func rereadBackup(path string, key age.Identity, want backup.Manifest) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	got, err := backup.Read(f, []age.Identity{key}, nil)
	if err != nil {
		return fmt.Errorf("verify the new backup: %w", err)
	}
	if got.SHA256 != want.SHA256 {
		return fmt.Errorf("verify the new backup: %w: it holds something else", backup.ErrDamaged)
	}
	return nil
}

func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
