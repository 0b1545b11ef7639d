package suite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"suitekeeper/store"
)

// TicketState tells whether a suite has a usable ticket.
type TicketState string

// The states of a ticket. A stale one is still used: DingTalk decides.
const (
	TicketFresh   TicketState = "fresh"
	TicketStale   TicketState = "stale"
	TicketMissing TicketState = "missing"
)

// Report is how everything stands at one moment.
type Report struct {
	StartedAt time.Time
	Events    int // stored now
	Suites    []SuiteReport
	Alerts    []Alert // what needs a person, the most urgent first
	Work      WorkReport
	Disk      DiskReport
}

// WorkReport counts the pieces of work of the workers.
type WorkReport struct {
	Running int // a worker has it
	Waiting int // for its time, or for a worker
	Held    int // until the suite's calls succeed again; an alert tells why they do not
	Failed  int // authorisations that cannot be brought forward by themselves
}

// SuiteReport is how one suite stands.
type SuiteReport struct {
	Key            SuiteKey
	Name           string
	CallbackURL    string
	Ticket         TicketReport
	Authorizations map[Status]int
	LastEventAt    time.Time // zero: none yet

	PushesPerMinute []int // taken in the last 60 minutes, the oldest first; the last is that of the minute that runs
}

// TicketReport is how a suite's ticket stands. It does not hold the ticket.
type TicketReport struct {
	State      TicketState
	IssuedAt   time.Time // by its own time; zero when missing
	ReceivedAt time.Time
	Age        time.Duration // since IssuedAt

	NextExpectedAt time.Time // when DingTalk should push the next; zero when missing
}

// ticketPeriod is how often DingTalk pushes a new ticket. Where tickets are called
// stale sooner than by default, they are expected sooner: see nextTicketIn.
const ticketPeriod = 5 * time.Hour

// nextTicketIn is after how long the next ticket is expected.
func (k *Keeper) nextTicketIn() time.Duration { return min(ticketPeriod, k.ticketStaleAfter*5/6) }

// Status reports how everything stands to somebody who looks, and has whoever
// looks see within seconds what is over.
func (k *Keeper) Status(ctx context.Context) (Report, error) {
	k.schedule.watched(time.Now())
	return k.report(ctx)
}

func (k *Keeper) report(ctx context.Context) (Report, error) {
	now := time.Now().UTC()
	configured, heard := k.roster(), k.failing.now()
	report := Report{StartedAt: k.startedAt, Events: k.tally.total(), Disk: k.disk.report()}
	err := k.store.View(ctx, func(r store.Reader) error {
		report.Suites, report.Alerts, report.Work = nil, nil, k.schedule.report()
		for _, key := range configured.order {
			cfg := configured.suites[key]
			s, err := k.suiteReport(r, cfg, now)
			if err != nil {
				return err
			}
			report.Suites = append(report.Suites, s)
			report.Work.Failed += s.Authorizations[StatusFailed]
			alerts, err := k.alerts(r, cfg, s, heard, now)
			if err != nil {
				return err
			}
			report.Alerts = append(report.Alerts, alerts...)
		}
		return nil
	})
	if err != nil {
		return Report{}, fmt.Errorf("read the status: %w", err)
	}
	report.Alerts = append(report.Alerts, k.rejectionAlerts("", now)...)
	report.Alerts = append(report.Alerts, k.refusals.alerts("", now)...)
	report.Alerts = append(report.Alerts, k.safetyAlerts(report.Disk, now)...)
	sortAlerts(report.Alerts)
	return report, nil
}

func (k *Keeper) suiteReport(r store.Reader, cfg Suite, now time.Time) (SuiteReport, error) {
	key := cfg.Key
	s := SuiteReport{Key: key, Name: cfg.Name, CallbackURL: cfg.CallbackURL, LastEventAt: k.tally.lastEvent(key),
		PushesPerMinute: k.activity.perMinute(key, now)}
	var err error
	if s.Ticket, err = k.ticketReport(r, key, now); err != nil {
		return s, err
	}
	n, err := counts.Get(r, suiteID(key))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return s, err
	}
	s.Authorizations = map[Status]int{}
	for _, status := range Statuses() {
		s.Authorizations[status] = n[status]
	}
	return s, nil
}

func (k *Keeper) ticketReport(r store.Reader, key SuiteKey, now time.Time) (TicketReport, error) {
	rec, err := tickets.Get(r, suiteID(key))
	if errors.Is(err, store.ErrNotFound) {
		return TicketReport{State: TicketMissing}, nil
	}
	if err != nil {
		return TicketReport{}, err
	}
	t := TicketReport{State: TicketFresh, IssuedAt: rec.IssuedAt, ReceivedAt: rec.ReceivedAt, Age: max(0, now.Sub(rec.IssuedAt)),
		NextExpectedAt: rec.IssuedAt.Add(k.nextTicketIn())}
	if t.Age > k.ticketStaleAfter {
		t.State = TicketStale
	}
	return t, nil
}

// report counts the work that is scheduled. Probes are no work of a corp's.
func (s *schedule) report() WorkReport {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := WorkReport{Running: len(s.items) - len(s.queue), Waiting: len(s.queue)}
	for suite, g := range s.gates {
		r.Held += len(g.parked)
		r.Running -= len(g.parked)
		switch probe := s.items[workRef{Suite: suite, ID: probeID}]; {
		case probe == nil:
		case probe.running:
			r.Running--
		default:
			r.Waiting--
		}
	}
	return r
}
