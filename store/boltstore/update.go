package boltstore

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"suitekeeper/store"
)

// maxBatch bounds the updates of one commit, so that nobody waits behind an
// endless queue.
const maxBatch = 1024

// call is one Update on its way through the leader.
type call struct {
	ctx  context.Context
	fn   func(store.Writer) error
	done chan struct{} // closed when what follows is set

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

// errAbandoned is what the others of a batch get when a function ends the
// leader's goroutine.
var errAbandoned = errors.New("nothing was changed: an update function ended its goroutine (runtime.Goexit)")

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
	c := &call{ctx: ctx, fn: fn, done: make(chan struct{})}
	if err := db.enqueue(c); err != nil {
		return err
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		return fmt.Errorf("wait for the commit: %w", ctx.Err())
	}
	if c.panicked != nil {
		panic(c.panicked)
	}
	return c.err
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
	db.arrived()
	if !db.leading {
		db.leading = true
		db.active.Add(1)
		go db.lead()
	}
	return nil
}

// lead commits what waits until nothing does. There is at most one leader, and
// none while the DB is idle.
func (db *DB) lead() {
	defer panicOnFault()()
	idle := false
	defer func() {
		if !idle {
			go db.lead() // a function ended this goroutine
			return
		}
		db.active.Done()
	}()
	last := 0 // how many updates the last commit had
	for {
		db.gather(last)
		n := db.waiting()
		if n == 0 {
			idle = true
			return
		}
		db.commitBatch(n)
		last = n
	}
}

// waiting returns how many calls the next batch may take. When it returns 0
// there is no leader any more.
func (db *DB) waiting() int {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.leading = len(db.queue) > 0
	return min(len(db.queue), maxBatch)
}

// next takes the call that has waited longest. It returns nil when none waits.
func (db *DB) next() *call {
	db.mu.Lock()
	defer db.mu.Unlock()
	if len(db.queue) == 0 {
		return nil
	}
	c := db.queue[0]
	db.queue[0] = nil // the array lives on
	db.queue = db.queue[1:]
	return c
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

// run calls the function of c and drops what it did unless it ended well.
func (b *batch) run(c *call) {
	if c.err = c.ctx.Err(); c.err != nil {
		return
	}
	w := &writer{batch: b}
	ended := false
	defer func() {
		w.batch = nil
		if v := recover(); v != nil {
			c.panicked = &panicked{value: v, stack: debug.Stack()}
		}
		if !ended || c.err != nil {
			b.undo()
			return
		}
		b.keep()
	}()
	c.err = c.fn(w)
	ended = true
}
