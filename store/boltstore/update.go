package boltstore

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"suitekeeper/store"
)

// maxBatch bounds the updates of one commit, so that nobody waits behind an
// endless queue.
const maxBatch = 1024

// call is one Update on its way through the leader.
type call struct {
	ctx    context.Context
	fn     func(store.Writer) error
	urgent bool
	done   chan struct{} // closed when err and panicked are set

	running   sync.Mutex // held while fn runs
	abandoned bool       // guarded by running: fn is not to run any more

	err      error
	panicked *panicked
}

// panicked is what an update panics with in its caller's goroutine when its
// function panicked in the leader's.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string {
	return fmt.Sprintf("update function panicked: %v\n\n%s", p.value, p.stack)
}

// Unwrap returns the value of the panic when it is an error.
func (p *panicked) Unwrap() error {
	err, _ := p.value.(error)
	return err
}

// errEnded is what Update returns when its function ends the leader's goroutine.
var errEnded = errors.New("nothing was changed: the update function ended its goroutine (runtime.Goexit)")

// Update calls fn and commits what it did, as store.Engine says. It returns
// store.ErrBusy when too many updates wait.
//
// What fn reads may come from updates that are committed together with it. So
// Update returns fn's error, too, only after that commit, and
// store.ErrUnknownOutcome in its place when the commit fails.
func (db *DB) Update(ctx context.Context, fn func(store.Writer) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	if db.readOnly {
		return fmt.Errorf("update %s: %w", db.path, ErrReadOnly)
	}
	c := &call{ctx: ctx, fn: fn, urgent: store.IsUrgent(ctx), done: make(chan struct{})}
	if err := db.enqueue(c); err != nil {
		return err
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		c.abandon()
		return fmt.Errorf("wait for the commit: %w", ctx.Err())
	}
	if c.panicked != nil {
		panic(c.panicked)
	}
	return c.err
}

// abandon returns when fn does not run, and never will.
func (c *call) abandon() {
	c.running.Lock()
	defer c.running.Unlock()
	c.abandoned = true
}

func (db *DB) enqueue(c *call) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	switch {
	case db.closed:
		return store.ErrClosed
	case db.err != nil:
		return db.failure()
	case db.pending >= db.maxPending:
		return store.ErrBusy
	}
	db.queue = append(db.queue, c)
	db.pending++
	if !db.leading {
		db.leading = true
		db.active.Add(1)
		go newLeader(db).lead()
		return nil
	}
	db.nudge()
	return nil
}

// nudge has the leader look what there is to do.
func (db *DB) nudge() {
	select {
	case db.arrived <- struct{}{}:
	default: // it is to look already
	}
}

// next takes the call that has waited longest, if it may be of the batch. It
// returns nil when there is none.
func (db *DB) next(b *batch) *call {
	db.mu.Lock()
	defer db.mu.Unlock()
	if len(db.queue) == 0 || !b.takes(db.queue[0]) {
		return nil
	}
	c := db.queue[0]
	db.queue[0] = nil // the array lives on
	db.queue = db.queue[1:]
	return c
}

// again puts calls back to where they were taken from.
func (db *DB) again(calls []*call) {
	db.mu.Lock()
	defer db.mu.Unlock()
	for _, c := range calls {
		c.err, c.panicked = nil, nil
	}
	db.queue = append(calls, db.queue...)
}

// finish wakes the callers. An err, when there is one, goes to all of them.
func (db *DB) finish(calls []*call, err error) {
	db.mu.Lock()
	db.pending -= len(calls)
	db.mu.Unlock()
	for _, c := range calls {
		if err != nil {
			c.err = err
		}
		close(c.done)
	}
}
