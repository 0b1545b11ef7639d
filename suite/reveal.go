package suite

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"suitekeeper/store"
)

// RevealPermanentCode shows the permanent code of a corp. That is on disk in
// the audit log before it is returned. The error wraps ErrNotFound when there
// is no such authorisation, and ErrNoCode when it has no code that still
// counts: none was stored, the corp withdrew, or DingTalk called it wrong.
func (k *Keeper) RevealPermanentCode(ctx context.Context, actor Actor, suite SuiteKey, corp CorpID) (Secret, error) {
	var code Secret
	_, err := k.audited(ctx, actor, AuditRevealCode, func(a *applier, e *AuditEntry) error {
		e.Suite, e.Corp = suite, corp
		auth, err := auths.Get(a.w, corpID(suite, corp))
		if errors.Is(err, store.ErrNotFound) {
			return cmp.Or(k.known(suite), error(noAuthorization(suite, corp)))
		}
		if err != nil {
			return err
		}
		if !auth.live() {
			return &ProblemError{ProblemNoCode, Values{Suite: suite, Corp: corp}}
		}
		code = Secret(auth.PermanentCode)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("reveal the permanent code of corp %s for suite %s: %w", corp, suite, err)
	}
	return code, nil
}

// RevealEvent returns an event with its payload as it came, secrets included.
// That is on disk in the audit log before. The error wraps ErrNotFound when
// there is no such event.
func (k *Keeper) RevealEvent(ctx context.Context, actor Actor, id EventID) (EventDetail, error) {
	var detail EventDetail
	_, err := k.audited(ctx, actor, AuditRevealPayload, func(a *applier, e *AuditEntry) error {
		stored, err := eventByID(a.w, id)
		if err != nil {
			return err
		}
		e.Suite, e.Corp, e.Event, e.Detail = stored.Suite, stored.Corp, &id, AsItIs(stored.Type)
		detail = EventDetail{Event: eventOf(stored), Payload: stored.Payload, Revealed: true}
		return nil
	})
	if err != nil {
		return EventDetail{}, fmt.Errorf("reveal event %s: %w", id, err)
	}
	return detail, nil
}

// eventByID reads a stored event; the error wraps ErrNotFound when there is none.
func eventByID(r store.Getter, id EventID) (eventRecord, error) {
	e, err := events.Get(r, id[:])
	if errors.Is(err, store.ErrNotFound) {
		err = NoEvent(id.String())
	}
	return e, err
}
