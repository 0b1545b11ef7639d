package main

import (
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"suitekeeper/store"
)

// NewBackupSchedule is what makes the backups of a configuration.
func NewBackupSchedule(cfg Config, e store.Engine) (*backupSchedule, error) {
	metrics, err := newBackupMetrics(prometheus.NewRegistry())
	if err != nil {
		return nil, err
	}
	return newBackupSchedule(cfg, e, metrics, zap.NewNop())
}
