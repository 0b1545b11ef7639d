package suite

import (
	"bytes"
	"context"
	"time"

	"suitekeeper/store"
)

// sweepPatience is how many fingerprints that are to be kept are read in one
// sweep of a range. Where there are more, the next sweep goes on behind them.
const sweepPatience = 2000

// sweeper deletes fingerprints that have been kept long enough. They stand in
// the order of their events' own time, but go by when they were seen. It is for
// one goroutine.
type sweeper struct {
	store store.Engine
	next  map[sweepID][]byte // where the next sweep of a range begins; nil: at its beginning
}

type sweepID struct {
	suite SuiteKey
	place int // among the suite's ranges
}

func newSweeper(e store.Engine) *sweeper {
	return &sweeper{store: e, next: map[sweepID][]byte{}}
}

type keyRange struct{ from, to []byte }

// sweepRanges is where fingerprints that were seen before then may stand. They
// are swept apart, so that many in one do not hold up the others. What lies
// between the last two is to be kept, but for events with a time ahead of our
// clock when they were seen: the second range reaches those in time.
func sweepRanges(suite SuiteKey, now, seenBefore time.Time) [3]keyRange {
	key := suiteID(suite)
	return [...]keyRange{
		{key, key.Time(firstStamp)}, // without a time of their own
		{key.Time(firstStamp), key.Time(seenBefore)},
		{key.Time(now), key.PrefixEnd()}, // ahead of our clock
	}
}

// sweep deletes the suite's fingerprints that were seen before then. It reads
// little beside what it deletes, and so may come by all only in several sweeps.
func (s *sweeper) sweep(ctx context.Context, suite SuiteKey, now, seenBefore time.Time) error {
	for i, r := range sweepRanges(suite, now, seenBefore) {
		id := sweepID{suite, i}
		if next := s.next[id]; bytes.Compare(next, r.from) > 0 {
			r.from = next
		}
		next, err := s.sweepRange(ctx, r, seenBefore)
		if err != nil {
			return err
		}
		s.next[id] = next
	}
	return nil
}

// sweepRange returns where to go on, or nil at the end of the range.
func (s *sweeper) sweepRange(ctx context.Context, r keyRange, seenBefore time.Time) ([]byte, error) {
	for patience := sweepPatience; ; {
		old, kept, next, err := s.find(ctx, r, seenBefore, patience)
		if err == nil {
			err = s.remove(ctx, old)
		}
		if patience -= kept; err != nil || next == nil || patience == 0 {
			return next, err
		}
		r.from = next
	}
}

// find reads until it has found enough old fingerprints for one update, or as
// many to be kept as there is patience for. Next is the first that it did not
// read, and nil when it read all.
func (s *sweeper) find(ctx context.Context, in keyRange, seenBefore time.Time, patience int) (old [][]byte, kept int, next []byte, err error) {
	err = s.store.View(ctx, func(r store.Reader) error {
		for e, err := range prints.Scan(r, in.from, in.to, false) {
			switch {
			case err != nil:
				return err
			case len(old) == pruneBatch || kept == patience:
				next = e.Key
				return nil
			case e.Value.SeenAt.Before(seenBefore):
				old = append(old, e.Key)
			default:
				kept++
			}
		}
		return nil
	})
	return old, kept, next, err
}

func (s *sweeper) remove(ctx context.Context, keys [][]byte) error {
	if len(keys) == 0 {
		return nil
	}
	return s.store.Update(ctx, func(w store.Writer) error {
		for _, key := range keys {
			if err := prints.Delete(w, key); err != nil {
				return err
			}
		}
		return nil
	})
}
