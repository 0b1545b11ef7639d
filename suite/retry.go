package suite

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// ending says what it changes of its corp's authorisation and work that a call
// of a step failed.
type ending struct {
	// over ends what DingTalk refused, for good, and says how the work goes on.
	over func(context.Context, *PlatformError) (due, error)

	// meanwhile is what holds all the same while the call is tried again. It may
	// be nil, and run again.
	meanwhile func(a *applier, auth *authRecord, work *workRecord)
}

// failed decides what a call that did not succeed means for its step: that is
// over if DingTalk refused what no repeat can change, be it at a shutdown, and
// else tried again, see tryAgain.
func (t *task) failed(ctx context.Context, err error, token Secret, e ending) (due, error) {
	var fault *PlatformError
	if errors.As(err, &fault) && !fault.RetryHelps() {
		return e.over(ctx, fault)
	}
	if e.meanwhile != nil && ctx.Err() == nil {
		if err := t.amend(ctx, t.ref, e.meanwhile); err != nil {
			return due{}, err
		}
	}
	return t.tryAgain(ctx, err, token)
}

// tryAgain says when a call is made again that did not succeed, whatever DingTalk
// answered. Token is the one that the call used, if it used one. An error means
// that this is no answer of DingTalk's: a shutdown, or a store that failed.
func (t *task) tryAgain(ctx context.Context, err error, token Secret) (due, error) {
	var fault *PlatformError
	if ctx.Err() != nil || !errors.As(err, &fault) {
		return due{}, err
	}
	switch {
	case fault.Fault.gated() && t.credentials != t.schedule.credentials(t.suite.Key):
		return goOn, nil // a newer ticket or secret came while DingTalk refused the one before
	case fault.Fault.gated():
		t.shut(t.suite.Key, fault)
		return due{at: time.Now()}, nil // stands behind the gate until that opens
	case fault.Fault == FaultToken && !t.renewed && token != "":
		t.renewed = true
		return goOn, t.dropToken(ctx, token)
	default:
		return goOn, t.retryLater(ctx, fault)
	}
}

// dropToken forgets the token, whichever of the two that the work uses it is.
func (t *task) dropToken(ctx context.Context, token Secret) error {
	return errors.Join(
		t.tokens.drop(ctx, t.suite.Key, "", token),
		t.tokens.drop(ctx, t.suite.Key, t.ref.corp(), token),
	)
}

func (t *task) retryLater(ctx context.Context, fault *PlatformError) error {
	now := time.Now().UTC()
	f := failureOf(fault, now)
	attempts := 0
	err := t.amendWork(ctx, t.ref, func(work *workRecord) {
		work.Attempts++
		work.NextAt = now.Add(pause(fault.Fault, work.Attempts))
		work.failed(f)
		attempts = work.Attempts
	})
	if err == nil && attempts == alertAfterTries { // from now on it is an alert
		t.warn("a call keeps failing; trying again with growing pauses", t.ref, f)
	}
	return err
}

// failed notes a failure that may pass. A final one stays what people see.
func (w *workRecord) failed(f Failure) {
	old := w.Failure
	if old != nil && old.Final {
		return
	}
	if old != nil && old.Alert == f.Alert {
		f.At = old.At // it is the same trouble since then
	}
	w.Failure = &f
}

// mayBeRetried tells whether the last try failed in a way that may pass.
func (w *workRecord) mayBeRetried() bool { return w.Failure != nil && !w.Failure.Final }

// pause is how long to wait after so many tries in a row that failed.
func pause(fault Fault, attempts int) time.Duration {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval, b.Multiplier, b.RandomizationFactor = 250*time.Millisecond, time.Minute, 2, 0.3
	if fault == FaultThrottled {
		b.InitialInterval = 2 * time.Second
	}
	var d time.Duration
	for range min(attempts, 16) {
		d = b.NextBackOff()
	}
	return d
}
