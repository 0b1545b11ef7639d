package main

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"time"

	"suitekeeper/handler/admin"
	"suitekeeper/store/boltstore"
	"suitekeeper/suite"
)

// doctorTimeout bounds each question that doctor asks over the network. DingTalk
// itself waits for 1.2 s; longer, so that a slow answer can be told from none.
const doctorTimeout = 5 * time.Second

// checkServer asks the running server how it is or, where none runs, reads its
// data folder.
func checkServer(ctx context.Context, x *examination) []diagnosis {
	asking, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	server, err := x.flags.server(x.environ)
	if err == nil {
		var s admin.Status
		if s, err = server.Status(asking); err == nil {
			x.status, x.running, x.server = &s, true, server
			list := []diagnosis{found(suite.FindingServerRunning, "", "version", clean(s.Version), "url", server.url)}
			return append(append(list, x.checkListener(ctx, server)...), x.state()...)
		}
		if refused := (*admin.Error)(nil); errors.As(err, &refused) && refused.Code != "" {
			x.running = true
			return []diagnosis{found(suite.FindingServerRefuses, "", "detail", inBoth(refused), "url", server.url)}
		}
		err = server.explain(err)
	} else if address := x.cfg.localURL(x.cfg.Admin.Listen); x.flags.url == "" && checkHealth(asking, address.JoinPath("healthz"), true) == nil {
		x.running = true
		return []diagnosis{found(suite.FindingServerRefuses, "", "detail", inBoth(err), "url", address.String())}
	}
	return x.checkFolder(ctx, err)
}

// checkListener asks the listener for callbacks of a server on this machine.
func (x *examination) checkListener(ctx context.Context, server adminServer) []diagnosis {
	if x.remote() {
		return nil
	}
	asking, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	target := x.cfg.localURL(x.cfg.Listen).JoinPath("healthz")
	if err := checkHealth(asking, target, true); err != nil {
		return []diagnosis{found(suite.FindingListenerSilent, "", "url", target.String(), "detail", inBoth(err), "server", server.url)}
	}
	return []diagnosis{found(suite.FindingListenerAnswers, "", "url", target.String())}
}

// checkFolder says what the data folder tells of a server that gave no answer.
func (x *examination) checkFolder(ctx context.Context, why error) []diagnosis {
	if x.remote() {
		return []diagnosis{found(suite.FindingServerSilent, "", "detail", inBoth(why))}
	}
	folder, err := openStopped(ctx, x.cfg, http.DefaultTransport)
	switch {
	case errors.Is(err, boltstore.ErrLocked):
		return []diagnosis{found(suite.FindingServerSilent, "", "detail", bothOf(err, why))}
	case errors.Is(err, fs.ErrNotExist):
		return []diagnosis{found(suite.FindingServerAbsent, "", "detail", inBoth(why))}
	case err != nil:
		return []diagnosis{found(suite.FindingStoreUnusable, "", "detail", inBoth(err))}
	}
	x.folder = folder
	list := []diagnosis{found(suite.FindingServerStopped, "", "path", x.cfg.Data)}
	server, err := folder.server()
	if err == nil {
		var s admin.Status
		if s, err = server.Status(ctx); err == nil {
			x.status = &s
			return append(list, x.state()...)
		}
	}
	return append(list, found(suite.FindingStoreUnusable, "", "detail", inBoth(err)))
}

// state turns what the server says of itself into findings.
func (x *examination) state() []diagnosis {
	var list []diagnosis
	for _, s := range x.status.Suites {
		if t := s.Ticket; t.State == "fresh" && t.AgeSeconds != nil {
			age := time.Duration(*t.AgeSeconds) * time.Second
			list = append(list, found(suite.FindingTicketFresh, s.SuiteKey,
				"age", suite.Text{EN: wordsEN.duration(age), ZH: wordsZH.duration(age)}))
		}
	}
	for _, s := range x.cfg.Suites {
		if !x.serves(s.Key) {
			list = append(list, found(suite.FindingSuiteNotLoaded, s.Key))
		}
	}
	if len(x.status.Alerts) == 0 {
		return append(list, found(suite.FindingNoAlerts, ""))
	}
	for _, g := range groupAlerts(x.status.Alerts) {
		if g.Code != string(suite.AlertDiskAlmostFull) || !x.lowDisk {
			list = append(list, g.diagnosis())
		}
	}
	return list
}

func (x *examination) serves(suiteKey string) bool {
	for _, s := range x.status.Suites {
		if s.SuiteKey == suiteKey {
			return true
		}
	}
	return false
}

// diagnosis is an alert of several corps as a finding, in the words of the
// catalogue.
func (g *alertGroup) diagnosis() diagnosis {
	return diagnosis{
		Code: g.Code, Severity: severityOf(g.Severity), SuiteKey: g.SuiteKey, CorpIDs: g.corps,
		Message: g.Message, Cure: g.Cure, MessageZH: g.MessageZH, CureZH: g.CureZH,
	}
}

// alertFinding is an alert that doctor found by itself.
func alertFinding(a suite.Alert) diagnosis {
	return diagnosis{
		Code: string(a.Code), Severity: severityOf(string(a.Severity)), SuiteKey: string(a.Suite),
		Message: a.Message.EN, Cure: a.Cure.EN, MessageZH: a.Message.ZH, CureZH: a.Cure.ZH,
	}
}

// severityOf is what the severity of an alert is for doctor.
func severityOf(alert string) suite.FindingSeverity {
	if alert == string(suite.SeverityCritical) {
		return suite.FindingError
	}
	return suite.FindingWarning
}
