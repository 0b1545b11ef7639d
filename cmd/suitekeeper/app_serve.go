package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"suitekeeper/handler"
)

// Bounds of a stop. Pushes are taken during the first two.
const (
	workTimeout   = 10 * time.Second // for the calls of DingTalk under way
	retireTimeout = 10 * time.Second // for kept connections to be used once more, as long as they are
	stopTimeout   = 10 * time.Second // for the requests under way
	saveTimeout   = 2 * time.Second  // for what is counted
)

// Serve answers on both listeners and works until ctx ends or the store fails.
// It closes the listeners, not the app.
//
// What pushes wait for in a restart is kept short: the listeners stay open until
// the workers have ended, for what a push causes is in the store, and the next
// process goes on with it.
func (a *app) Serve(ctx context.Context, callbacks, operators net.Listener) error {
	public, private := handler.NewServer(a.public, a.log), handler.NewServer(a.admin, a.log)
	callbacks = a.watched(public, callbacks)
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	worked := make(chan struct{})
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(worked)
		return a.work(working)
	})
	g.Go(func() error { return served(callbacks, public.Serve(callbacks)) })
	g.Go(func() error { return served(operators, a.serveOperators(private, operators)) })
	g.Go(func() error {
		var failure error
		select {
		case <-gctx.Done():
		case <-a.disk.Failed():
			failure = a.disk.Err()
		}
		close(a.stopping)
		stopWork()
		unhurried := context.WithoutCancel(ctx)
		if failure == nil {
			a.retire(unhurried, worked, public, private)
		}
		return errors.Join(failure, stopAll(unhurried, public, private))
	})
	err := g.Wait()
	if a.disk.Err() == nil {
		a.save(context.WithoutCancel(ctx))
	}
	return err
}

// work does what is no answer to a request, until ctx ends.
func (a *app) work(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return a.keeper.Run(ctx) })
	g.Go(func() error { return sessionStore{a.store}.Run(ctx, a.log.Named(logConsole)) })
	g.Go(func() error { return a.guards.run(ctx) })
	g.Go(func() error { return a.checkDisk(ctx) })
	return g.Wait()
}

// checkDisk reads the data file if that was put off. Damage fails the store, so
// that the next start reads it first.
func (a *app) checkDisk(ctx context.Context) error {
	if err := a.disk.Check(ctx); err != nil && ctx.Err() == nil {
		a.log.Named(logStore).Error("the data file could not be checked", zap.Error(err))
	}
	return nil
}

// watched is the listener for callbacks, under TLS if that is wanted. What is no
// sound HTTP is answered and logged there like all else.
func (a *app) watched(s *handler.Server, l net.Listener) net.Listener {
	if a.tls != nil {
		l = tls.NewListener(l, a.tls.config("http/1.1"))
	}
	return a.public.Watch(s, l)
}

func (a *app) serveOperators(s *handler.Server, l net.Listener) error {
	if a.tls != nil {
		s.TLSConfig = a.tls.config()
		return s.ServeTLS(l, "", "")
	}
	return s.Serve(l)
}

// served says what ended the serving on a listener, if it was not us.
func served(l net.Listener, err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve on %s: %w", l.Addr(), err)
}

// retire waits until the servers can be stopped without anybody being cut off,
// and the workers have ended. The servers answer meanwhile.
func (a *app) retire(ctx context.Context, worked <-chan struct{}, servers ...*handler.Server) {
	var g errgroup.Group
	g.Go(func() error {
		late := time.NewTimer(workTimeout)
		defer late.Stop()
		select {
		case <-worked:
		case <-late.C:
			a.log.Warn("some work takes long to end; no more pushes are taken while it does")
		}
		return nil
	})
	kept, cancel := context.WithTimeout(ctx, retireTimeout)
	defer cancel()
	for _, s := range servers {
		g.Go(func() error {
			s.Retire(kept)
			return nil
		})
	}
	_ = g.Wait() // none fails
}

// stopAll stops the servers at once.
func stopAll(ctx context.Context, servers ...*handler.Server) error {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	failures := make([]error, len(servers))
	var g errgroup.Group
	for i, s := range servers {
		g.Go(func() error {
			failures[i] = shutdown(ctx, s)
			return nil
		})
	}
	_ = g.Wait() // each has a place of its own
	return errors.Join(failures...)
}

// shutdown lets the requests under way end, and cuts off those that do not.
func shutdown(ctx context.Context, s *handler.Server) error {
	if err := s.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("some requests were cut off: %w", err), s.Close())
	}
	return nil
}

// save writes down what is counted. That it failed is no failed stop.
func (a *app) save(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, saveTimeout)
	defer cancel()
	if err := a.keeper.Save(ctx); err != nil {
		a.log.Warn("not everything that was counted could be written down", zap.Error(err))
	}
}
