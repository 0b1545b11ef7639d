package handler

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"suitekeeper/suite"
)

// overloadInterval is how often a line about refused pushes is written at most:
// thousands may be refused in a second, and a line for each costs more than the
// refusal.
const overloadInterval = time.Second

// overload counts pushes that are refused since too many are in work. It is safe
// for concurrent use.
type overload struct {
	receiver Receiver
	log      *zap.Logger
	pushes   *prometheus.CounterVec

	mu      sync.Mutex
	refused map[suite.SuiteKey]*refusals // by suite; "": one that is not known
}

// refusals are those of one suite.
type refusals struct {
	label   string
	all     prometheus.Counter
	pending int  // not yet in the log
	resting bool // a line was written lately
}

func newOverload(to Receiver, log *zap.Logger, m *metrics) *overload {
	return &overload{receiver: to, log: log, pushes: m.pushes, refused: make(map[suite.SuiteKey]*refusals)}
}

// count counts a push to a suite, nil being one that is not known. The first is
// reported at once, and those that follow a second later, together.
func (o *overload) count(s *endpoint) {
	var key suite.SuiteKey
	if s != nil {
		key = s.key
	}
	o.mu.Lock()
	r := o.refused[key]
	if r == nil {
		r = &refusals{label: s.label(), all: o.pushes.WithLabelValues(s.label(), failureOf(errOverloaded).code.String())}
		o.refused[key] = r
	}
	r.all.Inc()
	r.pending++
	logs := !r.resting
	r.resting = true
	o.mu.Unlock()
	if logs {
		o.report(key, r)
	}
}

// report tells log and operators of what is pending, if anything is, and looks
// again a while later. Nobody else waits for the log meanwhile.
func (o *overload) report(key suite.SuiteKey, r *refusals) {
	o.mu.Lock()
	n := r.pending
	r.pending, r.resting = 0, n > 0
	o.mu.Unlock()
	if n == 0 {
		return
	}
	o.log.Error("push not acknowledged", zap.String("suite", r.label), zap.String("code", failureOf(errOverloaded).code.String()),
		zap.Int("count", n), zap.Error(errOverloaded))
	o.receiver.Overloaded(key, n)
	time.AfterFunc(overloadInterval, func() { o.report(key, r) })
}
