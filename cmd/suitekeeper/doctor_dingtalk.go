package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

// How far the clock may be off before doctor speaks. DingTalk refuses signed
// calls of clocks that are far off; a minute does no harm yet.
const (
	clockWarns = time.Minute
	clockFails = 5 * time.Minute
)

// checkDingTalk sees whether DingTalk's hosts answer, and compares the clocks.
func checkDingTalk(ctx context.Context, x *examination) []diagnosis {
	var list []diagnosis
	var skews []time.Duration
	for _, host := range slices.Compact([]string{x.cfg.DingTalk.OAPIURL, x.cfg.DingTalk.APIURL}) {
		skew, dated, err := askTime(ctx, host)
		if err != nil {
			_, detail := connectionFault(err)
			list = append(list, found(suite.FindingDingTalkUnreachable, "", "url", host, "detail", detail))
			x.unreached = true
			continue
		}
		list = append(list, found(suite.FindingDingTalkReached, "", "url", host))
		if dated {
			skews = append(skews, skew)
		}
	}
	if len(skews) == 0 {
		return append(list, found(suite.FindingClockUnknown, ""))
	}
	return append(list, clockFinding(skews[0]))
}

// askTime asks a host for anything at all, and returns how far our clock is
// ahead of its one, if it told its time.
func askTime(ctx context.Context, host string) (skew time.Duration, dated bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, host, nil)
	if err != nil {
		return 0, false, err
	}
	began := time.Now()
	resp, err := plainClient().Do(req)
	if err != nil {
		return 0, false, err
	}
	defer resp.Body.Close()
	middle := began.Add(time.Since(began) / 2)
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0, false, nil //nolint:nilerr // it answered; whether it tells the time is another question
	}
	return middle.Sub(at.Add(time.Second / 2)), true, nil // the header has whole seconds, rounded down
}

func clockFinding(skew time.Duration) diagnosis {
	code := suite.FindingClockRight
	switch {
	case skew.Abs() >= clockFails:
		code = suite.FindingClockWrong
	case skew.Abs() >= clockWarns:
		code = suite.FindingClockOff
	}
	way := suite.Text{EN: "ahead of", ZH: "快"}
	if skew < 0 {
		way = suite.Text{EN: "behind", ZH: "慢"}
	}
	return found(code, "", "skew", skew.Abs().Round(time.Second), "way", way)
}

// refusals are the alerts that say what DingTalk thinks of a suite's calls.
var refusals = []suite.AlertCode{
	suite.AlertTicketRejected, suite.AlertSuiteSecretWrong, suite.AlertSuiteKeyWrong,
	suite.AlertAddressNotWhitelisted, suite.AlertPlatformUnreachable, suite.AlertThrottled,
}

// checkCredentials asks DingTalk whether it accepts key, secret, ticket and
// this machine's address. It never asks with a made-up ticket: which of
// several faults DingTalk names first is not known.
func checkCredentials(ctx context.Context, x *examination) []diagnosis {
	var list []diagnosis
	for _, s := range x.cfg.Suites {
		list = append(list, x.credentials(ctx, s.Key))
	}
	return slices.DeleteFunc(list, func(d diagnosis) bool { return d.Code == "" })
}

// credentials is about one suite; nothing when the server's alerts, or the lack
// of an answer, have said it already.
func (x *examination) credentials(ctx context.Context, key string) diagnosis {
	switch {
	case x.status == nil:
		return found(suite.FindingCredentialsUnknown, key)
	case !x.hasTicket(key):
		return found(suite.FindingCredentialsNoTicket, key)
	case x.refused(key), x.unreached && !x.running:
		return diagnosis{}
	}
	asking, cancel := context.WithTimeout(ctx, 2*doctorTimeout) // the client of DingTalk's API has one of its own
	defer cancel()
	if x.running {
		return x.askServer(asking, key)
	}
	alert, err := x.folder.keeper.CheckCredentials(asking, suite.SuiteKey(key))
	if err != nil {
		return found(suite.FindingCredentialsFailed, key, "detail", inBoth(err))
	}
	if alert == nil {
		return found(suite.FindingCredentialsAccepted, key)
	}
	d := alertFinding(*alert)
	d.Severity = suite.FindingError
	return d
}

// askServer has the running server ask DingTalk: it has the ticket, and its
// address is the one that has to be on the whitelist.
func (x *examination) askServer(ctx context.Context, key string) diagnosis {
	answer, err := x.server.Check(ctx, key)
	var refused *admin.Error
	switch {
	case errors.As(err, &refused) && refused.Status == http.StatusForbidden:
		return found(suite.FindingCredentialsForOperators, key)
	case err != nil:
		return found(suite.FindingCredentialsFailed, key, "detail", inBoth(err))
	case answer.Alert == nil:
		return found(suite.FindingCredentialsAccepted, key)
	}
	d := (&alertGroup{Alert: *answer.Alert}).diagnosis()
	d.Severity = suite.FindingError
	return d
}

func (x *examination) hasTicket(key string) bool {
	for _, s := range x.status.Suites {
		if s.SuiteKey == key {
			return s.Ticket.State != string(suite.TicketMissing)
		}
	}
	return false
}

func (x *examination) refused(key string) bool {
	for _, a := range x.status.Alerts {
		if a.SuiteKey == key && slices.Contains(refusals, suite.AlertCode(a.Code)) {
			return true
		}
	}
	return false
}
