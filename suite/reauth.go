package suite

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"suitekeeper/store"
)

// reauthPauses are the times between one request for a new code and the next,
// while none comes; the last repeats.
var reauthPauses = []time.Duration{10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour}

// The pause where an answer was lost, in a crash of ours or on the way, which
// says nothing against the next code: it doubles each time.
const (
	lostAnswerPause    = time.Second
	maxLostAnswerPause = 10 * time.Minute
)

// anonymousKept is how long a burnt code of an unknown corp stays among the
// alerts when nothing can be done about it.
const anonymousKept = 7 * 24 * time.Hour

// missing ends the wait for a code that never came. Whether a corp that had
// withdrawn has authorised the suite again, DingTalk tells.
func (t *task) missing(ctx context.Context) (due, error) {
	auth, err := t.authorization(ctx)
	if err == nil && auth.Status == StatusRelieved {
		err = t.authorizedAgain(ctx)
	}
	var fault *PlatformError
	switch {
	case err == nil:
		return goOn, t.codeMissing(ctx)
	case errors.As(err, &fault) && fault.Fault == FaultNotAuthorized:
		return goOn, t.stayWithdrawn(ctx)
	default:
		return t.tryAgain(ctx, err, "")
	}
}

func (t *task) codeMissing(ctx context.Context) error {
	return t.amend(ctx, t.ref, func(a *applier, auth *authRecord, work *workRecord) {
		if !work.Missing || work.NextAt.After(a.receivedAt) { // the corp has done something meanwhile
			return
		}
		auth.move(inputSeen, a.receivedAt, nil, Say(SayNoCodeYet))
		t.giveUp(a, auth, work, Failure{Alert: AlertCodeMissing, At: a.receivedAt, Message: Say(SayCodeNeverCame)})
	})
}

func (t *task) stayWithdrawn(ctx context.Context) error {
	return t.amend(ctx, t.ref, func(_ *applier, auth *authRecord, work *workRecord) {
		if auth.Status == StatusRelieved {
			work.Missing = false
			work.clearFailure()
		}
	})
}

// authorizedAgain returns nil if DingTalk says that the corp authorises the suite.
func (t *task) authorizedAgain(ctx context.Context) error {
	cred, err := t.tokens.credentials(ctx, t.suite.Key)
	if err == nil {
		_, err = t.platform.AuthInfo(ctx, cred, t.ref.corp())
	}
	return err
}

// reauthorize asks DingTalk to push a new tmp_auth_code, and leaves the rest to
// that push. It asks again after long pauses.
func (t *task) reauthorize(ctx context.Context) (due, error) {
	err := t.askForCode(ctx, []CorpID{t.ref.corp()})
	if err != nil {
		return t.failed(ctx, err, "", ending{over: t.noNewCode})
	}
	t.log.Info("asked DingTalk for a new tmp_auth_code", zap.String("suite", string(t.suite.Key)), zap.String("corp", t.ref.ID))
	return goOn, t.amend(ctx, t.ref, func(a *applier, auth *authRecord, work *workRecord) {
		auth.Reauths++
		auth.ReauthAt = a.receivedAt
		if work.Reauth { // else the push was faster
			work.Attempts, work.NextAt = 0, auth.nextReauth()
		}
	})
}

// noNewCode ends the wait for a new code that DingTalk will not push.
func (t *task) noNewCode(ctx context.Context, fault *PlatformError) (due, error) {
	f := failureOf(fault, time.Now().UTC())
	f.Final = true
	err := t.amendWork(ctx, t.ref, func(work *workRecord) {
		if work.Failure != nil {
			f.CorpName = work.Failure.CorpName
		}
		work.Reauth, work.Failure = false, &f
	})
	if err == nil {
		t.warn("DingTalk will not push a new tmp_auth_code", t.ref, f)
	}
	return goOn, err
}

// askAt has a new code asked for at that time.
func (w *workRecord) askAt(at time.Time) {
	w.Reauth, w.NextAt = true, at
	w.Failure.Curing = at.Before(w.Failure.At.Add(cureTime))
}

// soonReauth is when a new code may be asked for after an answer was lost.
func (r *authRecord) soonReauth() time.Time {
	if r.Reauths == 0 {
		return time.Time{}
	}
	return r.ReauthAt.Add(min(lostAnswerPause<<min(r.Reauths, 20), maxLostAnswerPause))
}

// nextReauth is when a new code may be asked for: at once the first time.
func (r *authRecord) nextReauth() time.Time {
	if r.Reauths == 0 {
		return time.Time{}
	}
	return r.ReauthAt.Add(reauthPauses[min(r.Reauths, len(reauthPauses))-1])
}

func (t *task) askForCode(ctx context.Context, corps []CorpID) error {
	token, err := t.suiteToken(ctx)
	if err != nil {
		return err
	}
	err = t.platform.Reauthorize(ctx, token, t.suite.AppID, corps)
	var fault *PlatformError
	if errors.As(err, &fault) && fault.Fault == FaultToken {
		return errors.Join(err, t.tokens.drop(ctx, t.suite.Key, "", token))
	}
	return err
}

// anonymousSpent deals with a spent code that does not say whose it is. With an
// app id DingTalk can be asked which corps were never activated, and for new
// codes for those, once for all codes that are spent, and again after long pauses.
// Else it is an alert, unless a permanent code was stored since it came, for
// whichever corp: several codes come for one authorisation.
func (t *task) anonymousSpent(ctx context.Context, code codeRecord, fault *PlatformError) (due, error) {
	if t.suite.AppID != 0 {
		return t.askUnactivated(ctx, code)
	}
	covered, err := t.exchangedSince(ctx, code.ReceivedAt)
	if err != nil {
		return due{}, err
	}
	f := failureOf(fault, time.Now().UTC())
	if covered || f.At.Sub(code.ReceivedAt) > anonymousKept {
		return goOn, t.amendWork(ctx, t.ref, func(work *workRecord) { *work = workRecord{} })
	}
	f.Final = true
	err = t.amendWork(ctx, t.ref, func(work *workRecord) {
		work.Failure = &f
		work.NextAt = code.ReceivedAt.Add(anonymousKept)
	})
	if err == nil {
		t.warn("a tmp_auth_code that does not say whose it is cannot be exchanged", t.ref, f)
	}
	return goOn, err
}

// askUnactivated has new codes pushed for the corps that were never activated,
// since the code is spent. While that fails its work stays, and so it covers the
// codes that leave theirs to it.
func (t *task) askUnactivated(ctx context.Context, code codeRecord) (due, error) {
	undo, next := t.passes.claim(t.suite.Key, code.ReceivedAt, time.Now().UTC())
	if undo == nil {
		return goOn, t.amendWork(ctx, t.ref, func(work *workRecord) {
			if next.IsZero() {
				*work = workRecord{}
			}
			work.NextAt = next
		})
	}
	token, err := t.suiteToken(ctx)
	var corps []CorpID
	if err == nil {
		corps, err = t.platform.Unactivated(ctx, token, t.suite.AppID)
	}
	if err == nil && len(corps) > 0 {
		err = t.askForCode(ctx, corps)
	}
	if err != nil {
		undo()
		return t.tryAgain(ctx, err, token)
	}
	t.log.Info("asked DingTalk for new codes for corps that were never activated",
		zap.String("suite", string(t.suite.Key)), zap.Int("corps", len(corps)))
	return goOn, t.amendWork(ctx, t.ref, func(work *workRecord) { *work = workRecord{} })
}

// exchangedSince tells whether some corp's permanent code was stored after
// that time.
func (t *task) exchangedSince(ctx context.Context, at time.Time) (bool, error) {
	var found bool
	err := t.store.View(ctx, func(r store.Reader) error {
		prefix := suiteID(t.suite.Key)
		for e, err := range auths.Scan(r, prefix, prefix.PrefixEnd(), false) {
			if err != nil {
				return err
			}
			if found = e.Value.live() && !e.Value.CodeStoredAt.Before(at); found {
				return nil
			}
		}
		return nil
	})
	return found, err
}
