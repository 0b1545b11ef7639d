package admin

import (
	"time"

	"suitekeeper/suite"
)

// newStatus puts a report into the shape of the API.
func newStatus(r suite.Report, version string, s StoreInfo) Status {
	status := Status{
		Version:   version,
		StartedAt: utc(r.StartedAt),
		Store:     Store{Engine: s.Engine, SizeBytes: s.SizeBytes, Events: r.Events},
		Suites:    newSuites(r.Suites),
		Alerts:    make([]Alert, 0, len(r.Alerts)),
	}
	for _, a := range r.Alerts {
		status.Alerts = append(status.Alerts, newAlert(a))
	}
	return status
}

func newSuites(reports []suite.SuiteReport) []Suite {
	suites := make([]Suite, 0, len(reports))
	for _, s := range reports {
		suites = append(suites, Suite{
			SuiteKey:       string(s.Key),
			Name:           s.Name,
			CallbackURL:    s.CallbackURL,
			Ticket:         newTicket(s.Ticket),
			Authorizations: newCounts(s.Authorizations),
			LastEventAt:    utc(s.LastEventAt),
		})
	}
	return suites
}

func newTicket(t suite.TicketReport) Ticket {
	if t.State == suite.TicketMissing {
		return Ticket{State: string(t.State)}
	}
	age := int64(t.Age / time.Second)
	return Ticket{State: string(t.State), IssuedAt: utc(t.IssuedAt), ReceivedAt: utc(t.ReceivedAt), AgeSeconds: &age}
}

func newCounts(n map[suite.Status]int) AuthorizationCounts {
	return AuthorizationCounts{
		Pending:  n[suite.StatusPending],
		Active:   n[suite.StatusActive],
		Disabled: n[suite.StatusDisabled],
		Failed:   n[suite.StatusFailed],
		Relieved: n[suite.StatusRelieved],
	}
}

func newAlert(a suite.Alert) Alert {
	return Alert{
		Code: string(a.Code), Severity: string(a.Severity),
		SuiteKey: string(a.Suite), CorpID: string(a.Corp),
		Message: a.Message.EN, Cure: a.Cure.EN,
		MessageZH: a.Message.ZH, CureZH: a.Cure.ZH,
		Since: utc(a.Since),
	}
}

// utc is a time as the API writes it. Finer than milliseconds nothing here is.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
