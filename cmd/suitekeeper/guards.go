package main

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
	"suitekeeper/suite"
)

// guards keep the data of a running server safe: its backups, its key, its room
// on the disk, and the watch for damage.
type guards struct {
	damage  *damageWatch
	room    *roomWatch
	disk    *boltstore.DB
	backups *backupSchedule // nil: none are scheduled
	vault   *vault
}

// schedule makes the schedule of backups, if the configuration wants them.
func (g *guards) schedule(cfg Config, engine store.Engine, reg prometheus.Registerer, log *zap.Logger) (err error) {
	if cfg.Backup.Dir == "" {
		return nil
	}
	metrics, err := newBackupMetrics(reg)
	if err != nil {
		return err
	}
	g.backups, err = newBackupSchedule(cfg, engine, metrics, log)
	return err
}

// backupReport is what tells how the backups stand; nil when there are none.
func (g *guards) backupReport() func() suite.BackupReport {
	if g.backups == nil {
		return nil
	}
	return g.backups.Report
}

// run does what the guards do by themselves, until ctx ends.
func (g *guards) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return g.vault.Run(ctx) })
	group.Go(func() error { return g.disk.KeepRoom(ctx) })
	if g.backups != nil {
		group.Go(func() error { return g.backups.Run(ctx) })
	}
	return group.Wait()
}
