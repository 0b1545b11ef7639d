package main

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"suitekeeper/store"
)

// NewLogger is serve's logger, and NewQueuedLogger that with the queue before
// standard error.
var (
	NewLogger       = newLogger
	NewQueuedLogger = newQueuedLogger
)

// LogAlert is how serve's log tells of an alert.
var LogAlert = logAlert

// Lost counts the lines that were dropped.
func (q *logQueue) Lost() prometheus.Counter { return q.lost }

// Configuration, SuiteConfiguration and LogConfiguration are the configuration
// for tests that wire a receiver themselves.
type (
	Configuration      = Config
	SuiteConfiguration = SuiteConfig
	LogConfiguration   = LogConfig
)

// Defaults returns the configuration that nothing was set in.
func Defaults() (Config, error) {
	c, _, err := LoadConfig(LoadOptions{})
	return c, err
}

// RunReceiver is serve on listeners that are open already.
func RunReceiver(ctx context.Context, cfg Config, log *zap.Logger, callbacks, operators net.Listener) error {
	return ShowReceiver(ctx, cfg, log, callbacks, operators, func(store.Engine) {})
}

// ShowReceiver is RunReceiver that shows its store before it serves.
func ShowReceiver(ctx context.Context, cfg Config, log *zap.Logger, callbacks, operators net.Listener, show func(store.Engine)) error {
	a, err := openApp(ctx, cfg, log)
	if err != nil {
		return err
	}
	show(a.store)
	return errors.Join(a.Serve(ctx, callbacks, operators), a.Close())
}

// DurationOf is a duration as it stands in a configuration.
func DurationOf(d time.Duration) Duration { return Duration(d) }

// Receiver is a receiver that does not serve.
type Receiver struct{ *app }

// OpenReceiver opens one.
func OpenReceiver(ctx context.Context, cfg Config, log *zap.Logger) (Receiver, error) {
	a, err := openApp(ctx, cfg, log)
	return Receiver{a}, err
}

// Work is what goes on beside the answers, and Works what the watchdog asks.
func (r Receiver) Work(ctx context.Context) error                        { return r.work(ctx) }
func (r Receiver) Works(ctx context.Context, within time.Duration) error { return r.works(ctx, within) }

// HangStore has the store hang as if a flush took for ever, until release is called.
func (r Receiver) HangStore() (release func()) {
	hanging, released, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		_ = r.store.Update(context.Background(), func(store.Writer) error {
			close(hanging)
			<-released
			return nil
		})
	}()
	<-hanging
	return func() {
		close(released)
		<-ended
	}
}
