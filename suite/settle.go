package suite

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"go.uber.org/zap"
)

// settle stores what an exchange brought: under the corp that DingTalk's answer
// names, since whoever has the permanent code must know whose it is, and under
// the pushed one if the answer names none.
func (t *task) settle(ctx context.Context, code codeRecord, answer PermanentCode) (due, error) {
	switch named := answer.Corp.plausible(); {
	case named && answer.Corp != t.ref.corp():
		return t.settleElsewhere(ctx, code, answer)
	case !named && t.ref.anonymous():
		return t.anonymousSpent(context.WithoutCancel(ctx), code, &PlatformError{Call: "get_permanent_code", Fault: FaultCodeSpent,
			Message: Say(SayCorpNotNamed)})
	}
	err := surely(ctx, func(ctx context.Context) error {
		return t.amend(ctx, t.ref, func(a *applier, auth *authRecord, work *workRecord) {
			t.keep(a, auth, work, code, answer)
		})
	})
	return goOn, err
}

// plausible tells whether an answer's corp id may become part of keys: whether
// it is as an event's must be.
func (c CorpID) plausible() bool {
	return c != "" && len(c) <= maxID && !strings.ContainsFunc(string(c), unicode.IsControl)
}

// settleElsewhere stores the permanent code of a corp that the push did not
// name, and hands the rest to that corp's own work.
func (t *task) settleElsewhere(ctx context.Context, code codeRecord, answer PermanentCode) (due, error) {
	settle := func(a *applier) error {
		if err := t.giveAway(a, code, answer.Corp); err != nil {
			return err
		}
		auth, work, err := a.load(answer.Corp)
		if err != nil {
			return err
		}
		if !a.older(code.OrderedAt, auth.RelievedAt) {
			auth.AuthorizedAt = laterOf(auth.AuthorizedAt, code.OrderedAt)
			auth.move(inputAuthorized, a.receivedAt, &code.Event, Say(SayCodeReceivedNamed))
			work.addCode(code)
		}
		t.noteCalls(a, &auth, t.ref)
		t.keep(a, &auth, &work, code, answer)
		return a.save(auth, work)
	}
	err := surely(ctx, func(ctx context.Context) error {
		_, err := t.update(ctx, t.suite.Key, time.Now(), settle)
		return err
	})
	if err != nil {
		return due{}, fmt.Errorf("record the permanent code of %s for %s: %w", answer.Corp, t.suite.Key, err)
	}
	t.schedule.wake(workRef{Suite: t.suite.Key, ID: string(answer.Corp)})
	return goOn, nil
}

// giveAway ends what this work has to do with a code that proved to be of
// another corp. The corp that the push named is not authorised by it.
func (t *task) giveAway(a *applier, code codeRecord, owner CorpID) error {
	if t.ref.anonymous() {
		return works.Delete(a.w, t.ref.key())
	}
	auth, work, err := a.load(t.ref.corp())
	if err != nil {
		return err
	}
	t.without(a, &auth, &work, code, Failure{Alert: AlertNotAuthorized, At: a.receivedAt,
		Message: Say(SayCodeOfAnother, string(owner))})
	a.afterwards(func() {
		t.log.Warn("DingTalk answered an exchange with another corp than the push named", zap.String("suite", string(t.suite.Key)),
			zap.String("pushed", t.ref.ID), zap.String("answered", string(owner)))
	})
	return a.save(auth, work)
}

// keep writes a permanent code down. The corp may have withdrawn while
// DingTalk answered: then the code is void and nothing follows.
func (t *task) keep(a *applier, auth *authRecord, work *workRecord, code codeRecord, answer PermanentCode) {
	wanted := work.removeCodes(code)
	if !wanted && auth.live() {
		return
	}
	auth.keepCode(answer.Code, a.receivedAt)
	auth.called(answer.CorpName)
	auth.note(HistoryEntry{At: a.receivedAt, Event: &code.Event, What: "exchanged", Detail: Say(SayCodeStored)})
	line := []zap.Field{zap.String("suite", string(t.suite.Key)), zap.String("corp", string(auth.Corp)), corpName(auth.CorpName)}
	a.afterwards(func() { t.log.Info("permanent code stored", line...) })
	if auth.Status == StatusRelieved {
		auth.CodeVoid = true
		return
	}
	work.Activate, work.Reauth = true, false
	work.clearFailure()
}
