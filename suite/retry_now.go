package suite

import (
	"context"
	"fmt"
	"time"
)

// Retry brings an authorisation forward now, whatever it waits for, and says
// what will be done; Run does it. While no call of the suite can succeed it
// stays held, but DingTalk is asked at once whether that is over. The error
// wraps ErrNotFound, ErrUnknownSuite, or ErrNothingToRetry with the reason.
func (k *Keeper) Retry(ctx context.Context, actor Actor, suite SuiteKey, corp CorpID) (RetryAction, error) {
	var action RetryAction
	_, err := k.audited(ctx, actor, AuditRetry, func(a *applier, e *AuditEntry) (err error) {
		cfg, ok := k.suite(suite)
		if !ok {
			return k.unknownSuite(suite)
		}
		a.suite = suite
		if action, err = a.retry(cfg, corp); err != nil {
			return err
		}
		e.Suite, e.Corp, e.Detail = suite, corp, Phrase(action)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("retry corp %s for suite %s: %w", corp, suite, err)
	}
	k.schedule.probeNow(suite)
	return action, nil
}

// retry makes a corp's work due now.
func (a *applier) retry(cfg Suite, corp CorpID) (RetryAction, error) {
	auth, work, err := a.load(corp)
	if err != nil {
		return "", err
	}
	action, err := auth.retry(&work, cfg, a.receivedAt)
	if err != nil {
		return "", err
	}
	auth.note(HistoryEntry{At: a.receivedAt, What: "retry", Detail: Phrase(action)})
	return action, a.save(auth, work)
}

// retry decides what a retry does.
func (r *authRecord) retry(work *workRecord, cfg Suite, now time.Time) (RetryAction, error) {
	switch {
	case r.Status == StatusNone:
		return "", noAuthorization(cfg.Key, r.Corp)
	case len(work.Codes) > 0:
		work.clearFailure()
		return RetryExchange, nil
	case r.Status == StatusRelieved:
		return "", r.nothingToRetry(SayCorpHasWithdrawn)
	case r.live():
		work.clearFailure()
		work.Activate, work.Missing, work.Reauth = true, false, false
		if work.PushedAt.IsZero() {
			work.PushedAt = now
		}
		return RetryActivate, nil
	case cfg.AppID == 0:
		return "", r.nothingToRetry(SayNoCodeNoApp)
	default: // the failure stays what people see until the new code comes
		work.Reauth, work.Missing = true, false
		work.Attempts, work.NextAt = 0, time.Time{}
		return RetryReauthorize, nil
	}
}

func (r *authRecord) nothingToRetry(why Sentence) error {
	return &ProblemError{ProblemNothingToRetry, Values{Suite: r.Suite, Corp: r.Corp, Detail: Say(why).Text()}}
}

// probeNow has a closed gate tried at once.
func (s *schedule) probeNow(suite SuiteKey) {
	if _, closed := s.gateFailure(suite); closed {
		s.wake(workRef{Suite: suite, ID: probeID})
	}
}
