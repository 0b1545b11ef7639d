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
	replayLooks   = 10_000
	replayUpdates = 200
	replayBatch   = 200 // looked at in one view
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
func (k *Keeper) runReplay(ctx context.Context, j job) (why string) {
	r := &replayRun{Keeper: k, job: j, retried: map[workRef]struct{}{},
		looks: rate.NewLimiter(replayLooks, replayBatch), updates: rate.NewLimiter(replayUpdates, replayUpdates/10)}
	log := k.log.With(zap.Stringer("replay", j.id), zap.Stringer("query", j.query))
	log.Info("processing stored events again")
	err := errors.Join(r.each(ctx, r.total), r.each(ctx, r.process))
	switch {
	case ctx.Err() != nil:
		return replayStopped
	case err != nil:
		log.Error("processing stored events again ended early", zap.Error(err))
		return "the store could not be read or written; see the log"
	default:
		log.Info("processed stored events again")
		return ""
	}
}

// replayRun is a replay under way, in one goroutine.
type replayRun struct {
	*Keeper
	job
	retried map[workRef]struct{} // work that was started again: once is enough, however many events a corp has
	looks   *rate.Limiter
	updates *rate.Limiter
}

// each calls fn for every batch of events that the query is about, in the
// order in which they came.
func (r *replayRun) each(ctx context.Context, fn func(ctx context.Context, batch []eventRecord) error) error {
	from := r.query.from()
	for more := true; more; {
		if err := r.looks.WaitN(ctx, replayBatch); err != nil {
			return err
		}
		var batch []eventRecord
		err := r.store.View(ctx, func(s store.Reader) (err error) {
			batch, from, more, err = r.look(s, from)
			return err
		})
		if err != nil {
			return err
		}
		if err := fn(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

// look reads the next events, and says where to go on.
func (r *replayRun) look(s store.Reader, from []byte) (batch []eventRecord, next []byte, more bool, err error) {
	looked := 0
	for e, err := range events.Scan(s, from, r.until, false) {
		if err != nil {
			return nil, nil, false, err
		}
		if looked++; looked > replayBatch {
			return batch, e.Key, true, nil
		}
		wanted, err := r.wants(s, r.query, e.Value)
		if err != nil {
			return nil, nil, false, err
		}
		if wanted {
			batch = append(batch, e.Value)
		}
	}
	return batch, nil, false, nil
}

// total counts the events before the first is processed.
func (r *replayRun) total(_ context.Context, batch []eventRecord) error {
	r.replays.change(r.id, func(p *Replay) { p.Total += len(batch) })
	return nil
}

// process processes a batch again, each event in an update of its own.
func (r *replayRun) process(ctx context.Context, batch []eventRecord) error {
	for _, e := range batch {
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
	return nil
}

// needsUpdate tells, without an update, which events could change anything.
func (r *replayRun) needsUpdate(ctx context.Context, e eventRecord) (needed bool, err error) {
	if e.Outcome != OutcomeApplied {
		list := reread(e)
		return len(list) != 1 || list[0].Odd != e.Reason || (list[0].Odd == "" && list[0].Kind > kindURLCheck), nil
	}
	ref := workRef{Suite: e.Suite, ID: string(e.Corp)}
	if _, done := r.retried[ref]; done && e.Corp != "" {
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
func (r *replayRun) apply(ctx context.Context, e eventRecord) (did replayed, err error) {
	if err := r.updates.Wait(ctx); err != nil {
		return did, err
	}
	var a *applier
	for {
		a, err = r.update(ctx, e.Suite, time.Now(), func(a *applier) error {
			stored, err := eventByID(a.w, e.ID)
			if err != nil {
				return err
			}
			did, err = a.again(stored, r.suites[e.Suite])
			return err
		})
		if !errors.Is(err, store.ErrBusy) {
			break
		}
		if err := r.updates.Wait(ctx); err != nil {
			return did, err
		}
	}
	switch {
	case errors.Is(err, ErrNotFound):
		return replayed{}, nil
	case err != nil:
		return replayed{}, err
	}
	r.applied(a)
	if did.retried {
		r.retried[workRef{Suite: e.Suite, ID: string(e.Corp)}] = struct{}{}
	}
	return did, nil
}
