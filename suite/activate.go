package suite

import (
	"context"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"suitekeeper/store"
)

// activate makes the app visible to the corp. Doing it twice is harmless, so a
// crash in between only repeats it.
func (t *task) activate(ctx context.Context) (due, error) {
	token, err := t.suiteToken(ctx)
	if err != nil {
		return t.tryAgain(ctx, err, "")
	}
	code, err := t.permanentCode(ctx)
	if err != nil {
		return due{}, err
	}
	err = t.platform.Activate(ctx, token, t.suite.Key, t.ref.corp(), code)
	if err != nil {
		return t.failed(ctx, err, token, ending{over: func(ctx context.Context, fault *PlatformError) (due, error) {
			return t.notActivated(ctx, code, fault)
		}})
	}
	return goOn, t.amend(ctx, t.ref, func(a *applier, auth *authRecord, work *workRecord) {
		if !work.Activate { // the corp withdrew meanwhile
			return
		}
		work.Activate = false
		work.clearFailure()
		work.Refresh = a.receivedAt
		auth.ActivatedAt = a.receivedAt
		took := a.receivedAt.Sub(work.PushedAt)
		a.afterwards(func() { t.metrics.activated(t.suite.Key, took) })
	})
}

// notActivated gives up a permanent code that DingTalk refuses.
func (t *task) notActivated(ctx context.Context, code Secret, fault *PlatformError) (due, error) {
	return goOn, t.amend(ctx, t.ref, func(a *applier, auth *authRecord, work *workRecord) {
		if !work.Activate || auth.PermanentCode != code.Reveal() { // the refusal is of an authorisation that is over
			return
		}
		auth.CodeVoid = auth.CodeVoid || fault.Fault == FaultPermanentCode
		t.giveUp(a, auth, work, failureOf(fault, a.receivedAt))
	})
}

func (t *task) permanentCode(ctx context.Context) (Secret, error) {
	auth, err := t.authorization(ctx)
	return Secret(auth.PermanentCode), err
}

func (t *task) authorization(ctx context.Context) (auth authRecord, err error) {
	err = t.store.View(ctx, func(r store.Reader) (err error) {
		auth, err = auths.Get(r, t.ref.key())
		return err
	})
	return auth, err
}

// refresh asks what the corp authorised. An app that is activated becomes
// active even if that cannot be learnt yet: the corp sees it already.
func (t *task) refresh(ctx context.Context, asked time.Time) (due, error) {
	info, scope, token, err := t.ask(ctx)
	if err != nil {
		return t.failed(ctx, err, token, ending{over: t.notRefreshed, meanwhile: t.activatedAtLeast})
	}
	return goOn, t.amend(ctx, t.ref, func(a *applier, auth *authRecord, work *workRecord) {
		if work.Refresh.IsZero() { // the corp withdrew meanwhile
			return
		}
		if work.Refresh.Equal(asked) { // else it changed again while DingTalk answered
			work.Refresh = time.Time{}
		}
		work.clearFailure()
		auth.called(info.CorpName)
		auth.setApps(info.Agents)
		auth.setScope(&scope, a.receivedAt, nil)
		t.activated(a, auth, work)
	})
}

// notRefreshed gives up an authorisation of which DingTalk will tell nothing.
func (t *task) notRefreshed(ctx context.Context, fault *PlatformError) (due, error) {
	return goOn, t.amend(ctx, t.ref, func(a *applier, auth *authRecord, work *workRecord) {
		t.giveUp(a, auth, work, failureOf(fault, a.receivedAt))
	})
}

// activatedAtLeast ends an exchange of which only apps and scope are not known
// yet. What failed before does not become active because a call failed.
func (t *task) activatedAtLeast(a *applier, auth *authRecord, work *workRecord) {
	if auth.Status == StatusPending {
		t.activated(a, auth, work)
	}
}

// activated ends an exchange.
func (t *task) activated(a *applier, auth *authRecord, work *workRecord) {
	if auth.ActivatedAt.Before(auth.CodeStoredAt) || !auth.live() {
		return
	}
	work.Reauth = false
	auth.Reauths, auth.ReauthAt = 0, time.Time{}
	before := auth.Status
	auth.move(inputActivated, a.receivedAt, nil, "")
	auth.moveByApps(a.receivedAt, nil)
	if before != auth.Status {
		text := "authorisation " + string(auth.Status)
		line := []zap.Field{zap.String("suite", string(t.suite.Key)),
			zap.String("corp", string(auth.Corp)), corpName(auth.CorpName)}
		a.afterwards(func() { t.log.Info(text, line...) })
	}
}

// ask gets apps and scope side by side. Token is the corp's, if there was one to
// ask with: DingTalk may have refused it.
func (t *task) ask(ctx context.Context) (info AuthInfo, scope Scope, token Secret, err error) {
	cred, err := t.tokens.credentials(ctx, t.suite.Key)
	if err != nil {
		return info, scope, "", err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		info, err = t.platform.AuthInfo(ctx, cred, t.ref.corp())
		return err
	})
	g.Go(func() (err error) {
		if token, err = t.corpToken(ctx); err == nil {
			scope, err = t.platform.Scopes(ctx, token)
		}
		return err
	})
	err = g.Wait()
	return info, scope, token, err
}
