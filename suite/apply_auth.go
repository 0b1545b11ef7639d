package suite

import (
	"slices"
	"time"
)

// codeGrace is how long a corp of which we saw everything but the
// tmp_auth_code stays pending before we go and ask for a new code: the pushes
// of one authorisation may overtake each other.
const codeGrace = 30 * time.Second

// unlessWithdrawn applies an event of that time to its corp's authorisation,
// and saves what apply changed if it says that it did. An event that is older
// than the corp's withdrawal is stale.
func (a *applier) unlessWithdrawn(in incoming, at time.Time, apply func(auth *authRecord, work *workRecord) (Outcome, Phrase)) (Outcome, Phrase, error) {
	auth, work, err := a.load(in.Corp)
	if err != nil {
		return "", "", err
	}
	if a.older(at, auth.RelievedAt) {
		return OutcomeStale, staleBecause(SayCorpWithdrew, auth.RelievedAt), nil
	}
	outcome, reason := apply(&auth, &work)
	if outcome == OutcomeApplied {
		err = a.save(auth, work)
	}
	return outcome, reason, err
}

// authCode notes a code to be exchanged. Several codes may come for one
// authorisation, of which only one works, so an older code is stale only when
// the corp withdrew after it.
func (a *applier) authCode(in incoming, id EventID, at time.Time) (Outcome, Phrase, error) {
	code := codeRecord{Code: in.AuthCode.Reveal(), Event: id, OrderedAt: at, ReceivedAt: a.arrivedAt}
	if in.Corp == "" {
		return a.anonymousCode(code)
	}
	return a.unlessWithdrawn(in, at, func(auth *authRecord, work *workRecord) (Outcome, Phrase) {
		auth.AuthorizedAt = laterOf(auth.AuthorizedAt, at)
		auth.move(inputAuthorized, a.receivedAt, &id, Say(SayCodeReceived))
		work.addCode(code)
		return OutcomeApplied, ""
	})
}

// anonymousCode notes a code of the old kind, which does not say whose it is:
// the answer to its exchange will.
func (a *applier) anonymousCode(code codeRecord) (Outcome, Phrase, error) {
	ref := workRef{Suite: a.suite, ID: anonymousWork(code.Event)}
	var work workRecord
	work.addCode(code)
	return OutcomeApplied, "", a.saveWork(ref, work)
}

// granted applies a SyncHTTP authorisation, which brings the permanent code
// and everything else itself: no exchange, no activation.
func (a *applier) granted(in incoming, id EventID, at time.Time) (Outcome, Phrase, error) {
	return a.unlessWithdrawn(in, at, func(auth *authRecord, work *workRecord) (Outcome, Phrase) {
		if a.older(at, auth.AuthorizedAt) {
			return OutcomeStale, staleBecause(SayAuthorizedAgain, auth.AuthorizedAt)
		}
		auth.AuthorizedAt = at
		auth.keepCode(in.Grant.PermanentCode, a.receivedAt)
		auth.ActivatedAt = a.receivedAt
		auth.called(in.Grant.CorpName)
		auth.setApps(in.Agents)
		auth.move(inputGranted, a.receivedAt, &id, AsItIs(in.Type))
		auth.setScope(in.Grant.Scope, a.receivedAt, &id)
		auth.moveByApps(a.receivedAt, &id)
		*work = workRecord{}
		return OutcomeApplied, ""
	})
}

// authChanged has the new scope fetched: the event does not say what changed.
func (a *applier) authChanged(in incoming, id EventID, at time.Time) (Outcome, Phrase, error) {
	return a.unlessWithdrawn(in, at, func(auth *authRecord, work *workRecord) (Outcome, Phrase) {
		auth.note(HistoryEntry{At: a.receivedAt, Event: &id, What: in.Type})
		switch {
		case auth.Status == StatusRelieved:
			a.doubtWithdrawal(work)
		case auth.live():
			work.Refresh, work.NextAt = a.receivedAt, time.Time{}
		default:
			a.expectCode(auth, work, id)
		}
		return OutcomeApplied, ""
	})
}

// doubtWithdrawal is for a corp that changed its authorisation after it had
// withdrawn: it may have authorised the suite again, and the code of that never
// came. DingTalk will be asked.
func (a *applier) doubtWithdrawal(work *workRecord) {
	if len(work.Codes) == 0 && !work.Missing {
		work.Missing, work.NextAt = true, a.receivedAt.Add(codeGrace)
	}
}

// relieved withdraws an authorisation: its tokens go and its permanent code is
// no longer handed out.
func (a *applier) relieved(in incoming, id EventID, at time.Time) (Outcome, Phrase, error) {
	auth, work, err := a.load(in.Corp)
	if err != nil {
		return "", "", err
	}
	if a.older(at, auth.AuthorizedAt) {
		return OutcomeStale, staleBecause(SayAuthorizedAgain, auth.AuthorizedAt), nil
	}
	if a.older(at, auth.RelievedAt) {
		return OutcomeStale, staleBecause(SayCorpWithdrew, auth.RelievedAt), nil
	}
	auth.RelievedAt = at
	auth.CodeVoid = true
	auth.Reauths, auth.ReauthAt = 0, time.Time{}
	auth.Apps = nil // a later authorisation starts with running apps
	auth.move(inputRelieved, a.receivedAt, &id, Say(SayWithdrawn))
	work.dropCodes(at)
	if err := tokens.Delete(a.w, corpID(a.suite, in.Corp)); err != nil {
		return "", "", err
	}
	return OutcomeApplied, "", a.save(auth, work)
}

// app notes that the corp stopped, restored or removed an app of the suite.
func (a *applier) app(in incoming, id EventID, at time.Time) (Outcome, Phrase, error) {
	return a.unlessWithdrawn(in, at, func(auth *authRecord, work *workRecord) (Outcome, Phrase) {
		if auth.Status == StatusRelieved {
			return OutcomeStored, ""
		}
		if len(in.Agents) != 1 {
			return OutcomeQuarantined, Say(SayNoApp)
		}
		app := auth.appOf(in.Agents[0])
		if a.older(at, app.OrderedAt) {
			return OutcomeStale, staleBecause(SayAppChanged, app.OrderedAt)
		}
		app.OrderedAt = at
		app.Stopped = in.Kind != kindAppRestored
		auth.note(HistoryEntry{At: a.receivedAt, Event: &id, What: in.Type})
		if auth.Status == StatusNone {
			a.expectCode(auth, work, id)
		}
		auth.moveByApps(a.receivedAt, &id)
		return OutcomeApplied, ""
	})
}

// appOf returns the corp's record of the app, a new one if there was none.
func (r *authRecord) appOf(agent Agent) *appRecord {
	i := r.appIndex(agent)
	if i < 0 {
		r.Apps = append(r.Apps, appRecord{Agent: agent})
		i = len(r.Apps) - 1
	}
	return &r.Apps[i]
}

// expectCode marks an authorisation that exists, as the event shows, while its
// code never came: the corp had authorised before we listened.
func (a *applier) expectCode(auth *authRecord, work *workRecord, id EventID) {
	if len(work.Codes) > 0 || work.Missing || work.Reauth || auth.Status == StatusFailed {
		return
	}
	auth.move(inputSeen, a.receivedAt, &id, Say(SayNoCodeYet))
	work.Missing = true
	work.NextAt = a.receivedAt.Add(codeGrace)
}

func staleBecause(what Sentence, at time.Time) Phrase { return Say(what, at.Format(time.RFC3339)) }

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// addCode puts a code among those to be exchanged, and forgets what an earlier
// failure wanted: a new code is a new chance.
func (w *workRecord) addCode(c codeRecord) {
	w.Codes = append(w.Codes, c)
	slices.SortStableFunc(w.Codes, func(x, y codeRecord) int { return x.OrderedAt.Compare(y.OrderedAt) })
	w.Missing, w.Reauth, w.Failure = false, false, nil
	w.Attempts, w.NextAt = 0, time.Time{}
	w.PushedAt = c.ReceivedAt
}

// dropCodes forgets the work for an authorisation that ended at that time.
func (w *workRecord) dropCodes(until time.Time) {
	codes := slices.DeleteFunc(w.Codes, func(c codeRecord) bool { return !c.OrderedAt.After(until) })
	*w = workRecord{Codes: codes, PushedAt: w.PushedAt}
}

// empty tells that nothing is left to do and nothing to be said.
func (w *workRecord) empty() bool {
	return len(w.Codes) == 0 && !w.Activate && w.Refresh.IsZero() && !w.Missing && !w.Reauth && w.Failure == nil
}
