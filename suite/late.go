package suite

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"suitekeeper/store"
)

// A push whose time ran out while it waited for its commit has been refused,
// but the commit may have happened or happen yet. For how long that is looked
// at, and for how many pushes at once.
const (
	lateFor = 2 * time.Minute
	maxLate = 10_000
)

// latePush is a push whose commit nobody waited for.
type latePush struct {
	gaveUpAt time.Time
	run      *atomic.Pointer[applier] // the newest run of its update that ended; nil: none did
}

// latePushes remembers late pushes until it is known what became of them. It
// is safe for concurrent use.
type latePushes struct {
	mu   sync.Mutex
	list []latePush
}

// add takes another one, unless there are very many: then it goes uncounted.
func (l *latePushes) add(list ...latePush) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if room := maxLate - len(l.list); len(list) > room {
		list = list[:room]
	}
	l.list = append(l.list, list...)
}

func (l *latePushes) take() []latePush {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.list
	l.list = nil
	return list
}

// followLate does for late pushes what follows a commit, as soon as theirs
// proves to have happened.
func (k *Keeper) followLate(ctx context.Context, now time.Time) error {
	list := k.late.take()
	if len(list) == 0 {
		return nil
	}
	var committed []*applier
	var open []latePush
	err := k.store.View(ctx, func(r store.Reader) error {
		for _, p := range list {
			a := p.run.Load()
			happened, err := a.committed(r)
			if err != nil {
				return err
			}
			switch {
			case happened:
				committed = append(committed, a)
			case now.Sub(p.gaveUpAt) < lateFor:
				open = append(open, p)
			}
		}
		return nil
	})
	if err != nil {
		k.late.add(list...)
		return err
	}
	k.late.add(open...)
	for _, a := range committed {
		k.applied(a)
	}
	return nil
}

// committed tells whether what the applier stored is in the store. Event ids
// are its own, so a repeat of the push is not taken for it.
func (a *applier) committed(r store.Reader) (bool, error) {
	if a == nil || len(a.stored) == 0 {
		return false, nil // it did nothing that counts
	}
	id := a.stored[0].ID
	return events.Has(r, id[:])
}
