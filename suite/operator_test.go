package suite_test

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"

	"suitekeeper/store"
	"suitekeeper/suite"
)

// ops is who acts in these tests.
var ops = suite.Actor{Name: "ops", Role: "operator", RemoteAddr: "192.0.2.7"}

var errRefused = errors.New("the audit log is refused")

// auditRefuser fails to write the audit log, and nothing else.
type auditRefuser struct {
	store.Engine
	refuse atomic.Bool
}

func (r *auditRefuser) Update(ctx context.Context, fn func(store.Writer) error) error {
	return r.Engine.Update(ctx, func(w store.Writer) error {
		if r.refuse.Load() {
			w = auditRefusingWriter{w}
		}
		return fn(w)
	})
}

type auditRefusingWriter struct{ store.Writer }

func (w auditRefusingWriter) Put(key, value []byte) error {
	if bytes.HasPrefix(key, store.Key{}.Text("audit")) {
		return errRefused
	}
	return w.Writer.Put(key, value)
}

// dump reads all that is stored, the audit log apart.
func (w *world) dump() map[string]string {
	w.Helper()
	all := map[string]string{}
	w.must(w.disk.View(w.ctx, func(r store.Reader) error {
		for pair, err := range r.Scan(nil, nil, false) {
			if err != nil {
				return err
			}
			if !bytes.HasPrefix(pair.Key, store.Key{}.Text("audit")) {
				all[string(pair.Key)] = string(pair.Value)
			}
		}
		return nil
	}))
	return all
}

// event returns the newest event of a type.
func (w *world) event(eventType string) suite.Event {
	w.Helper()
	list, err := w.keeper.Events(w.ctx, suite.EventQuery{Type: eventType, Limit: 1})
	w.must(err)
	if len(list.Events) == 0 {
		w.Fatalf("no event of type %s is stored", eventType)
	}
	return list.Events[0]
}

// auditLog returns the actions, the oldest first.
func (w *world) auditLog() []suite.AuditEntry {
	w.Helper()
	list, err := w.keeper.Audit(w.ctx, suite.AuditQuery{Limit: suite.MaxLimit})
	w.must(err)
	entries := list.Entries
	for i := range len(entries) / 2 {
		j := len(entries) - 1 - i
		entries[i], entries[j] = entries[j], entries[i]
	}
	return entries
}
