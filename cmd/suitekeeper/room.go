package main

import (
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"

	"suitekeeper/suite"
)

// roomWatch knows whether the disk of the store is full. It is safe for
// concurrent use.
type roomWatch struct {
	log *zap.Logger

	mu   sync.Mutex
	full suite.FullReport
}

// became is told that the disk has become full, and why, and with nil that there
// is room again.
func (w *roomWatch) became(full error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if full == nil {
		w.full = suite.FullReport{}
		w.log.Info("there is room on the disk again: every push is stored")
		return
	}
	w.full = suite.FullReport{Since: time.Now().UTC(), Cause: fileCause(full)}
	w.log.Error("the disk is full: pushes that find no room are answered 503 until there is room again", zap.Error(full))
}

// ready tells why pushes cannot be stored, if so.
func (w *roomWatch) ready() error {
	if full := w.Report(); !full.Since.IsZero() {
		return errors.New("the disk is full: " + full.Cause.String())
	}
	return nil
}

// Report is how it stands.
func (w *roomWatch) Report() suite.FullReport {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.full
}
