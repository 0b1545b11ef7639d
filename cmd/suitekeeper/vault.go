package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"go.uber.org/zap"

	"suitekeeper/handler/admin"
	"suitekeeper/store/backup"
	"suitekeeper/store/sealed"
	"suitekeeper/suite"
)

// vault takes backups of a running server and rotates its data key, for
// operators. It is safe for concurrent use.
type vault struct {
	engine *sealed.Engine
	keeper *suite.Keeper
	cfg    Config
	log    *zap.Logger
	wake   chan struct{} // a rotation has begun

	mu   sync.Mutex
	fail error // why the rotation does not go on
}

func newVault(engine *sealed.Engine, keeper *suite.Keeper, cfg Config, log *zap.Logger) *vault {
	return &vault{engine: engine, keeper: keeper, cfg: cfg, log: log, wake: make(chan struct{}, 1)}
}

// Backup implements admin.Backups.
func (v *vault) Backup(ctx context.Context, by suite.Actor, w io.Writer, recipients []string) (admin.BackupManifest, error) {
	whom, err := v.backupFor(recipients)
	if err != nil {
		return admin.BackupManifest{}, err
	}
	if err := v.keeper.RecordBackup(ctx, by, whom.words); err != nil {
		return admin.BackupManifest{}, err
	}
	m, err := backup.Write(ctx, w, v.engine, backup.Options{Recipients: whom.recipients, Program: currentBuild().Version})
	return shownManifest(m), err
}

func (v *vault) backupFor(recipients []string) (whom backupFor, err error) {
	if len(recipients) > 0 {
		if whom, err = forRecipients(recipients); err != nil {
			return whom, admin.ErrBadRecipient
		}
		return whom, nil
	}
	whom, err = v.cfg.backupFor()
	if errors.Is(err, errNobody) {
		return whom, admin.ErrNoBackupKey
	}
	return whom, err
}

// RotateKey implements admin.DataKey.
func (v *vault) RotateKey(ctx context.Context, by suite.Actor) (admin.KeyRotation, error) {
	if v.engine.Rotation().Running {
		return admin.KeyRotation{}, admin.ErrRotationRuns
	}
	if err := v.keeper.RecordKeyRotation(ctx, by); err != nil {
		return admin.KeyRotation{}, err
	}
	if err := v.engine.Rotate(ctx); errors.Is(err, sealed.ErrRotating) {
		return admin.KeyRotation{}, admin.ErrRotationRuns
	} else if err != nil {
		return admin.KeyRotation{}, fmt.Errorf("rotate the data key: %w", err)
	}
	select {
	case v.wake <- struct{}{}:
	default: // it has been woken and has not looked yet
	}
	return v.KeyRotation(), nil
}

// KeyRotation implements admin.DataKey.
func (v *vault) KeyRotation() admin.KeyRotation {
	r := v.engine.Rotation()
	v.mu.Lock()
	defer v.mu.Unlock()
	shown := admin.KeyRotation{Running: r.Running, Total: r.Total, Done: r.Done}
	if v.fail != nil && r.Running {
		shown.Error = v.fail.Error()
	}
	return shown
}

// resealRetry is the pause before a rotation that failed is tried again.
const resealRetry = time.Minute

// Run ends the rotation that an earlier process left, and those that begin, until
// ctx ends.
func (v *vault) Run(ctx context.Context) error {
	for {
		again := v.reseal(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-v.wake:
		case <-again:
		}
	}
}

// reseal does what there is to do. When that failed, it returns when to try
// again.
func (v *vault) reseal(ctx context.Context) (again <-chan time.Time) {
	running, began := v.engine.Rotation().Running, time.Now()
	if running {
		v.log.Info("the data key is being rotated")
	}
	err := v.engine.Reseal(ctx)
	v.mu.Lock()
	v.fail = err
	v.mu.Unlock()
	switch {
	case ctx.Err() != nil:
	case err != nil:
		v.log.Error("the rotation of the data key does not go on; trying again later", zap.Error(err))
		return time.After(resealRetry)
	case running:
		v.log.Info("the data key was rotated", zap.Int("records", v.engine.Rotation().Done), zap.Duration("took", time.Since(began)))
	}
	return nil
}
