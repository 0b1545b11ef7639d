package admin

import (
	"time"

	"suitekeeper/suite"
)

// NewStatus puts a report into the shape of the API.
func NewStatus(r suite.Report, version string, s StoreInfo) Status {
	return Status{
		Version:   version,
		StartedAt: utc(r.StartedAt),
		Store:     Store{Engine: s.Engine, SizeBytes: s.SizeBytes, Events: r.Events},
		Suites:    mapped(r.Suites, newSuite),
		Alerts:    mapped(r.Alerts, newAlert),
		Work:      Work(r.Work),
		Disk:      newDisk(r.Disk),
	}
}

// newDisk is nothing where the room is not known: no disk has none at all.
func newDisk(d suite.DiskReport) *Disk {
	if d.TotalBytes == 0 {
		return nil
	}
	return &Disk{FreeBytes: d.FreeBytes, TotalBytes: d.TotalBytes}
}

// NewSuites puts the suites of a report into the shape of the API.
func NewSuites(r suite.Report) Suites { return Suites{Suites: mapped(r.Suites, newSuite)} }

func newSuite(s suite.SuiteReport) Suite {
	return Suite{
		SuiteKey:       string(s.Key),
		Name:           s.Name,
		CallbackURL:    s.CallbackURL,
		Ticket:         newTicket(s.Ticket),
		Authorizations: newCounts(s.Authorizations),
		LastEventAt:    utc(s.LastEventAt),

		PushesPerMinute: listed(s.PushesPerMinute),
	}
}

func newTicket(t suite.TicketReport) Ticket {
	if t.State == suite.TicketMissing {
		return Ticket{State: string(t.State)}
	}
	age := int64(t.Age / time.Second)
	return Ticket{
		State: string(t.State), IssuedAt: utc(t.IssuedAt), ReceivedAt: utc(t.ReceivedAt), AgeSeconds: &age,
		NextExpectedAt: utc(t.NextExpectedAt),
	}
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
		SuiteKey: string(a.Suite), CorpID: string(a.Corp), CorpName: a.CorpName,
		Message: a.Message.EN, Cure: a.Cure.EN,
		MessageZH: a.Message.ZH, CureZH: a.Cure.ZH,
		Since: utc(a.Since),
	}
}
