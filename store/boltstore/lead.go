package boltstore

import (
	"runtime/debug"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// leader runs the functions of the updates that wait, and has what they did
// committed. While one batch is being flushed it runs the functions of the next,
// on top of what that one will have written: so the disk need not wait for the
// processors, nor they for the disk. There is at most one leader, and none
// while the DB is idle: then nothing is in the journal only.
type leader struct {
	db     *DB
	next   *batch // what the functions that ran are part of
	flying *batch // is being committed; nil when none is
	base   layer  // is in the journal only, below flying
	quiet  bool   // nothing has come for settleAfter
	gather gathering

	snapshot *bbolt.Tx // what the functions read, without what flying does; nil until one reads
	bucket   *bbolt.Bucket
}

func newLeader(db *DB) *leader {
	l := &leader{db: db}
	l.next = newBatch(l)
	return l
}

// lead works until nothing waits, and nothing is in the journal only.
func (l *leader) lead() {
	defer panicOnFault()()
	idle := false
	defer func() {
		if !idle {
			go l.lead() // a function ended this goroutine
			return
		}
		l.db.active.Done()
	}()
	for !idle {
		l.runWaiting()
		unsettled := !l.base.empty() && l.db.Err() == nil
		settle := unsettled && (l.quiet || l.db.wantsSettled())
		switch {
		case l.flying != nil || !settle && l.gather.on(l.next.updates):
			l.await()
		case settle || len(l.next.calls) > 0:
			l.launch()
		case unsettled:
			l.await()
		default:
			idle = l.db.rest()
		}
	}
}

// runWaiting runs the functions of the calls that wait, as far as the next
// commit takes them.
func (l *leader) runWaiting() {
	defer l.letGo()
	for !l.next.full() {
		c := l.db.next(l.next)
		if c == nil {
			return
		}
		l.next.calls = append(l.next.calls, c)
		l.run(c)
	}
}

// run calls the function of c and drops what it did unless it ended well.
func (l *leader) run(c *call) {
	c.running.Lock()
	defer c.running.Unlock()
	if c.err = c.ctx.Err(); c.err != nil || c.abandoned {
		return
	}
	w := &writer{batch: l.next}
	c.err = errEnded
	defer func() {
		w.batch = nil
		if v := recover(); v != nil {
			c.panicked = &panicked{value: v, stack: debug.Stack()}
		}
		if c.err != nil {
			l.next.undo()
			return
		}
		l.next.keep()
	}()
	c.err = c.fn(w)
}

// launch has the next batch committed.
func (l *leader) launch() {
	l.gather.stop()
	l.flying, l.next, l.quiet = l.next, newBatch(l), false
	l.db.plan(l.flying, l.base)
	go l.db.commitBatch(l.flying)
}

// await returns when there is something to do: a call or a view came, or the
// commit under way has ended, or none came for some time.
func (l *leader) await() {
	arrived := l.db.arrived
	if l.next.full() {
		arrived = nil
	}
	var committed chan struct{}
	if l.flying != nil {
		committed = l.flying.committed
	}
	select {
	case <-arrived:
	case <-committed:
		last := l.flying.updates
		l.land()
		l.runWaiting()
		l.gather.begin(l.next.updates, last)
	case <-l.gather.tick():
		l.gather.ticked(l.next.updates)
	case <-l.calm():
		l.quiet = true
	}
}

// calm returns a channel on which it is told that nothing came for settleAfter,
// while that is what the leader waits for.
func (l *leader) calm() <-chan time.Time {
	if l.flying != nil || l.gather.tick() != nil {
		return nil
	}
	return time.After(settleAfter)
}

// land notes what has become of the batch whose commit has ended.
func (l *leader) land() {
	b := l.flying
	l.flying = nil
	if b.settles && l.db.Err() == nil {
		l.base = layer{}
	}
	if b.journaled {
		l.base.add(b.changes, b.bytes)
	}
	if b.refused {
		l.startOver(b)
	}
}

// startOver has the functions run again that ran on top of what was refused, and
// those that were refused with it and need not be.
func (l *leader) startOver(refused *batch) {
	l.db.again(slices.Concat(refused.spared, l.next.calls))
	l.next = newBatch(l)
}

// letGo ends the transaction that the functions read. A later one sees more: it
// must not outlive flying, whose changes it may not have, and bbolt cannot map
// more of the file while it lasts.
func (l *leader) letGo() {
	if l.snapshot == nil {
		return
	}
	l.db.end(l.snapshot)
	l.snapshot, l.bucket = nil, nil
}

// read returns what is in the file. It may or may not have what flying writes.
func (l *leader) read(key []byte) ([]byte, error) {
	if l.snapshot == nil {
		tx, bucket, err := l.db.begin(false)
		if err != nil {
			return nil, err
		}
		l.snapshot, l.bucket = tx, bucket
	}
	return get(l.db.path, l.bucket, key)
}

// rest reports whether nothing waits; then there is no leader any more.
func (db *DB) rest() bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.leading = len(db.queue) > 0
	return !db.leading
}
