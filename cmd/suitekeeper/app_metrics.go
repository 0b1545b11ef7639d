package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"suitekeeper/store/boltstore"
)

// newCommitMetrics registers what is counted of commits, and returns what counts it.
func newCommitMetrics(reg prometheus.Registerer) (func(boltstore.CommitInfo), error) {
	updates := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "suitekeeper_commit_updates",
		Help:    "Updates that shared one commit.",
		Buckets: prometheus.ExponentialBuckets(1, 2, 11),
	})
	seconds := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "suitekeeper_commit_seconds",
		Help:    "Time to write and flush one commit.",
		Buckets: prometheus.ExponentialBuckets(.0002, 2, 14),
	})
	failures := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "suitekeeper_commit_failures_total",
		Help: "Commits that failed. After the first the process stops taking pushes and ends.",
	})
	for _, c := range []prometheus.Collector{updates, seconds, failures} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return func(c boltstore.CommitInfo) {
		if c.Err != nil {
			failures.Inc()
			return
		}
		updates.Observe(float64(c.Updates))
		seconds.Observe(c.Duration.Seconds())
	}, nil
}
