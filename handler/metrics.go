package handler

import (
	"github.com/prometheus/client_golang/prometheus"
)

// metrics are those of the public listener. Labels take only values that we
// name: configured suites, codes and reasons of our own.
type metrics struct {
	pushes     *prometheus.CounterVec // suite, result
	duration   prometheus.Histogram
	rejections *prometheus.CounterVec // reason
}

const (
	resultAccepted = "accepted" // the other results are the codes of the answers
	noSuite        = "unknown"  // stands for all pushes whose suite is not known
)

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		pushes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "suitekeeper_pushes_total",
			Help: "Pushes by suite and by what was answered: accepted, or the code of the refusal.",
		}, []string{"suite", "result"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "suitekeeper_push_duration_seconds",
			Help: "Time from the arrival of a push to its answer. DingTalk waits 1.2 seconds.",
			// Dense where a commit takes place, and with an edge at the budget.
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, .9, 1.2, 2.5},
		}),
		rejections: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "suitekeeper_rejections_total",
			Help: "Pushes answered 403, by the true reason.",
		}, []string{"reason"}),
	}
	for _, r := range reasons {
		m.rejections.WithLabelValues(string(r)) // so that a rate can be seen from the first one on
	}
	if reg == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.pushes, m.duration, m.rejections} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}
