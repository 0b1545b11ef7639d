package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"go.uber.org/zap"

	"suitekeeper/store"
)

// busyRetry is the pause before a store that has no room is asked again.
const busyRetry = 50 * time.Millisecond

// feedWatchdog tells systemd again and again that the app works, until ctx ends:
// each time after it has seen that. If systemd does not hear it for as long as
// WatchdogSec says, it starts the process again. Without a watchdog it does
// nothing.
func (a *app) feedWatchdog(ctx context.Context, s supervisor) error {
	patience, err := daemon.SdWatchdogEnabled(true)
	if err != nil {
		return fmt.Errorf("watchdog of systemd: %w", err)
	}
	if patience == 0 {
		return nil
	}
	tick := time.NewTicker(patience / 4)
	defer tick.Stop()
	for {
		if err := a.works(ctx, patience/4); err == nil {
			s.alive()
		} else if ctx.Err() == nil {
			a.log.Error("the watchdog is not told that this server works; if that goes on, systemd starts it again", zap.Error(err))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// works returns nil when the parts that could hang do something within the time
// given: the store runs an update, which needs no flush, and a view; the loop
// that hands out work answers. An overloaded server works.
func (a *app) works(ctx context.Context, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		err := a.store.Update(ctx, func(store.Writer) error { return nil })
		if err == nil {
			break
		}
		if !errors.Is(err, store.ErrBusy) {
			return fmt.Errorf("the store runs no update: %w", err)
		}
		wait(ctx, busyRetry)
	}
	if err := a.store.View(ctx, func(store.Reader) error { return nil }); err != nil {
		return fmt.Errorf("the store cannot be read: %w", err)
	}
	return a.keeper.Alive(ctx)
}
