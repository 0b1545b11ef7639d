package console_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"suitekeeper/suite"
)

// The suites and corps of the sample.
const (
	suiteA = suite.SuiteKey("suitew9h1bvc3t2rmqaym")
	suiteB = suite.SuiteKey("suite4xxxxxxxxxxxxxxx")

	corpActive   = suite.CorpID("ding00000000000000000001")
	corpPending  = suite.CorpID("ding00000000000000000002")
	corpFailed   = suite.CorpID("ding00000000000000000003")
	corpRelieved = suite.CorpID("ding00000000000000000004")
	corpDisabled = suite.CorpID("ding/5?#%")
)

// What the sample knows and may show only when it is asked to.
const (
	canaryCode    = "CANARY-permanent-code-0001"
	canaryPayload = `{"EventType":"tmp_auth_code","AuthCode":"CANARY-auth-code-0001"}`
)

// sample is a Keeper of a little world that stands still. What is done is
// written down in done.
type sample struct {
	now    time.Time
	report suite.Report
	auths  []suite.AuthorizationDetail
	events []suite.EventDetail
	audit  []suite.AuditEntry
	refuse suite.RejectionReport

	mu      sync.Mutex
	done    []string
	replays []suite.Replay
	fail    error // when set, every action fails with it and nothing is done
}

func newSample(now time.Time) *sample {
	s := &sample{now: now.UTC()}
	s.auths = s.sampleAuthorizations()
	s.events = s.sampleEvents()
	s.report = s.sampleReport()
	s.refuse = s.sampleRejections()
	s.audit = s.sampleAudit()
	s.replays = s.sampleReplays()
	return s
}

// ago is a time before the sample's now.
func (s *sample) ago(d time.Duration) time.Time { return s.now.Add(-d) }

func eventID(n byte) (id suite.EventID) {
	copy(id[:], []byte{0x01, 0x98, 0, 0, 0, 0, 0x70, 0, 0x80})
	id[15] = n
	return id
}

func (s *sample) sampleReport() suite.Report {
	perMinute := make([]int, 60)
	for i := range perMinute {
		perMinute[i] = i * i % 13
	}
	return suite.Report{
		StartedAt: s.ago(50*time.Hour + 12*time.Minute),
		Events:    1234567,
		Suites: []suite.SuiteReport{
			{
				Key: suiteA, Name: "考勤 <b>&", CallbackURL: "https://isv.example.com/callback/" + string(suiteA),
				Ticket: suite.TicketReport{
					State: suite.TicketFresh, IssuedAt: s.ago(133 * time.Minute), ReceivedAt: s.ago(132 * time.Minute),
					Age: 133 * time.Minute, NextExpectedAt: s.now.Add(167 * time.Minute),
				},
				Authorizations: map[suite.Status]int{
					suite.StatusPending: 1, suite.StatusActive: 1204, suite.StatusDisabled: 3, suite.StatusFailed: 1, suite.StatusRelieved: 52,
				},
				LastEventAt: s.ago(40 * time.Second), PushesPerMinute: perMinute,
			},
			{Key: suiteB, Ticket: suite.TicketReport{State: suite.TicketMissing}, PushesPerMinute: make([]int, 60)},
		},
		Alerts: []suite.Alert{
			{
				Code: suite.AlertTicketMissing, Severity: suite.SeverityCritical, Suite: suiteB,
				Message: suite.Text{EN: "No suite_ticket has arrived yet.", ZH: "还没有收到过 suite_ticket。"},
				Cure:    suite.Text{EN: "Press re-push in DingTalk's developer console.", ZH: "请在钉钉开发者后台点击“重新推送”。"},
				Since:   s.ago(3 * time.Hour),
			},
			{
				Code: suite.AlertCodeBurnt, Severity: suite.SeverityCritical, Suite: suiteA, Corp: corpFailed, CorpName: "青禾教育",
				Message: suite.Text{EN: "The code of 青禾教育 (" + string(corpFailed) + ") is used up: 40078.", ZH: "青禾教育 (" + string(corpFailed) + ") 的授权码已被使用：40078。"},
				Cure:    suite.Text{EN: "Ask DingTalk for a new one.", ZH: "请钉钉重新推送授权码。"},
				Since:   s.ago(30 * time.Hour),
			},
			{
				Code: suite.AlertPushesRejectedSignature, Severity: suite.SeverityWarning, Suite: suiteA,
				Message: suite.Text{EN: "A push was refused.", ZH: "一次推送被拒绝。"},
				Cure:    suite.Text{EN: "Compare the token.", ZH: "请核对 token。"},
				Since:   s.ago(4 * time.Minute),
			},
		},
		Work: suite.WorkReport{Running: 2, Waiting: 5, Held: 1, Failed: 1},
		Disk: suite.DiskReport{FreeBytes: 17 << 30, TotalBytes: 40 << 30},
	}
}

func (s *sample) Status(context.Context) (suite.Report, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.report, nil
}

// change makes something happen while pages are being looked at.
func (s *sample) change(fn func(*suite.Report)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn(&s.report)
}

func (s *sample) Events(_ context.Context, q suite.EventQuery) (list suite.EventList, err error) {
	if q.Cursor == "bad" {
		return list, suite.BadQuery(suite.Say(suite.SayParameter, "cursor", string(suite.Say(suite.SayForeignCursor))))
	}
	for _, e := range s.events {
		if (q.Suite == "" || q.Suite == e.Suite) && (q.Type == "" || q.Type == e.Type) && (q.Corp == "" || q.Corp == e.Corp) &&
			(q.Outcome == "" || q.Outcome == e.Outcome) && !e.ReceivedAt.Before(q.Since) {
			list.Events = append(list.Events, e.Event)
		}
	}
	if n := q.Limit; n > 0 && len(list.Events) > n {
		list.Events, list.Next = list.Events[:n], "next-events"
	}
	if q.Cursor == "" && q.Corp == "" {
		list.Next, list.Looked = "next-events", s.ago(48*time.Hour)
	}
	return list, nil
}

func (s *sample) Event(_ context.Context, id suite.EventID) (suite.EventDetail, error) {
	for _, e := range s.events {
		if e.ID == id {
			e.Payload = []byte(strings.ReplaceAll(string(e.Payload), "CANARY-auth-code-0001", "•••"))
			return e, nil
		}
	}
	return suite.EventDetail{}, suite.NoEvent(id.String())
}

func (s *sample) Authorizations(_ context.Context, q suite.AuthorizationQuery) (list suite.AuthorizationList, err error) {
	for _, a := range s.auths {
		if q.Suite == a.Suite && (q.Status == "" || q.Status == a.Status) &&
			(strings.HasPrefix(string(a.Corp), q.Search) || strings.Contains(a.CorpName, q.Search)) {
			list.Authorizations = append(list.Authorizations, a.Authorization)
		}
	}
	if q.Search == "far" || q.Cursor == "" && q.Status == "" && q.Search == "" && len(list.Authorizations) > 0 {
		list.Next = "next-authorizations"
	}
	return list, nil
}

func (s *sample) Authorization(_ context.Context, key suite.SuiteKey, corp suite.CorpID) (suite.AuthorizationDetail, error) {
	for _, a := range s.auths {
		if a.Suite == key && a.Corp == corp {
			return a, nil
		}
	}
	return suite.AuthorizationDetail{}, suite.NotFound(suite.Say(suite.SayAuthorization, string(corp), string(key)))
}

func (s *sample) Rejections() suite.RejectionReport { return s.refuse }

func (s *sample) Audit(_ context.Context, q suite.AuditQuery) (suite.AuditList, error) {
	list := suite.AuditList{Entries: s.audit}
	if len(s.audit) > 0 && q.Cursor == "" {
		list.Next = "next-audit"
	}
	return list, nil
}

// act writes an action down, unless actions are to fail.
func (s *sample) act(by suite.Actor, what string, args ...any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	s.done = append(s.done, fmt.Sprintf("%s (%s, %s): ", by.Name, by.Role, by.RemoteAddr)+fmt.Sprintf(what, args...))
	return nil
}

// deeds is what was done so far.
func (s *sample) deeds() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.done)
}

func (s *sample) RevealPermanentCode(_ context.Context, by suite.Actor, key suite.SuiteKey, corp suite.CorpID) (suite.Secret, error) {
	if err := s.act(by, "reveal code %s %s", key, corp); err != nil {
		return "", err
	}
	return canaryCode, nil
}

func (s *sample) RevealEvent(_ context.Context, by suite.Actor, id suite.EventID) (suite.EventDetail, error) {
	if err := s.act(by, "reveal event %s", id); err != nil {
		return suite.EventDetail{}, err
	}
	i := slices.IndexFunc(s.events, func(e suite.EventDetail) bool { return e.ID == id })
	if i < 0 {
		return suite.EventDetail{}, suite.NoEvent(id.String())
	}
	e := s.events[i]
	e.Revealed = true
	return e, nil
}

func (s *sample) Retry(_ context.Context, by suite.Actor, key suite.SuiteKey, corp suite.CorpID) (suite.RetryAction, error) {
	return suite.RetryReauthorize, s.act(by, "retry %s %s", key, corp)
}

func (s *sample) ReplayEvent(_ context.Context, by suite.Actor, id suite.EventID) (suite.Replay, error) {
	return suite.Replay{ID: eventID(90), Event: id}, s.act(by, "replay event %s", id)
}

func (s *sample) PreviewReplay(context.Context, suite.ReplayQuery) (suite.ReplayPreview, error) {
	return suite.ReplayPreview{
		Events: 1820, Corps: 34, Oldest: s.ago(26 * time.Hour),
		Types: map[string]int{"tmp_auth_code": 120, "change_auth": 700, "user_add_org": 1000},
	}, nil
}

func (s *sample) StartReplay(_ context.Context, by suite.Actor, q suite.ReplayQuery) (suite.Replay, error) {
	return suite.Replay{ID: eventID(91), Query: q}, s.act(by, "replay %+v", q)
}

func (s *sample) Replays() []suite.Replay { return s.replays }

func (s *sample) RecordSignIn(_ context.Context, who suite.Actor) error { return s.act(who, "sign in") }

func (s *sample) RecordSignOut(_ context.Context, who suite.Actor) error {
	return s.act(who, "sign out")
}

func (s *sample) sampleRejections() suite.RejectionReport {
	r := suite.RejectionReport{Counts: map[suite.RejectReason]int{}}
	for i, reason := range []suite.RejectReason{
		suite.RejectSignature, suite.RejectCiphertext, suite.RejectSuiteKey, suite.RejectNotJSON, suite.RejectSource,
	} {
		r.Rejections = append(r.Rejections, suite.Rejection{
			At: s.ago(time.Duration(i+1) * time.Minute), Suite: suiteA, RemoteAddr: "203.0.113.9", Reason: reason,
		})
		r.Counts[reason] = 3 * (i + 1)
	}
	r.Rejections[4].Suite = ""
	return r
}

func (s *sample) sampleAudit() []suite.AuditEntry {
	id := eventID(3)
	entry := func(d time.Duration, e suite.AuditEntry) suite.AuditEntry {
		e.At, e.Actor, e.Role, e.RemoteAddr = s.ago(d), "ops", "operator", "192.0.2.1"
		return e
	}
	return []suite.AuditEntry{
		entry(time.Minute, suite.AuditEntry{Action: suite.AuditRevealCode, Suite: suiteA, Corp: corpActive}),
		entry(2*time.Minute, suite.AuditEntry{Action: suite.AuditRetry, Suite: suiteA, Corp: corpFailed, Detail: "reauthorize"}),
		entry(3*time.Minute, suite.AuditEntry{Action: suite.AuditReplayEvent, Suite: suiteA, Corp: corpFailed, Event: &id}),
		entry(26*time.Hour, suite.AuditEntry{Action: suite.AuditReplay, Suite: suiteA, Detail: "type change_auth, failed only", Replay: &suite.ReplayQuery{Type: "change_auth", Failed: true}}),
		entry(27*time.Hour, suite.AuditEntry{Action: suite.AuditSignIn}),
	}
}

func (s *sample) sampleReplays() []suite.Replay {
	id := eventID(3)
	return []suite.Replay{
		{ID: eventID(80), Actor: "ops", Query: suite.ReplayQuery{Suite: suiteA, Failed: true}, StartedAt: s.ago(time.Minute), Total: 1820, Done: 700, Changed: 12, Retried: 3},
		{ID: eventID(81), Actor: "ops", Event: id, StartedAt: s.ago(2 * time.Hour), EndedAt: s.ago(2 * time.Hour), Total: 1, Done: 1, Changed: 1},
		{ID: eventID(82), Actor: "ops", Query: suite.ReplayQuery{Type: "change_auth", Since: s.ago(72 * time.Hour)}, StartedAt: s.ago(3 * time.Hour), EndedAt: s.ago(2 * time.Hour), Total: 90, Done: 40, Failed: 1, Error: suite.Say(suite.SayServerStopped)},
	}
}

// empty is the sample before anything has happened.
func emptySample(now time.Time) *sample {
	s := newSample(now)
	s.auths, s.events, s.audit, s.replays, s.refuse = nil, nil, nil, nil, suite.RejectionReport{}
	s.report.Alerts, s.report.Events, s.report.Work, s.report.Disk = nil, 0, suite.WorkReport{}, suite.DiskReport{}
	s.report.Suites = s.report.Suites[1:]
	s.report.Suites[0].Authorizations = maps.Clone(s.report.Suites[0].Authorizations)
	return s
}
