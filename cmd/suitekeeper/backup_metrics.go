package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// backupMetrics count scheduled backups.
type backupMetrics struct {
	last, size, seconds prometheus.Gauge
	failures            prometheus.Counter
}

func newBackupMetrics(reg prometheus.Registerer) (*backupMetrics, error) {
	m := &backupMetrics{
		last: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "suitekeeper_backup_last_success_timestamp_seconds",
			Help: "When the newest scheduled backup that was verified was made, as Unix time; 0 while there is none.",
		}),
		size: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "suitekeeper_backup_size_bytes",
			Help: "Size of the newest scheduled backup of this process.",
		}),
		seconds: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "suitekeeper_backup_seconds",
			Help: "How long the newest scheduled backup of this process took, with verifying it.",
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "suitekeeper_backup_failures_total",
			Help: "Scheduled backups that failed.",
		}),
	}
	for _, c := range []prometheus.Collector{m.last, m.size, m.seconds, m.failures} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *backupMetrics) made(took time.Duration, size int64) {
	m.seconds.Set(took.Seconds())
	m.size.Set(float64(size))
}
