package suite

import (
	"cmp"
	"slices"
	"time"

	"suitekeeper/store"
)

// Alert is something that needs a person, with its cure. It holds no secrets.
type Alert struct {
	Code     AlertCode
	Severity Severity
	Suite    SuiteKey // empty when it concerns no suite that we know
	Corp     CorpID   // empty when it concerns the whole suite
	CorpName string   // empty when it is not known
	Message  Text
	Cure     Text
	Since    time.Time
}

// What is said of work, and for how long of what passed.
const (
	maxWorkAlerts     = 200            // of one suite; more say nothing new
	alertAfterTries   = 3              // of what may pass by itself; see fails
	cureTime          = time.Minute    // for a new code to come and work by itself
	quarantineAlarmed = 24 * time.Hour // after the newest quarantined event
)

// alerts says what needs a person in one suite. Heard is what failing.now said
// before the store was read.
func (k *Keeper) alerts(r store.Reader, cfg Suite, s SuiteReport, heard int, now time.Time) ([]Alert, error) {
	var list []Alert
	if a, ok := k.ticketAlert(s, now); ok {
		list = append(list, a)
	}
	if p, ok := k.answers.notAccepted(s.Key, now); ok {
		list = append(list, newAlert(AlertAnswerNotAccepted, s.Key, "", p.at, Values{Count: p.times, Detail: asItIs(p.kind)}))
	}
	if f, closed := k.schedule.gateFailure(s.Key); closed && s.Ticket.State != TicketMissing {
		list = append(list, f.alert(s.Key, ""))
	}
	if skew, ok := k.clock.alarming(s.Key); ok {
		list = append(list, newAlert(AlertClockSkew, s.Key, "", skew.since, Values{Skew: skew.by}))
	}
	if a, ok, err := k.quarantineAlert(r, s.Key, now); err != nil {
		return nil, err
	} else if ok {
		list = append(list, a)
	}
	list = append(list, k.rejectionAlerts(s.Key, now)...)
	list = append(list, k.refusals.alerts(s.Key, now)...)
	failed, err := k.failing.read(r, s.Key, heard)
	return append(list, workAlerts(failed, cfg, now)...), err
}

func (k *Keeper) ticketAlert(s SuiteReport, now time.Time) (Alert, bool) {
	if wrong, ok := k.answers.givenUp(s.Key, s.Ticket.State, now); ok {
		return newAlert(AlertTicketGivenUp, s.Key, "", wrong.At, Values{Count: wrong.wrong()}), true
	}
	switch s.Ticket.State {
	case TicketMissing:
		return newAlert(AlertTicketMissing, s.Key, "", k.startedAt, Values{}), true
	case TicketStale:
		return newAlert(AlertTicketStale, s.Key, "", now.Add(k.ticketStaleAfter-s.Ticket.Age), Values{Age: s.Ticket.Age}), true
	default:
		return Alert{}, false
	}
}

// workAlerts says what keeps work from going on. What may pass by itself is
// DingTalk's trouble and no corp's, so it is said once for the suite.
func workAlerts(failed []workRecord, s Suite, now time.Time) []Alert {
	var list []Alert
	said := map[AlertCode]bool{}
	for _, work := range failed {
		f := work.Failure
		if work.mayPass(s, now) || (!f.Final && said[f.Alert]) {
			continue
		}
		ref := workRef{Suite: s.Key, ID: work.ID}
		corp := ref.corp()
		if ref.anonymous() || !f.Final {
			corp = ""
		}
		said[f.Alert] = said[f.Alert] || !f.Final
		if list = append(list, f.alert(s.Key, corp)); len(list) == maxWorkAlerts {
			break
		}
	}
	return list
}

// mayPass tells whether the failure is likely to end before a person could do
// anything: a new code is asked for in place of the one that was spent, and that
// has not failed several times yet.
func (w *workRecord) mayPass(s Suite, now time.Time) bool {
	f := w.Failure
	return f.Curing && w.Reauth && s.AppID != 0 && now.Sub(f.At) < cureTime && w.Attempts < alertAfterTries
}

// rejectReasons are those of the refusals that somebody must hear of.
var rejectReasons = []RejectReason{RejectSignature, RejectCiphertext, RejectSuiteKey, RejectNotJSON, RejectSource, RejectUnknown}

func (k *Keeper) rejectionAlerts(suite SuiteKey, now time.Time) []Alert {
	var list []Alert
	for _, reason := range rejectReasons {
		if run, ok := k.rejections.pending(suite, reason, now, k.roster().order); ok {
			list = append(list, run.alert())
		}
	}
	return list
}

// alert is the alert that the refused pushes amount to.
func (run rejectRun) alert() Alert {
	r := run.newest
	message, cure := r.Explain()
	a := newAlert(r.Alert(), r.Suite, "", run.since, Values{Address: r.RemoteAddr, Detail: message})
	a.Cure = cure
	if r.Suite == "" { // the alert's own words name one
		ends := strayEnds
		if r.Reason == RejectUnknown {
			ends = unknownEnds
		}
		a.Message = message
		a.Cure = Text{EN: cure.EN + " " + ends.EN, ZH: cure.ZH + ends.ZH}
	}
	return a
}

// alert is the alert that the failure amounts to. Where that says no more than
// that DingTalk refused, the refusal's own code says what it means.
func (f Failure) alert(suite SuiteKey, corp CorpID) Alert {
	a := newAlert(f.Alert, suite, corp, f.At, Values{CorpName: f.CorpName, Code: f.Code, Address: f.Address, Detail: f.Message.Text()})
	if e, ok := ExplainCode(f.Code); ok && f.Alert == AlertPlatformRefused {
		a.Cure = Text{EN: e.Meaning.EN + " " + e.Cure.EN, ZH: e.Meaning.ZH + e.Cure.ZH}
	}
	return a
}

func newAlert(code AlertCode, suite SuiteKey, corp CorpID, since time.Time, v Values) Alert {
	e := entryOf(code)
	v.Suite, v.Corp = suite, corp
	a := Alert{Code: code, Severity: e.Severity, Suite: suite, Corp: corp, CorpName: v.CorpName, Since: since}
	a.Message, a.Cure = e.Fill(v)
	return a
}

// sortAlerts puts the urgent first, and what concerns whole suites before
// single corps.
func sortAlerts(list []Alert) {
	slices.SortStableFunc(list, func(a, b Alert) int {
		return cmp.Or(cmp.Compare(a.Severity.rank(), b.Severity.rank()),
			cmp.Compare(a.Suite, b.Suite), cmp.Compare(a.Corp, b.Corp), cmp.Compare(a.Code, b.Code))
	})
}
