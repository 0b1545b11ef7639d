package suite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"suitekeeper/store"
)

// storePause is how long a worker waits after the store failed it.
const storePause = time.Second

// fullPause is how long it waits when the disk is full.
const fullPause = 5 * time.Second

// busyPause is the wait for room in the store's queue.
const busyPause = 20 * time.Millisecond

// loadWork fills the schedule with what the store says is left to do.
func (k *Keeper) loadWork(ctx context.Context) error {
	left, err := k.storedWork(ctx, k.roster().order)
	if err == nil {
		k.schedule.atAll(left)
	}
	return err
}

// work hands due work to goroutines until ctx ends, and waits for them.
func (k *Keeper) work(ctx context.Context) error {
	slots := make(chan struct{}, k.workers)
	var wg sync.WaitGroup
	defer wg.Wait()
	for ctx.Err() == nil {
		ref, ok, wait := k.schedule.next(time.Now())
		if !ok {
			k.await(ctx, wait)
			continue
		}
		if !k.take(ctx, slots) {
			return nil
		}
		wg.Go(func() {
			defer func() { <-slots }()
			k.schedule.done(ref, k.attend(ctx, ref))
		})
	}
	return nil
}

// take takes a slot, unless ctx ends before one is free.
func (k *Keeper) take(ctx context.Context, slots chan<- struct{}) bool {
	for {
		select {
		case slots <- struct{}{}:
			return true
		case <-k.asked:
		case <-ctx.Done():
			return false
		}
	}
}

// Alive returns nil if the loop that hands out work answers before ctx ends. It
// does while Run runs.
func (k *Keeper) Alive(ctx context.Context) error {
	select {
	case k.asked <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the workers do not answer: %w", ctx.Err())
	}
}

// await returns when the schedule has news, after wait (unless negative), when
// somebody asks whether there is anybody, or when ctx ends.
func (k *Keeper) await(ctx context.Context, wait time.Duration) {
	var due <-chan time.Time
	if wait >= 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		due = t.C
	}
	select {
	case <-k.schedule.woken:
	case <-k.asked:
	case <-due:
	case <-ctx.Done():
	}
}

// attend brings one piece of work as far as it goes, and says when to look at
// it again; zero means never.
func (k *Keeper) attend(ctx context.Context, ref workRef) due {
	cfg, ok := k.suite(ref.Suite)
	switch {
	case !ok:
		return due{} // until it is configured again
	case ref.ID == probeID:
		return due{at: k.probe(ctx, ref.Suite)}
	}
	t := task{Keeper: k, platform: notedPlatform{k.platform, k.calls, ref}, ref: ref, suite: cfg, early: k.schedule.early(ref)}
	for ctx.Err() == nil {
		next, err := t.step(ctx)
		if err != nil {
			return due{at: k.interrupted(ctx, ref, err)}
		}
		if next.now {
			continue
		}
		if next.at.IsZero() { // nothing is left to do that would write them down
			k.calls.forget(ref)
		}
		return next
	}
	return due{at: time.Now()}
}

// interrupted deals with what is no answer of DingTalk's: shutdown, which is
// no failure, a suite that is not configured any more, a disk without room,
// which has its alert, or a store that cannot be read or written.
func (k *Keeper) interrupted(ctx context.Context, ref workRef, err error) time.Time {
	if errors.Is(err, store.ErrFull) {
		return time.Now().Add(fullPause)
	}
	if ctx.Err() == nil && !errors.Is(err, ErrUnknownSuite) {
		k.log.Error("work could not be recorded", zap.String("suite", string(ref.Suite)), zap.String("corp", ref.ID), zap.Error(err))
	}
	return time.Now().Add(storePause)
}

// probe asks for a suite token, to see whether the suite's calls succeed again.
func (k *Keeper) probe(ctx context.Context, suite SuiteKey) time.Time {
	if _, closed := k.schedule.gateFailure(suite); !closed {
		return time.Time{}
	}
	before := k.schedule.credentials(suite)
	_, err := k.tokens.renew(ctx, suite)
	var fault *PlatformError
	switch {
	case err == nil:
		k.log.Info("DingTalk hands out this suite's token again; its work goes on", zap.String("suite", string(suite)))
		k.schedule.tryGate(suite)
		return time.Time{}
	case before != k.schedule.credentials(suite):
		return time.Now() // what was refused is out of date
	case errors.As(err, &fault) && fault.Fault.gated():
		return k.shut(suite, fault)
	default:
		return time.Now().Add(probeSoon)
	}
}

// shut keeps a suite's work back, and says when its probe is due.
func (k *Keeper) shut(suite SuiteKey, err *PlatformError) time.Time {
	f := failureOf(err, time.Now().UTC())
	due, news := k.schedule.closeGate(suite, f)
	if news {
		k.warn("no call of this suite can succeed; its work waits", workRef{Suite: suite}, f)
	}
	return due
}

// failureOf says in the words of the alert catalogue what went wrong.
func failureOf(err *PlatformError, at time.Time) Failure {
	return Failure{Alert: alertFor(err.Fault), Code: err.Code, Message: err.Phrase(), Address: err.Address, At: at}
}

// warn logs a failure as the alert that it amounts to.
func (k *Keeper) warn(text string, ref workRef, f Failure, more ...zap.Field) {
	corp := ref.corp()
	if ref.anonymous() {
		corp = ""
	}
	cure := f.alert(ref.Suite, corp).Cure.EN
	k.log.Warn(text, append([]zap.Field{zap.String("suite", string(ref.Suite)), zap.String("corp", string(corp)), corpName(f.CorpName),
		zap.String("alert", string(f.Alert)), zap.Stringer("reason", f.Message), zap.String("cure", cure)}, more...)...)
}

// corpName is the field of the log that says how people know a corp, if it is known.
func corpName(name string) zap.Field {
	if name == "" {
		return zap.Skip()
	}
	return zap.String("corp_name", name)
}

// What follows is urgent: it is what DingTalk answered. A full disk keeps no work
// from going on that was begun, but see markStarted.

// amend changes a corp's authorisation and work in one update, which also
// writes down the calls that were made. Fn may run again: what it has to log or
// to count it leaves to afterwards.
func (k *Keeper) amend(ctx context.Context, ref workRef, fn func(a *applier, auth *authRecord, work *workRecord)) error {
	_, err := k.update(store.Urgent(ctx), ref.Suite, time.Now(), func(a *applier) error {
		auth, work, err := a.load(ref.corp())
		if err != nil {
			return err
		}
		k.noteCalls(a, &auth, ref)
		fn(a, &auth, &work)
		return a.save(auth, work)
	})
	if err != nil {
		return fmt.Errorf("record progress of %s for %s: %w", ref.corp(), ref.Suite, err)
	}
	return nil
}

// amendWork changes a piece of work, if there still is one. Of the authorisation
// it changes nothing but that it writes down the calls that were made.
func (k *Keeper) amendWork(ctx context.Context, ref workRef, fn func(work *workRecord)) error {
	return k.changeWork(store.Urgent(ctx), ref, fn)
}

func (k *Keeper) changeWork(ctx context.Context, ref workRef, fn func(work *workRecord)) error {
	_, err := k.update(ctx, ref.Suite, time.Now(), func(a *applier) error {
		work, err := works.Get(a.w, ref.key())
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		fn(&work)
		if err := k.saveCalls(a, ref); err != nil {
			return err
		}
		return a.saveWork(ref, work)
	})
	if err != nil {
		return fmt.Errorf("record progress of work for %s: %w", ref.Suite, err)
	}
	return nil
}
