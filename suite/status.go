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
}

// SuiteReport is how one suite stands.
type SuiteReport struct {
	Key            SuiteKey
	Name           string
	CallbackURL    string
	Ticket         TicketReport
	Authorizations map[Status]int
	LastEventAt    time.Time // zero: none yet
}

// TicketReport is how a suite's ticket stands. It does not hold the ticket.
type TicketReport struct {
	State      TicketState
	IssuedAt   time.Time // by its own time; zero when missing
	ReceivedAt time.Time
	Age        time.Duration // since IssuedAt
}

// Status reports how everything stands.
func (k *Keeper) Status(ctx context.Context) (Report, error) {
	now := time.Now().UTC()
	report := Report{StartedAt: k.startedAt, Events: k.tally.total()}
	err := k.store.View(ctx, func(r store.Reader) error {
		report.Suites, report.Alerts = nil, nil
		for _, key := range k.order {
			s, err := k.suiteReport(r, key, now)
			if err != nil {
				return err
			}
			report.Suites = append(report.Suites, s)
			alerts, err := k.alerts(r, s, now)
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
	sortAlerts(report.Alerts)
	return report, nil
}

func (k *Keeper) suiteReport(r store.Reader, key SuiteKey, now time.Time) (SuiteReport, error) {
	cfg := k.suites[key]
	s := SuiteReport{Key: key, Name: cfg.Name, CallbackURL: cfg.CallbackURL, LastEventAt: k.tally.lastEvent(key)}
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
	t := TicketReport{State: TicketFresh, IssuedAt: rec.IssuedAt, ReceivedAt: rec.ReceivedAt, Age: max(0, now.Sub(rec.IssuedAt))}
	if t.Age > k.ticketStaleAfter {
		t.State = TicketStale
	}
	return t, nil
}
