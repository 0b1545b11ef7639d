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
	if errors.Is(err, errOverloaded) {
		h.tooMany.count(p.suite)
		return
	}
	code := failureOf(err).code.String()
	h.metrics.pushes.WithLabelValues(p.label(), code).Inc()
	log := h.log.With(zap.String("suite", p.label()), zap.String("code", code),
		zap.Duration("duration", took), zap.Stringer("remote", p.remote))
	switch reason := reasonOf(err); {
	case reason != "":
		h.metrics.rejections.WithLabelValues(string(reason)).Inc()
		h.reject(p.rejection(err), log)
	case p.stray != "":
		h.reject(p.rejection(err), log)
	case errors.Is(err, errUnavailable), errors.Is(err, errPanicked):
		log.Error("push not acknowledged", zap.Error(err))
	default:
		log.Warn("push refused", zap.Error(err))
	}
}

// turnAway counts a push to that path which is refused unread.
func (h *callback) turnAway(path []byte, arrived time.Time) {
	named, _ := suiteOf(path)
	h.report(&push{arrived: arrived, suite: h.suites.Load().find(suite.SuiteKey(named))}, errOverloaded)
}

// knows tells whether the suite is known that the path of a push names, if any.
func (h *callback) knows(path []byte) bool {
	named, _ := suiteOf(path)
	return len(named) == 0 || h.suites.Load().find(suite.SuiteKey(named)) != nil
}

// logAccepted writes one line, however many rows the push had. Where some are
// odd it tells of the first, and how many there are.
func (h *callback) logAccepted(p *push, took time.Duration) {
	r, level := p.receipt, zap.InfoLevel
	if r.Quarantined > 0 {
		level = zap.WarnLevel
	}
	line := h.log.Check(level, "push accepted")
	if line == nil {
		return
	}
	fields := []zap.Field{
		zap.String("suite", string(p.suite.key)),
		zap.String("type", r.Type),
		zap.String("outcome", string(r.Outcome)),
		zap.Int("events", r.Events),
		zap.Int("duplicates", r.Duplicates),
		zap.Duration("duration", took),
		zap.Stringer("remote", p.remote),
	}
	if r.Quarantined > 0 {
		fields = append(fields, zap.Int("quarantined", r.Quarantined), zap.Stringer("event", r.Odd), zap.Stringer("reason", r.Reason))
	}
	if p.codec != p.suite.codec {
		fields = append(fields, zap.Bool("former_keys", true))
	}
	line.Write(fields...)
}

func (h *callback) reject(r suite.Rejection, log *zap.Logger) {
	message, cure := r.Explain()
	log.Warn("push rejected", zap.String("reason", string(r.Reason)), zap.String("alert", string(r.Alert())),
		zap.String("detail", message.EN), zap.String("cure", cure.EN))
	h.receiver.Reject(r)
}

// label names the push's suite in metrics and log.
func (p *push) label() string { return p.suite.label() }

// address is empty for a peer without an IP address, where Addr.String says
// "invalid IP".
func address(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
