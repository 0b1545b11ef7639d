package suite

import (
	"errors"
	"strings"

	"github.com/go-json-experiment/json"

	"suitekeeper/store"
)

// replayed is what processing an event again did.
type replayed struct {
	before  Outcome
	after   Outcome
	retried bool // work that had failed was started again
}

func (d replayed) changed() bool { return d.before != d.after || d.retried }

// count notes what was done with one event.
func (r *Replay) count(d replayed) {
	r.Done++
	if d.changed() {
		r.Changed++
	}
	if d.retried {
		r.Retried++
	}
}

// again processes a stored event again.
//
// What was applied is in the state, or something newer is, so it is not applied
// a second time: between two events of the same moment only the order of
// arrival decides, and that cannot be had again. Only work that it caused and
// that failed is started again, and a code that is spent stays spent. What was
// not applied is read and judged as if it came now, with its own time or the
// time at which it came. Whoever calls it holds Keeper.indexing.
func (a *applier) again(e eventRecord, cfg Suite) (replayed, error) {
	did, before := replayed{before: e.Outcome, after: e.Outcome}, e
	if e.Outcome == OutcomeApplied {
		err := a.resume(e, cfg, &did)
		return did, err
	}
	list := reread(e)
	if !e.judgedAnew(list) {
		return did, nil
	}
	a.arrivedAt = e.ReceivedAt
	if len(list) == 1 {
		in, err := list[0], error(nil)
		if e.Outcome, e.Reason, err = a.change(in, e.ID); err != nil {
			return did, err
		}
		e.Type, e.Corp, e.IssuedAt = in.Type, in.Corp, in.Stamp
	} else { // rows of a push that could not be taken apart when it came
		if err := a.apply(list); err != nil {
			return did, err
		}
		e.Outcome, e.Reason = OutcomeStored, Say(SayRowsApart)
	}
	did.after = e.Outcome
	if did.before == OutcomeQuarantined && did.after != OutcomeQuarantined {
		a.cured = append(a.cured, e.ID)
	}
	return did, a.rewrite(before, e)
}

// judgedAnew tells whether an event that was not applied may be now that it has
// been read again.
//
// What was sound stays out of the quarantine. What was stored although it has a
// meaning came while its authorisation was withdrawn; the one that followed
// began without it.
func (e eventRecord) judgedAnew(list []incoming) bool {
	if e.Outcome == OutcomeQuarantined {
		return len(list) != 1 || list[0].Odd == "" || list[0].Odd.String() != e.Reason.String() // earlier versions stored English
	}
	if len(list) != 1 || list[0].Odd != "" {
		return false
	}
	switch list[0].Kind {
	case kindTicket, kindAuthCode, kindAuthGranted, kindRelieved:
		return true
	case kindAuthChanged, kindAppStopped, kindAppRestored, kindAppRemoved:
		return e.Outcome == OutcomeStale
	default:
		return false
	}
}

// reread takes a stored event apart as its push was. It is one event, unless
// it is a push of SyncHTTP mode that was kept as a whole.
func reread(e eventRecord) []incoming {
	if e.Source == SourceSyncHTTP && !wholePush(e.Payload) {
		in := parseRow(incoming{Type: e.Type, Source: e.Source, Raw: e.Payload})
		if strings.HasPrefix(e.Reason.String(), foreignSuite) { // the push said so, and a row does not repeat it
			in = in.quarantined(e.Reason)
		}
		return []incoming{in}
	}
	msg, err := parse(e.Payload)
	if err != nil {
		return []incoming{{Type: e.Type, Source: e.Source, Raw: e.Payload, Odd: notJSON}}
	}
	refuseForeign(msg, e.Suite)
	return msg.Events
}

// wholePush tells a push of SyncHTTP mode from one of its rows.
func wholePush(payload []byte) bool {
	var head pushHead
	if json.Unmarshal(payload, &head, lenient) != nil {
		return false
	}
	var f fields
	return syncPush(f.id("EventType", head.EventType))
}

// resume starts the work again that an event caused, if that failed.
func (a *applier) resume(e eventRecord, cfg Suite, did *replayed) error {
	if e.Corp == "" {
		return a.resumeAnonymous(e, cfg, did)
	}
	auth, work, err := a.load(e.Corp)
	if err != nil || auth.Status == StatusNone || (auth.Status != StatusFailed && work.Failure == nil) {
		return err
	}
	_, err = a.retry(cfg, e.Corp)
	if errors.Is(err, ErrNothingToRetry) {
		return nil
	}
	did.retried = err == nil
	return err
}

// resumeAnonymous is resume for a code that does not say whose it is. One that
// is spent is worth another look only where DingTalk can be asked whose it was.
func (a *applier) resumeAnonymous(e eventRecord, cfg Suite, did *replayed) error {
	work, err := workOf(a.w, e)
	if err != nil || work.Failure == nil || (work.Failure.Final && cfg.AppID == 0) {
		return err
	}
	work.clearFailure()
	did.retried = true
	return a.saveWork(causedWork(e), work)
}

// causedWork is the work that an event may have caused.
func causedWork(e eventRecord) workRef {
	if e.Corp == "" {
		return workRef{Suite: e.Suite, ID: anonymousWork(e.ID)}
	}
	return workRef{Suite: e.Suite, ID: string(e.Corp)}
}

// workOf is what is left to do of what an event caused; zero for nothing.
func workOf(r store.Getter, e eventRecord) (workRecord, error) {
	work, err := works.Get(r, causedWork(e).key())
	if errors.Is(err, store.ErrNotFound) {
		return workRecord{}, nil
	}
	return work, err
}
