package boltstore

import "time"

// How long a commit may be put off for updates that are about to come: for
// maxGather, which is about what a flush takes, as long as at least one comes
// in every lull.
const (
	maxGather = time.Millisecond
	lull      = 200 * time.Microsecond
)

// gather puts the next commit off until as many updates wait as there were
// callers just now (those of the last commit, who often come back at once, and
// those who wait already), or until no more come, or for maxGather. Without it
// the leader takes the first few that come back while the others still wait for
// a processor, and spends its time on flushes for few updates.
//
// A lone update is not held back: the last commit was for one caller then, or
// there was none, for a leader ends when nobody waits. The first after many
// waits for two lulls at most, and only if it comes during the first of them.
func (db *DB) gather(last int) {
	if last <= 1 || !db.expect(last) {
		return
	}
	end := time.Now().Add(maxGather)
	tick := time.NewTicker(lull)
	defer tick.Stop()
	for waited := db.queued(); time.Now().Before(end); {
		select {
		case <-db.gathered:
			return
		case <-tick.C:
		}
		now := db.queued()
		if now == waited {
			return
		}
		waited = now
	}
}

func (db *DB) queued() int {
	db.mu.Lock()
	defer db.mu.Unlock()
	return len(db.queue)
}

// expect asks for a signal on gathered when last more updates wait than now.
// It reports whether waiting for it makes sense.
func (db *DB) expect(last int) bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed || len(db.queue) >= maxBatch {
		return false
	}
	select {
	case <-db.gathered: // left over from an earlier wait that timed out
	default:
	}
	db.expected = min(len(db.queue)+last, maxBatch)
	return true
}

// arrived signals the leader when it has what it waits for. The caller holds mu.
func (db *DB) arrived() {
	if db.expected == 0 || len(db.queue) < db.expected {
		return
	}
	db.expected = 0
	select {
	case db.gathered <- struct{}{}:
	default:
	}
}
