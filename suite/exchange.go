package suite

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.uber.org/zap"

	"suitekeeper/store"
)

// task is one piece of work in a worker's hands.
type task struct {
	*Keeper
	platform notedPlatform // instead of the Keeper's
	ref      workRef
	suite    Suite

	credentials int  // that had come when the step was begun
	early       bool // the first step does not wait for the pause after a try that failed
	renewed     bool // the suite token was renewed once already after DingTalk called it invalid
}

// due says when to go on with a piece of work: at once, at a time, or, with
// both zero, never.
type due struct {
	now    bool
	at     time.Time
	failed bool // the last try failed in a way that may pass
}

var goOn = due{now: true}

// step does the next thing that is to be done. Each step is written down
// before the next begins. An error is no answer of DingTalk's: a shutdown, or a
// store that failed.
func (t *task) step(ctx context.Context) (due, error) {
	t.credentials = t.schedule.credentials(t.suite.Key)
	work, err := t.load(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return due{}, nil
	}
	if err != nil {
		return due{}, err
	}
	retry := work.mayBeRetried()
	if work.NextAt.After(time.Now()) && (!t.early || !retry) {
		return due{at: work.NextAt, failed: retry}, nil
	}
	t.early = false
	switch {
	case len(work.Codes) > 0:
		return t.exchange(ctx, work.Codes[len(work.Codes)-1])
	case work.Activate:
		return t.activate(ctx)
	case !work.Refresh.IsZero():
		return t.refresh(ctx, work.Refresh)
	case work.Missing:
		return t.missing(ctx)
	case t.suite.AppID == 0:
		return due{}, nil // a failure that waits for a person or a push
	case work.Reauth:
		return t.reauthorize(ctx)
	case work.Failure != nil && work.Failure.asksForCode():
		// The app id was configured after the failure.
		return goOn, t.amendWork(ctx, t.ref, func(work *workRecord) { work.Reauth = true })
	default:
		return due{}, nil
	}
}

func (t *task) load(ctx context.Context) (work workRecord, err error) {
	err = t.store.View(ctx, func(r store.Reader) (err error) {
		work, err = works.Get(r, t.ref.key())
		return err
	})
	return work, err
}

// exchange turns a tmp_auth_code into the permanent code, which is stored
// before anything else happens. Neither the call nor the storing is cut short
// by a shutdown: the answer cannot be had again.
func (t *task) exchange(ctx context.Context, code codeRecord) (due, error) {
	token, err := t.suiteToken(ctx)
	if err != nil {
		return t.tryAgain(ctx, err, "")
	}
	if code.StartedAt.IsZero() {
		if known, err := t.markStarted(ctx, code); err != nil || !known {
			return goOn, err
		}
	}
	uncut := context.WithoutCancel(ctx)
	answer, err := t.platform.PermanentCode(uncut, token, Secret(code.Code))
	t.metrics.exchanged(t.suite.Key, err)
	if err != nil {
		return t.failed(uncut, err, token, ending{over: func(ctx context.Context, fault *PlatformError) (due, error) {
			return t.codeSpent(ctx, code, fault)
		}})
	}
	next, err := t.settle(ctx, code, answer)
	if errors.Is(err, store.ErrFull) { // still, at a shutdown
		t.log.Error("a permanent code is lost, for the disk is full; it takes a new authorisation code to get another",
			zap.String("suite", string(t.suite.Key)), zap.String("corp", string(answer.Corp)))
	}
	return next, err
}

// surely stores what cannot be had again, in an urgent update that is not cut
// short: while the store has too many updates waiting, or no room on its disk,
// it tries again. For that of the disk it waits no longer than ctx.
func surely(ctx context.Context, update func(context.Context) error) error {
	for {
		err := update(store.Urgent(context.WithoutCancel(ctx)))
		switch {
		case errors.Is(err, store.ErrBusy):
			time.Sleep(busyPause)
		case errors.Is(err, store.ErrFull) && pauseFor(ctx, storePause) == nil:
		default:
			return err
		}
	}
}

// markStarted writes down that the code may be burnt from now on. It tells
// whether the code is still to be exchanged. It is not urgent: while the disk is
// full no exchange is begun whose answer might find no room.
func (t *task) markStarted(ctx context.Context, code codeRecord) (known bool, err error) {
	err = t.changeWork(ctx, t.ref, func(work *workRecord) {
		i := slices.IndexFunc(work.Codes, func(c codeRecord) bool { return c.Event == code.Event })
		known = i >= 0
		if known {
			work.Codes[i].StartedAt = time.Now().UTC()
		}
	})
	return known, err
}

// removeCodes takes a code away, with those that were pushed before it: they
// belong to the same authorisation, or to one that is over. It tells whether
// the code was there.
func (w *workRecord) removeCodes(code codeRecord) bool {
	n := len(w.Codes)
	w.Codes = slices.DeleteFunc(w.Codes, func(c codeRecord) bool {
		return c.Event == code.Event || c.OrderedAt.Before(code.OrderedAt)
	})
	return len(w.Codes) < n
}

// removeCode takes just this code away.
func (w *workRecord) removeCode(code codeRecord) {
	w.Codes = slices.DeleteFunc(w.Codes, func(c codeRecord) bool { return c.Event == code.Event })
}

func (w *workRecord) clearFailure() {
	w.Failure, w.Attempts, w.NextAt = nil, 0, time.Time{}
}

// codeSpent goes on when a code cannot be exchanged any more. With neither
// another code nor a permanent one the exchange's answer was lost, in a crash
// or on the way: the code is burnt.
func (t *task) codeSpent(ctx context.Context, code codeRecord, fault *PlatformError) (due, error) {
	if t.ref.anonymous() {
		return t.anonymousSpent(ctx, code, fault)
	}
	return goOn, t.amend(ctx, t.ref, func(a *applier, auth *authRecord, work *workRecord) {
		if !code.StartedAt.IsZero() {
			auth.LostAt = laterOf(auth.LostAt, code.theirs(a.receivedAt))
		}
		gaveUp := t.without(a, auth, work, code, failureOf(fault, a.receivedAt))
		if gaveUp && work.Reauth && !code.OrderedAt.After(auth.LostAt) {
			work.askAt(auth.soonReauth())
		}
	})
}

// without goes on without a code that was of no use, and gives up if there is
// nothing to go on with. Another code of the same authorisation may work. If
// none is left, we may have used it ourselves: a permanent code stored after
// the push says so. One that was stored before may be of the same
// authorisation, for several codes come for one; activating with it asks
// DingTalk.
func (t *task) without(a *applier, auth *authRecord, work *workRecord, code codeRecord, f Failure) (gaveUp bool) {
	work.removeCode(code)
	work.clearFailure()
	switch {
	case len(work.Codes) > 0:
	case auth.live() && !auth.CodeStoredAt.Before(code.ReceivedAt):
	case auth.live():
		work.Activate = true
	default:
		t.giveUp(a, auth, work, f)
		return true
	}
	return false
}

// theirs is a later moment of our clock by the clock that orders codes, which
// is DingTalk's and may differ by minutes: as long after the code's push as it
// is, here, after its arrival.
func (c codeRecord) theirs(at time.Time) time.Time {
	return c.OrderedAt.Add(max(0, at.Sub(c.ReceivedAt)))
}

// asksForCode tells whether a new tmp_auth_code is the cure.
func (f *Failure) asksForCode() bool {
	return f.Final && (f.Alert == AlertCodeBurnt || f.Alert == AlertCodeMissing || f.Alert == AlertPermanentCodeWrong)
}

// giveUp marks an authorisation as failed, with its cause. Where a new code
// can help and may be asked for, it will be.
func (t *task) giveUp(a *applier, auth *authRecord, work *workRecord, f Failure) {
	f.Final, f.CorpName = true, auth.CorpName
	auth.move(inputFailed, a.receivedAt, nil, f.Message)
	work.clearFailure()
	work.Activate, work.Refresh, work.Missing = false, time.Time{}, false
	if auth.Status != StatusFailed { // the corp withdrew meanwhile
		return
	}
	work.Failure = &f
	if t.suite.AppID != 0 && f.asksForCode() {
		work.askAt(auth.nextReauth())
	}
	ref, asks := workRef{Suite: t.suite.Key, ID: string(auth.Corp)}, zap.Bool("asks_for_new_code", work.Reauth)
	a.afterwards(func() { t.warn("authorisation failed", ref, f, asks) })
}
