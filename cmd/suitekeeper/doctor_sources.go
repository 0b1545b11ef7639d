package main

import (
	"context"
	"time"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

// checkSuiteURLs has every suite's callback URL answer a signed check. Where
// allowed_sources does not let this machine push, the first refusal says so for
// all.
func (x *examination) checkSuiteURLs(ctx context.Context) []diagnosis {
	var list []diagnosis
	for _, s := range x.cfg.Suites {
		address := callbackURL(x.cfg.PublicURL, s.Key)
		before := x.lastRefusal(ctx, s.Key)
		d := checkSuiteURL(ctx, s, address)
		if len(x.cfg.AllowedSources) == 0 || d.Code != string(suite.FindingURLRejected) {
			list = append(list, d)
			continue
		}
		switch after := x.lastRefusal(ctx, s.Key); {
		case !after.at.After(before.at):
			return append(list, found(suite.FindingURLSourcesUnsure, s.Key, "url", address))
		case after.reason == suite.RejectSource:
			return append(list, found(suite.FindingURLSources, "", "url", x.cfg.PublicURL, "address", after.address))
		}
		list = append(list, d)
	}
	return list
}

// refusal is a push that the server refused. Its peer is told nothing of the
// reason, and so its operators are asked.
type refusal struct {
	at      time.Time
	reason  suite.RejectReason
	address string
}

// lastRefusal is the newest one of a suite; zero when there is none, or when the
// server does not tell.
func (x *examination) lastRefusal(ctx context.Context, suiteKey string) refusal {
	if len(x.cfg.AllowedSources) == 0 || x.server.Client == nil {
		return refusal{}
	}
	asking, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	refused, err := x.server.Rejections(asking, admin.ListQuery{Limit: 200})
	if err != nil { // the finding tells what it could be
		return refusal{}
	}
	for _, r := range refused.Rejections {
		if r.SuiteKey == suiteKey {
			return refusal{r.At, suite.RejectReason(r.Reason), r.RemoteAddr}
		}
	}
	return refusal{}
}
