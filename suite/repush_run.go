package suite

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"suitekeeper/store"
)

// How fast events are processed again, so that pushes and workers hardly
// notice: those that were looked at, and those that were changed, in a second.
const (
	replayLooks   = 40_000 * costOfEvent
	replayUpdates = 200
	replayBatch   = 200 * costOfEvent // looked at in one view
)

// replay runs what StartReplay hands over, until ctx ends.
func (k *Keeper) replay(ctx context.Context) error {
	defer k.replays.stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case j := <-k.replays.started:
			k.replays.end(j.id, k.runReplay(ctx, j))
		}
	}
}

// runReplay goes through the events of a job. It returns why it ended early,
// for people; the true error is in the log.
func (k *Keeper) runReplay(ctx context.Context, j job) (why Phrase) {
	r := &replayRun{Keeper: k, job: j, resumed: map[workRef]struct{}{},
		looks: rate.NewLimiter(replayLooks, 2*replayBatch), updates: rate.NewLimiter(replayUpdates, replayUpdates/10)}
	log := k.log.With(zap.Stringer("replay", j.id), zap.Stringer("query", j.query))
	log.Info("processing stored events again")
	err := r.each(ctx, r.total)
	if err == nil {
		err = r.each(ctx, r.process)
	}
	switch {
	case ctx.Err() != nil:
		return replayStopped
	case err != nil:
		log.Error("processing stored events again ended early", zap.Error(err))
		return Say(SayStoreFailed)
	default:
		log.Info("processed stored events again")
		return ""
	}
}

// replayRun is a replay under way, in one goroutine.
type replayRun struct {
	*Keeper
	job
	resumed map[workRef]struct{} // work that was looked at: once is enough, however many events a corp has
	looks   *rate.Limiter
	updates *rate.Limiter
}

// batch is some of the events that a replay is about.
type batch struct {
	events []eventRecord
	broken error // there is one more, which cannot be read
}

// each calls fn with all events that the query is about, in the order in which
// they came, or, of those that failed, in which those of a corp came.
func (r *replayRun) each(ctx context.Context, fn func(context.Context, batch) error) error {
	return r.searches(ctx, r.query, func(s replaySearch) error {
		s.to = minKey(s.to, r.until)
		for at := (looked{next: s.from, more: true}); at.more; {
			s.from = at.next
			var b batch
			err := r.store.View(ctx, func(reader store.Reader) (err error) {
				b = batch{}
				at, err = r.lookFor(reader, r.query, s, replayBatch, func(e eventRecord) { b.events = append(b.events, e) })
				b.broken = at.broken
				return err
			})
			if err != nil {
				return err
			}
			if err := errors.Join(fn(ctx, b), r.looks.WaitN(ctx, costOfEvent+at.cost)); err != nil {
				return err
			}
		}
		return nil
	})
}

// total counts the events before the first is processed.
func (r *replayRun) total(_ context.Context, b batch) error {
	r.replays.change(r.id, func(p *Replay) { p.Total += len(b.events) })
	return nil
}

// process processes events again, each in an update of its own.
func (r *replayRun) process(ctx context.Context, b batch) error {
	for _, e := range b.events {
		var did replayed
		needed, err := r.needsUpdate(ctx, e)
		if err == nil && needed {
			did, err = r.apply(ctx, e)
		}
		if err != nil {
			return err
		}
		r.replays.change(r.id, func(p *Replay) { p.count(did) })
	}
	if b.broken != nil {
		r.log.Error("a stored event cannot be read, so it is not processed again", zap.Error(b.broken))
		r.replays.change(r.id, func(p *Replay) { p.Failed++ })
	}
	return nil
}

// needsUpdate tells, without an update, which events could change anything.
func (r *replayRun) needsUpdate(ctx context.Context, e eventRecord) (needed bool, err error) {
	if e.Outcome != OutcomeApplied {
		return e.judgedAnew(reread(e)), nil
	}
	if _, done := r.resumed[causedWork(e)]; done {
		return false, nil
	}
	err = r.store.View(ctx, func(s store.Reader) error {
		work, err := workOf(s, e)
		needed = work.Failure != nil
		return err
	})
	return needed, err
}

// apply processes one event again. The event is read once more, since a repeat
// may be counted on it meanwhile; one that was deleted is done with.
func (r *replayRun) apply(ctx context.Context, e eventRecord) (replayed, error) {
	for {
		if err := r.updates.Wait(ctx); err != nil {
			return replayed{}, err
		}
		var did replayed
		if err := r.indexing.Acquire(ctx, 1); err != nil {
			return replayed{}, err
		}
		a, err := r.update(ctx, e.Suite, time.Now(), func(a *applier) error {
			cfg, ok := r.suite(e.Suite)
			if !ok { // not any more
				return ErrNotFound
			}
			stored, err := eventByID(a.w, e.ID)
			if err != nil {
				return err
			}
			did, err = a.again(stored, cfg)
			return err
		})
		r.indexing.Release(1)
		switch {
		case errors.Is(err, store.ErrBusy):
			continue
		case errors.Is(err, store.ErrFull):
			if err := pauseFor(ctx, storePause); err != nil {
				return replayed{}, err
			}
			continue
		case errors.Is(err, ErrNotFound):
			return replayed{}, nil
		case err != nil:
			return replayed{}, err
		}
		r.applied(a)
		r.resumed[causedWork(e)] = struct{}{}
		return did, nil
	}
}
