package handler

import (
	"errors"
	"net/netip"
	"time"

	"go.uber.org/zap"

	"suitekeeper/suite"
)

// report counts a push and writes its line in the log. Refusals that only an
// operator can mend go to the receiver as well.
func (h *callback) report(p *push, err error) {
	took := time.Since(p.arrived)
	h.metrics.duration.Observe(took.Seconds())
	if err == nil {
		p.suite.accepted.Inc()
		h.logAccepted(p, took)
		return
	}
	code := failureOf(err).code
	h.metrics.pushes.WithLabelValues(p.label(), code).Inc()
	log := h.log.With(zap.String("suite", p.label()), zap.String("code", code),
		zap.Duration("duration", took), zap.Stringer("remote", p.remote))
	switch reason := reasonOf(err); {
	case reason != "":
		h.reject(p.rejection(err), log)
	case errors.Is(err, errUnavailable), errors.Is(err, errPanicked):
		log.Error("push not acknowledged", zap.Error(err))
	default:
		log.Warn("push refused", zap.Error(err))
	}
}

func (h *callback) logAccepted(p *push, took time.Duration) {
	if line := h.log.Check(zap.InfoLevel, "push accepted"); line != nil {
		line.Write(
			zap.String("suite", string(p.suite.key)),
			zap.String("type", p.receipt.Type),
			zap.String("outcome", string(p.receipt.Outcome)),
			zap.Int("events", p.receipt.Events),
			zap.Int("duplicates", p.receipt.Duplicates),
			zap.Duration("duration", took),
			zap.Stringer("remote", p.remote),
		)
	}
}

func (h *callback) reject(r suite.Rejection, log *zap.Logger) {
	h.metrics.rejections.WithLabelValues(string(r.Reason)).Inc()
	message, cure := r.Explain()
	log.Warn("push rejected", zap.String("reason", string(r.Reason)), zap.String("alert", string(r.Alert())),
		zap.String("detail", message.EN), zap.String("cure", cure.EN))
	h.receiver.Reject(r)
}

// label names the push's suite in metrics and log.
func (p *push) label() string {
	if p.suite == nil {
		return noSuite
	}
	return string(p.suite.key)
}

// address is empty for a peer without an IP address, where Addr.String says
// "invalid IP".
func address(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
