package suite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// scrapeTimeout bounds what a scrape may ask of the store.
const scrapeTimeout = 2 * time.Second

// metrics are what the Keeper counts. Labels are suite keys of the
// configuration and words of our own, so their number is bounded.
type metrics struct {
	events      *prometheus.CounterVec
	exchanges   *prometheus.CounterVec
	activations *prometheus.HistogramVec
}

func newMetrics(k *Keeper, reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "suitekeeper_events_total",
			Help: "Events stored, by what they did: applied, stale, stored or quarantined. Repeats are not counted.",
		}, []string{"suite", "outcome"}),
		exchanges: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "suitekeeper_exchanges_total",
			Help: "Exchanges of a tmp_auth_code for a permanent code, by result: ok, or the class of the fault.",
		}, []string{"suite", "result"}),
		activations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "suitekeeper_activation_seconds",
			Help:    "Time from the arrival of a tmp_auth_code to the activation of the app. DingTalk asks for less than 5 s.",
			Buckets: []float64{.1, .2, .3, .5, .75, 1, 2, 5, 10, 30, 60, 300},
		}, []string{"suite"}),
	}
	for _, c := range []prometheus.Collector{m.events, m.exchanges, m.activations, newStateCollector(k)} {
		if err := reg.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) exchanged(suite SuiteKey, err error) {
	result := "ok"
	var fault *PlatformError
	if errors.As(err, &fault) {
		result = string(fault.Fault)
	} else if err != nil {
		result = "interrupted"
	}
	m.exchanges.WithLabelValues(string(suite), result).Inc()
}

func (m *metrics) activated(suite SuiteKey, took time.Duration) {
	m.activations.WithLabelValues(string(suite)).Observe(took.Seconds())
}

// stateCollector reads ticket ages and counts of authorisations when it is scraped.
type stateCollector struct {
	keeper    *Keeper
	ticketAge *prometheus.Desc
	auths     *prometheus.Desc
	alerts    *prometheus.Desc
}

func newStateCollector(k *Keeper) *stateCollector {
	return &stateCollector{
		keeper: k,
		ticketAge: prometheus.NewDesc("suitekeeper_ticket_age_seconds",
			"Age of the suite_ticket by its own time; absent while there is none.", []string{"suite"}, nil),
		auths: prometheus.NewDesc("suitekeeper_authorizations",
			"Authorisations by state.", []string{"suite", "status"}, nil),
		alerts: prometheus.NewDesc("suitekeeper_alerts",
			"What needs a person now, by alert code.", []string{"suite", "code"}, nil),
	}
}

// Describe implements prometheus.Collector.
func (c *stateCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.ticketAge
	ch <- c.auths
	ch <- c.alerts
}

// Collect implements prometheus.Collector.
func (c *stateCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	report, err := c.keeper.report(ctx) // a scrape comes day and night: nobody looks
	if err != nil {
		ch <- prometheus.NewInvalidMetric(c.ticketAge, err)
		return
	}
	for _, s := range report.Suites {
		if s.Ticket.State != TicketMissing {
			ch <- prometheus.MustNewConstMetric(c.ticketAge, prometheus.GaugeValue, s.Ticket.Age.Seconds(), string(s.Key))
		}
		for _, status := range Statuses() {
			ch <- prometheus.MustNewConstMetric(c.auths, prometheus.GaugeValue, float64(s.Authorizations[status]), string(s.Key), string(status))
		}
	}
	type group struct {
		suite SuiteKey
		code  AlertCode
	}
	n := map[group]int{}
	for _, a := range report.Alerts {
		n[group{a.Suite, a.Code}]++
	}
	for g, count := range n {
		ch <- prometheus.MustNewConstMetric(c.alerts, prometheus.GaugeValue, float64(count), string(g.suite), string(g.code))
	}
}
