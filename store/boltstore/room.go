package boltstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// Room is made before it is needed, so that a commit never comes upon a full
// disk half-way: bbolt is told how long the file may become (its MaxSize), and
// what would not fit it refuses before it writes anything.
const (
	headroom   = 1 << 20  // at the file's end, which only urgent updates fill
	maxGrowth  = 16 << 20 // by which the file is made longer at a time
	minGrowth  = 64 << 10 // with less room than that, the disk is full
	urgentStep = 256 << 10

	// roomEvery is how often KeepRoom looks.
	roomEvery = time.Second
)

// room is what the data file has on the disk, and the reserve beside it.
type room struct {
	file     *os.File
	reserve  string // path; empty for none
	pageSize int64
	onFull   func(error)

	mu   sync.Mutex // guards what follows
	size int64      // of the file, which is really there up to here
	used int64      // of that
	// cramped is set when the file could not be made as long as ample asked for,
	// until it is made longer.
	cramped bool
	full    error // why ordinary updates make the file no longer; nil while they may
}

// newRoom looks at the open file. What was never written of it may be a hole,
// for which the disk need not have room; then it counts up to that only.
func newRoom(f *os.File, o Options) (*room, error) {
	m, err := newestMeta(f)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	r := &room{file: f, reserve: o.Reserve, pageSize: int64(m.pageSize), onFull: o.OnFull, size: info.Size(), used: m.end()}
	if bounded && r.size > r.used {
		if err := allocate(f, r.used, r.size); noSpace(err) {
			r.size = r.used
		} else if err != nil {
			return nil, fmt.Errorf("make room for %s: %w", f.Name(), err)
		}
	}
	if err := r.takeReserve(); noSpace(err) {
		r.became(err)
	} else if err != nil {
		return nil, err
	}
	return r, nil
}

// limit is how long the file may become by a commit of such updates. It is
// never 0, which bbolt would take for no limit.
func (r *room) limit(urgent bool) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	limit := r.size
	if !urgent || r.full == nil {
		limit -= headroom
	}
	return int(max(1, limit))
}

// isFull tells whether only urgent updates may make the file longer.
func (r *room) isFull() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.full != nil
}

// grow makes the file longer for a commit that did not fit. The first ordinary
// one for which that fails gives up the reserve, so that urgent ones can go on.
// An error that is noSpace means that there is no room now.
func (r *room) grow(urgent bool, bytes int) error {
	r.mu.Lock()
	full, step := r.full, min(max(r.size/4, headroom), maxGrowth)
	var err error
	switch {
	case full == nil:
		err = r.extend(max(step, 2*int64(bytes)) + r.missing())
	case urgent:
		err = r.extend(max(urgentStep, 2*int64(bytes)))
	default:
		err = full
	}
	r.mu.Unlock()
	if full == nil && noSpace(err) {
		return r.overwhelmed(urgent, err)
	}
	return err
}

// missing is by how much the file is shorter than the headroom.
func (r *room) missing() int64 { return max(0, headroom-r.size) }

// extend makes the file longer by that much or less, in whole steps of
// minGrowth. The caller holds mu.
func (r *room) extend(step int64) (err error) {
	for ; step >= minGrowth; step /= 2 {
		if err = r.lengthen(step &^ (minGrowth - 1)); !noSpace(err) {
			return err
		}
	}
	return err
}

func (r *room) lengthen(by int64) error {
	err := allocate(r.file, r.size, r.size+by)
	if err == nil {
		err = r.file.Sync() // its length must survive a crash, too
	}
	if err != nil {
		return errors.Join(err, r.file.Truncate(r.size)) // what there is of it is for others
	}
	r.size += by
	r.cramped = false
	return nil
}

// overwhelmed gives up the reserve, unless that was done already. It returns nil
// when the commit may fit then. It is for a commit, too, that found no room
// although there should have been some: not every file system keeps what was
// allocated (btrfs and ZFS write everything to a new place).
func (r *room) overwhelmed(urgent bool, cause error) error {
	if r.isFull() {
		return cause
	}
	err := r.giveUp(cause)
	if urgent {
		return nil
	}
	return err
}

// reached tells whether a commit that failed may have got as far as the first
// pages of the file, which make it valid.
func (r *room) reached(commit int64) bool {
	m, err := newestMeta(r.file)
	return err != nil || int64(m.commit) >= commit
}

// uses notes how far the file is in use.
func (r *room) uses(bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used = bytes
}

// grew notes how far the file is in use after a commit.
func (r *room) grew() {
	if m, err := newestMeta(r.file); err == nil { // what is wrong with it the next begin finds
		r.uses(m.end())
	}
}

// ample tells whether so many keys with their values, of so many bytes, fit
// behind what is in use, with the headroom besides, even if each key changes a
// page of its own, and some of those above. It makes the file longer for them if
// that is easy.
func (r *room) ample(bytes, keys int) (bool, error) {
	need := 2*int64(bytes) + int64(keys)*(r.pageSize+r.pageSize/4)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.full != nil, r.cramped && r.free() < need:
		return false, nil
	case !bounded, r.free() >= need:
		return true, nil
	}
	err := r.extend(max(min(max(r.size/4, headroom), maxGrowth), need) + minGrowth + r.missing())
	if err != nil && !noSpace(err) {
		return false, err
	}
	r.cramped = r.free() < need
	return !r.cramped, nil
}

// free is how much of the file is not in use, but for the headroom. The caller
// holds mu.
func (r *room) free() int64 { return r.size - headroom - r.used }

// became notes that the disk is full, and why, or with nil that it no longer is.
func (r *room) became(full error) {
	r.mu.Lock()
	changed := (r.full == nil) != (full == nil)
	r.full = full
	r.mu.Unlock()
	if changed {
		r.onFull(full)
	}
}

// regain looks whether there is room again: for the file, and for the reserve.
func (r *room) regain() error {
	r.mu.Lock()
	var err error
	if r.size-headroom-r.used < headroom {
		err = r.extend(headroom + r.missing())
	}
	r.mu.Unlock()
	if err == nil {
		err = r.takeReserve()
	}
	return err
}

// KeepRoom looks, while the disk is full, every second whether there is room
// again, and takes up ordinary updates and the reserve then, until ctx ends.
// Without it the DB stays full until it is opened again.
func (db *DB) KeepRoom(ctx context.Context) error {
	tick := time.NewTicker(roomEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if !db.room.isFull() {
			continue
		}
		err := db.room.regain()
		if err == nil || noSpace(err) {
			db.room.became(err)
		} else {
			db.fail(fmt.Errorf("make room for %s: %w", db.path, err))
		}
	}
}
