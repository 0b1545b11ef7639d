package main

import (
	"sync"
	"time"

	"go.uber.org/zap"

	"suitekeeper/suite"
)

// damageWatch remembers which records of the store could not be read. It is
// safe for concurrent use.
type damageWatch struct {
	log *zap.Logger

	mu     sync.Mutex
	report suite.DamageReport
}

// met notes a record, and logs it unless it is the last one again.
func (d *damageWatch) met(key []byte) {
	d.mu.Lock()
	known := d.report.Record == string(key)
	d.report = suite.DamageReport{Count: d.report.Count + 1, LastAt: time.Now().UTC(), Record: string(key)}
	d.mu.Unlock()
	if !known {
		d.log.Error("a record of the data file is damaged and cannot be read", zap.ByteString("record", key))
	}
}

// Report is what was met since the start.
func (d *damageWatch) Report() suite.DamageReport {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.report
}
