package handler

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// overloadInterval is how often a line about refused pushes is written at most:
// thousands may be refused in a second, and a line for each costs more than the
// refusal.
const overloadInterval = time.Second

// overload counts pushes that are refused since too many are in work. It is safe
// for concurrent use.
type overload struct {
	log    *zap.Logger
	pushes *prometheus.CounterVec

	mu      sync.Mutex
	refused map[string]*refusals // by suite
}

// refusals are those of one suite.
type refusals struct {
	all     prometheus.Counter
	pending int  // not yet in the log
	resting bool // a line was written lately
}

func newOverload(log *zap.Logger, m *metrics) *overload {
	return &overload{log: log, pushes: m.pushes, refused: make(map[string]*refusals)}
}

// count counts a push to the suite of that label. The first is logged at once,
// and those that follow a second later, in one line.
func (o *overload) count(suite string) {
	o.mu.Lock()
	r := o.refused[suite]
	if r == nil {
		r = &refusals{all: o.pushes.WithLabelValues(suite, failureOf(errOverloaded).code)}
		o.refused[suite] = r
	}
	r.all.Inc()
	r.pending++
	logs := !r.resting
	r.resting = true
	o.mu.Unlock()
	if logs {
		o.report(suite, r)
	}
}

// report writes a line about what is pending, if anything is, and looks again a
// while later. Nobody waits for the log meanwhile.
func (o *overload) report(suite string, r *refusals) {
	o.mu.Lock()
	n := r.pending
	r.pending, r.resting = 0, n > 0
	o.mu.Unlock()
	if n == 0 {
		return
	}
	o.log.Error("push not acknowledged", zap.String("suite", suite), zap.String("code", failureOf(errOverloaded).code),
		zap.Int("count", n), zap.Error(errOverloaded))
	time.AfterFunc(overloadInterval, func() { o.report(suite, r) })
}
