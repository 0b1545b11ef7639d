package suite

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// maxReplays is how many replays are remembered.
const maxReplays = 20

// replayStopped is why a replay ends with the process.
var replayStopped = Say(SayServerStopped)

// replays knows the replays of this process; one at a time goes through many
// events. It is in memory only: what a replay did is in the store, and one that
// a restart ended can be started again. It is safe for concurrent use.
type replays struct {
	mu      sync.Mutex
	list    []Replay // the newest first
	busy    bool     // one goes through many events, or is about to
	stopped bool
	started chan job // holds the one that is to run
}

// job is a replay to be run.
type job struct {
	id    EventID
	query ReplayQuery
	until []byte // the key of the events behind the last one
}

func newReplays() *replays { return &replays{started: make(chan job, 1)} }

// StartReplay has stored events processed again by Run, by the same rules as
// when they came, and returns how it begins; Replay tells how it goes on. What
// has been applied is not applied twice, so it can be done as often as one
// likes. The error wraps ErrUnknownSuite, or ErrReplayRuns: one at a time.
func (k *Keeper) StartReplay(ctx context.Context, actor Actor, q ReplayQuery) (Replay, error) {
	if err := k.known(q.Suite); err != nil {
		return Replay{}, fmt.Errorf("start to process events again: %w", err)
	}
	if !k.replays.reserve() {
		return Replay{}, ErrReplayRuns
	}
	entry, err := k.audited(ctx, actor, AuditReplay, func(_ *applier, e *AuditEntry) error {
		e.Suite, e.Corp, e.Detail, e.Replay = q.Suite, q.Corp, AsItIs(q.String()), &q
		return nil
	})
	if err != nil {
		k.replays.release()
		return Replay{}, fmt.Errorf("start to process events again: %w", err)
	}
	until := k.ids.newest()
	return k.replays.start(Replay{ID: entry.ID, Actor: actor.Name, Query: q, StartedAt: entry.At}, append(until[:], 0)), nil
}

// ReplayEvent processes one stored event again and returns what that did. The
// error wraps ErrNotFound when there is no such event of a configured suite.
func (k *Keeper) ReplayEvent(ctx context.Context, actor Actor, id EventID) (Replay, error) {
	if err := k.indexing.Acquire(ctx, 1); err != nil {
		return Replay{}, fmt.Errorf("process event %s again: %w", id, err)
	}
	defer k.indexing.Release(1)
	var did replayed
	entry, err := k.audited(ctx, actor, AuditReplayEvent, func(a *applier, e *AuditEntry) error {
		stored, err := eventByID(a.w, id)
		if err != nil {
			return err
		}
		cfg, ok := k.suite(stored.Suite)
		if !ok {
			return NoEvent(id.String())
		}
		e.Suite, e.Corp, e.Event, e.Detail = stored.Suite, stored.Corp, &id, AsItIs(stored.Type)
		a.suite = stored.Suite
		did, err = a.again(stored, cfg)
		return err
	})
	if err != nil {
		return Replay{}, fmt.Errorf("process event %s again: %w", id, err)
	}
	r := Replay{ID: entry.ID, Actor: actor.Name, Event: id, StartedAt: entry.At, EndedAt: time.Now().UTC(), Total: 1}
	r.count(did)
	k.replays.add(r)
	return r, nil
}

// Replays returns the last replays of this process, the newest first.
func (k *Keeper) Replays() []Replay {
	k.replays.mu.Lock()
	defer k.replays.mu.Unlock()
	return slices.Clone(k.replays.list)
}

// Replay returns one of the last replays of this process, or ErrNotFound.
func (k *Keeper) Replay(id EventID) (Replay, error) {
	for _, r := range k.Replays() {
		if r.ID == id {
			return r, nil
		}
	}
	return Replay{}, NotFound(Say(SayReplay, id.String()))
}

// reserve keeps others from starting a replay.
func (r *replays) reserve() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy {
		return false
	}
	r.busy = true
	return true
}

func (r *replays) release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy = false
}

// start hands a replay over to Run.
func (r *replays) start(replay Replay, until []byte) Replay {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		replay.EndedAt, replay.Error = time.Now().UTC(), replayStopped
		r.busy = false
	} else {
		r.started <- job{replay.ID, replay.Query, until} // there is room: it was reserved
	}
	r.put(replay)
	return replay
}

func (r *replays) add(replay Replay) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.put(replay)
}

// put remembers a replay; the one that runs is never forgotten.
func (r *replays) put(replay Replay) {
	r.list = slices.Insert(r.list, 0, replay)
	for i := len(r.list) - 1; len(r.list) > maxReplays; i-- {
		if !r.list[i].EndedAt.IsZero() {
			r.list = slices.Delete(r.list, i, i+1)
		}
	}
}

// change notes how a replay goes on.
func (r *replays) change(id EventID, fn func(*Replay)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.list {
		if r.list[i].ID == id {
			fn(&r.list[i])
		}
	}
}

// end notes that a replay has ended; why is empty when it looked at all.
func (r *replays) end(id EventID, why Phrase) {
	r.change(id, func(p *Replay) {
		p.EndedAt, p.Error = time.Now().UTC(), why
		if why == "" {
			p.Total = p.Done
		}
	})
	r.release()
}

// stop ends what waits, and whatever is started from now on.
func (r *replays) stop() {
	r.mu.Lock()
	r.stopped = true
	r.mu.Unlock()
	select {
	case j := <-r.started:
		r.end(j.id, replayStopped)
	default:
	}
}
