package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"suitekeeper/store"
)

// consoleSessions is the collection of who is signed in to the console, under
// the hashes of what the cookies hold.
var consoleSessions = store.NewCollection("console_session", store.JSON[consoleSession]())

type consoleSession struct {
	Data      []byte    `json:"data,omitempty"`
	ExpiresAt time.Time `json:"expires_at"`
	Ended     bool      `json:"ended,omitempty"` // by a person: it does not come back
}

// sessionStore keeps console sessions across restarts. It implements
// scs.CtxStore and is safe for concurrent use. What it writes is urgent: people
// sign in to cure a full disk.
type sessionStore struct{ engine store.Engine }

// How sessions that are over are removed.
const (
	sessionSweepEvery = time.Hour
	sessionSweepBatch = 500 // in one update
)

// FindCtx returns the session of a token, unless it has expired or ended.
func (s sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var session consoleSession
	err := s.engine.View(ctx, func(r store.Reader) (err error) {
		session, err = consoleSessions.Get(r, []byte(token))
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find a console session: %w", err)
	}
	return session.Data, !session.Ended && time.Now().Before(session.ExpiresAt), nil
}

// CommitCtx keeps a session. One that has ended stays so: a request that was
// under way when somebody signed out does not sign them in again.
func (s sessionStore) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	err := s.engine.Update(store.Urgent(ctx), func(w store.Writer) error {
		old, err := consoleSessions.Get(w, []byte(token))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if old.Ended {
			return nil
		}
		return consoleSessions.Put(w, []byte(token), consoleSession{Data: data, ExpiresAt: expiry.UTC()})
	})
	if err != nil {
		return fmt.Errorf("keep a console session: %w", err)
	}
	return nil
}

// DeleteCtx ends a session.
func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	err := s.engine.Update(store.Urgent(ctx), func(w store.Writer) error {
		old, err := consoleSessions.Get(w, []byte(token))
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return consoleSessions.Put(w, []byte(token), consoleSession{ExpiresAt: old.ExpiresAt, Ended: true})
	})
	if err != nil {
		return fmt.Errorf("end a console session: %w", err)
	}
	return nil
}

// Find, Commit and Delete are the same for callers without a context.
func (s sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s sessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// Run removes what is over, until ctx ends.
func (s sessionStore) Run(ctx context.Context, log *zap.Logger) error {
	ticker := time.NewTicker(sessionSweepEvery)
	defer ticker.Stop()
	for {
		if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
			log.Warn("old console sessions were not removed", zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// sweep removes the sessions that are over, or some of them when there are
// many: the rest waits for the next time.
func (s sessionStore) sweep(ctx context.Context) error {
	var over [][]byte
	now := time.Now()
	err := s.engine.View(ctx, func(r store.Reader) error {
		over = nil
		for e, err := range consoleSessions.Scan(r, nil, nil, false) {
			if err != nil {
				return err
			}
			if now.Before(e.Value.ExpiresAt) {
				continue
			}
			if over = append(over, e.Key); len(over) == sessionSweepBatch {
				break
			}
		}
		return nil
	})
	if err != nil || len(over) == 0 {
		return err
	}
	return s.engine.Update(store.Urgent(ctx), func(w store.Writer) error {
		for _, key := range over {
			if err := consoleSessions.Delete(w, key); err != nil {
				return err
			}
		}
		return nil
	})
}
