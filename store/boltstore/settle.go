package boltstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"suitekeeper/store"
)

// settleAfter is for how long nothing has come when what is in the journal only
// is put into the data file.
const settleAfter = 5 * time.Millisecond

// minJournaled is how many updates a commit has that goes into the journal.
// Fewer go straight into the data file, as nobody waits behind them: so it is
// complete unless many come at once.
const minJournaled = 4

// unsettled tells of the commits that are in the journal only. All of it is
// guarded by DB.mu.
type unsettled struct {
	any    bool          // there are some
	wanted bool          // a view waits for them
	ended  chan struct{} // closed when there are none any more
}

// plan decides where the batch goes: on top of base, if there is any, which is
// in the journal only.
func (db *DB) plan(b *batch, base layer) {
	if db.journal == nil {
		return
	}
	b.base = base
	fits := db.journal.takes(b, base) && db.hasRoom(b, base)
	b.settles = !base.empty() && (!fits || len(b.calls) == 0 || db.wantsSettled())
	below := !base.empty() && !b.settles // then there is no way but into the journal
	wants := len(b.changes) > 0 && (below || b.updates >= minJournaled)
	b.journaled = wants && (fits || b.settles && db.hasRoom(b, base))
}

// hasRoom tells whether the data file has room for what the batch and base
// change, so that they may be in the journal only.
func (db *DB) hasRoom(b *batch, base layer) bool {
	ok, err := db.room.ample(b.bytes+base.bytes, len(b.changes)+len(base.changes))
	if err != nil {
		db.fail(fmt.Errorf("make room for %s: %w", db.path, err))
	}
	return ok
}

func (db *DB) wantsSettled() bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.unsettled.wanted
}

// settle puts what is in the journal only into the data file. It was
// acknowledged, so that it cannot be refused: an error stops the DB, and the
// next Open tries again.
func (db *DB) settle(base layer) error {
	if err := db.put(base, true); err != nil {
		db.fail(fmt.Errorf("put the journal into %s: %w", db.path, err))
		return db.Err()
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	close(db.unsettled.ended)
	db.unsettled = unsettled{ended: make(chan struct{})}
	return nil
}

// record commits the batch to the journal.
func (db *DB) record(b *batch) error {
	start := time.Now()
	err := db.journal.append(b.changes)
	if noSpace(err) {
		return db.detour(b, err)
	}
	db.onCommit(CommitInfo{Updates: b.updates, Duration: time.Since(start), Err: err})
	if err == nil {
		db.mu.Lock()
		db.unsettled.any = true
		db.mu.Unlock()
	}
	return err
}

// detour commits to the data file what found no room in the journal. The entry
// may be there all the same, until a commit makes it void: so one that finds no
// room either leaves the outcome unknown.
func (db *DB) detour(b *batch, cause error) error {
	b.journaled = false
	void := !b.base.empty() && !b.settles
	if void {
		b.settles = true
		if err := db.settle(b.base); err != nil {
			return err
		}
	}
	err := db.transact(b)
	if errors.Is(err, store.ErrFull) && !void {
		return fmt.Errorf("write to the journal: %w", cause)
	}
	return err
}

// catchUp returns when all that was acknowledged before is in the data file.
func (db *DB) catchUp(ctx context.Context) error {
	db.mu.Lock()
	if !db.unsettled.any {
		db.mu.Unlock()
		return nil
	}
	if db.err != nil {
		defer db.mu.Unlock()
		return db.failure()
	}
	db.unsettled.wanted = true
	ended := db.unsettled.ended
	db.mu.Unlock()
	db.nudge()
	select {
	case <-ended:
		return nil
	case <-db.failed:
		return db.Err()
	case <-ctx.Done():
		return fmt.Errorf("wait for a commit: %w", ctx.Err())
	}
}
