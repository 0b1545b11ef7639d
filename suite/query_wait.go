package suite

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// waitPause is the least time between two looks of one waiter, so that a burst
// of pushes does not keep thousands of them busy. The first look is at once.
const waitPause = 10 * time.Millisecond

// maxRecent is how many of the newest events are remembered for the waiters.
const maxRecent = 1024

// arrivals tells those who wait for events what was committed. It is safe for
// concurrent use.
type arrivals struct {
	mu     sync.Mutex
	seq    uint64                 // events that came so far
	recent [maxRecent]eventRecord // event number n, without payload, at n % maxRecent
	signal chan struct{}          // closed at the next arrival; nil when nobody waits
}

// add tells of events that were committed.
func (a *arrivals) add(stored []eventRecord) {
	if len(stored) == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, e := range stored {
		a.recent[a.seq%maxRecent] = e
		a.seq++
	}
	if a.signal != nil {
		close(a.signal)
		a.signal = nil
	}
}

// mark returns the number of the next event, and a channel that is closed when
// it comes.
func (a *arrivals) mark() (uint64, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.signal == nil {
		a.signal = make(chan struct{})
	}
	return a.seq, a.signal
}

// count tells how many events came since the start.
func (a *arrivals) count() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.seq
}

// anySince tells whether one of the events from that number on is wanted; yes
// if there are more than are remembered.
func (a *arrivals) anySince(seq uint64, wants func(eventRecord) bool) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.seq-seq > maxRecent {
		return true
	}
	for ; seq < a.seq; seq++ {
		if wants(a.recent[seq%maxRecent]) {
			return true
		}
	}
	return false
}

// WaitEvents lists events as Events does, the oldest first. When there is none
// yet it waits for one, but no longer than wait, and then returns an empty
// list. The query must be ascending. Whoever waits costs nothing until events
// are stored, and reads the store only for one that the query asks for. For a
// suite that is not configured nobody waits: that is ErrUnknownSuite.
func (k *Keeper) WaitEvents(ctx context.Context, q EventQuery, wait time.Duration) (EventList, error) {
	if !q.Ascending {
		return EventList{}, fmt.Errorf("wait for events: %w", BadQuery(Say(SayAscendingOnly)))
	}
	s, err := newEventSearch(q)
	if err != nil {
		return EventList{}, fmt.Errorf("wait for events: %w", err)
	}
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		seq, came := k.arrivals.mark()
		list, err := k.Events(ctx, q)
		if err != nil || len(list.Events) > 0 {
			return list, err
		}
		if list.Next != "" { // it looked at as many as one answer may
			q.Cursor = list.Next
			continue
		}
		if err := k.known(q.Suite); err != nil { // there is nothing to wait for
			return EventList{}, fmt.Errorf("wait for events: %w", err)
		}
		more, err := k.arrivals.await(ctx, seq, came, timeout.C, s.wants)
		if err != nil {
			return EventList{}, fmt.Errorf("wait for events: %w", err)
		}
		if !more {
			return k.Events(ctx, q)
		}
	}
}

// await returns true when a wanted event has come since the mark, and false
// when it is not to wait any longer.
func (a *arrivals) await(ctx context.Context, seq uint64, came <-chan struct{}, timeout <-chan time.Time, wants func(eventRecord) bool) (bool, error) {
	for {
		select {
		case <-came:
		case <-timeout:
			return false, nil
		case <-ctx.Done():
			return false, ctx.Err()
		}
		since := seq
		seq, came = a.mark()
		if a.anySince(since, wants) {
			return true, nil
		}
		if err := pauseFor(ctx, waitPause); err != nil {
			return false, err
		}
	}
}
