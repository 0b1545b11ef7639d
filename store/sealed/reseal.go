package sealed

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"suitekeeper/store"
)

// What one update of Reseal changes at most, so that no other waits long behind
// it.
const (
	resealBatch = 256
	resealBytes = 1 << 20
)

// busyPause is what Reseal waits when the engine has no room for its update.
const busyPause = time.Second

// Reseal ends a rotation: it seals anew whatever an older data key has sealed,
// and then takes the older keys out of the key file. It works in small updates
// with a pause as long as each took, so that others find the store at least half
// as fast as before. It returns nil at once when there is nothing to do.
//
// When ctx ends, or the process, everything can be read as before, and a later
// call goes on. A damaged record cannot be sealed anew: then the older keys stay
// and the error, which wraps ErrDamaged, names the record.
func (e *Engine) Reseal(ctx context.Context) error {
	e.resealing.Lock()
	defer e.resealing.Unlock()
	if !e.keys.Load().rotating() {
		return nil
	}
	total, err := e.countOld(ctx)
	if err != nil {
		return fmt.Errorf("count what is to be sealed anew: %w", err)
	}
	e.progress.Store(&Rotation{Total: total})
	if err := e.resealAll(ctx); err != nil {
		return fmt.Errorf("seal records anew: %w", err)
	}
	// What the older keys sealed would be lost with them.
	left, err := e.countOld(ctx)
	if err != nil {
		return fmt.Errorf("look for what is not sealed anew: %w", err)
	}
	if left > 0 {
		return fmt.Errorf("%d records are not sealed anew yet", left)
	}
	return e.forgetOldKeys()
}

// resealAll goes through the store once. Of damaged records the first is the
// error, after all others were sealed anew.
func (e *Engine) resealAll(ctx context.Context) error {
	var damage error
	var from []byte
	for {
		began := time.Now()
		old, next, err := e.findOld(ctx, from)
		if err != nil {
			return err
		}
		done, err := e.resealSome(ctx, old)
		if err != nil && !errors.Is(err, ErrDamaged) {
			return err
		}
		damage = cmp.Or(damage, err)
		before := e.progress.Load()
		e.progress.Store(&Rotation{Total: before.Total, Done: before.Done + done})
		if next == nil {
			return damage
		}
		from = next
		if err := pause(ctx, time.Since(began)); err != nil {
			return err
		}
	}
}

// countOld counts the records that older keys have sealed.
func (e *Engine) countOld(ctx context.Context) (n int, err error) {
	err = e.inner.View(ctx, func(r store.Reader) error {
		n = 0
		keys := e.keys.Load()
		for pair, err := range r.Scan(nil, nil, false) {
			if err != nil {
				return err
			}
			if !keys.current(pair.Value) {
				n++
			}
		}
		return nil
	})
	return n, err
}

// findOld returns the keys of records that older keys have sealed, enough for
// one update, and where to go on behind them; nil at the end.
func (e *Engine) findOld(ctx context.Context, from []byte) (old [][]byte, next []byte, err error) {
	err = e.inner.View(ctx, func(r store.Reader) error {
		old, next = nil, nil
		size := 0
		keys := e.keys.Load()
		for pair, err := range r.Scan(from, nil, false) {
			if err != nil {
				return err
			}
			if keys.current(pair.Value) {
				continue
			}
			if len(old) == resealBatch || size > resealBytes {
				next = bytes.Clone(pair.Key)
				return nil
			}
			old = append(old, bytes.Clone(pair.Key))
			size += len(pair.Value)
		}
		return nil
	})
	return old, next, err
}

// resealSome seals records anew, and returns how many. Those that are damaged
// it leaves alone; its error is about the first. While the engine is busy it
// waits.
func (e *Engine) resealSome(ctx context.Context, records [][]byte) (done int, damage error) {
	if len(records) == 0 {
		return 0, nil
	}
	for {
		err := e.inner.Update(ctx, func(w store.Writer) error {
			done, damage = 0, nil
			for _, key := range records {
				err := e.resealOne(w, key)
				switch {
				case err == nil:
					done++
				case errors.Is(err, ErrDamaged):
					damage = cmp.Or(damage, err)
				default:
					return err
				}
			}
			return nil
		})
		if err == nil {
			return done, damage
		}
		if errors.Is(err, store.ErrBusy) {
			err = pause(ctx, busyPause)
		}
		if err != nil {
			return 0, err
		}
	}
}

func (e *Engine) resealOne(w store.Writer, key []byte) error {
	area, rest := key[0], key[1:]
	value, err := w.Get(key)
	switch {
	case errors.Is(err, store.ErrNotFound): // deleted meanwhile
		return nil
	case err != nil || e.keys.Load().current(value):
		return err
	}
	_, bound := place(area, rest)
	plaintext, err := e.unseal(value, bound)
	if err != nil {
		return err
	}
	return e.put(w, area, rest, plaintext)
}

// pause waits for d, or until ctx ends, whose error it then returns.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
