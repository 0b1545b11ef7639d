package suite

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"suitekeeper/store"
)

// audited does something that the audit log must hold. What do changes and the
// entry are one update of the store: there is no deed without its entry. When
// do fails nothing is written at all. Do may run again; it may complete the
// entry.
//
// An error means that nothing may be shown of what do read.
func (k *Keeper) audited(ctx context.Context, actor Actor, action AuditAction, do func(a *applier, e *AuditEntry) error) (AuditEntry, error) {
	var entry AuditEntry
	a, err := k.update(store.Urgent(ctx), "", time.Now(), func(a *applier) error {
		entry = AuditEntry{ID: k.auditIDs.next(a.receivedAt), At: a.receivedAt, Action: action,
			Actor: actor.Name, Role: actor.Role, RemoteAddr: actor.RemoteAddr}
		if err := do(a, &entry); err != nil {
			return err
		}
		return audits.Put(a.w, entry.ID[:], entry)
	})
	if err != nil {
		return AuditEntry{}, err // entry may be in use still
	}
	k.applied(a)
	k.log.Info("audit", zap.String("action", string(entry.Action)), zap.String("actor", entry.Actor),
		zap.String("remote", entry.RemoteAddr), zap.String("suite", string(entry.Suite)), zap.String("corp", string(entry.Corp)),
		zap.Stringer("detail", entry.Detail))
	return entry, nil
}

// RecordSignIn writes down that somebody signed in to the console. On an error
// the session must not begin.
func (k *Keeper) RecordSignIn(ctx context.Context, actor Actor) error {
	return k.record(ctx, actor, AuditSignIn, "")
}

// RecordSignOut writes down that somebody signed out of the console.
func (k *Keeper) RecordSignOut(ctx context.Context, actor Actor) error {
	return k.record(ctx, actor, AuditSignOut, "")
}

// record writes down what is done elsewhere.
func (k *Keeper) record(ctx context.Context, actor Actor, action AuditAction, detail Phrase) error {
	_, err := k.audited(ctx, actor, action, func(_ *applier, e *AuditEntry) error {
		e.Detail = detail
		return nil
	})
	if err != nil {
		return fmt.Errorf("record %s of %s: %w", action, actor.Name, err)
	}
	return nil
}

// Audit lists what people did, the newest first. The error wraps ErrBadQuery
// for a cursor that was not given out and a limit out of range.
func (k *Keeper) Audit(ctx context.Context, q AuditQuery) (AuditList, error) {
	limit, to, err := q.bounds()
	if err != nil {
		return AuditList{}, err
	}
	var list AuditList
	err = k.store.View(ctx, func(r store.Reader) error {
		list = AuditList{}
		for e, err := range audits.Scan(r, nil, to, true) {
			if err != nil {
				return err
			}
			if len(list.Entries) == limit {
				last := list.Entries[limit-1].ID
				list.Next = newCursor(cursorAudit, last[:])
				return nil
			}
			list.Entries = append(list.Entries, e.Value)
		}
		return nil
	})
	if err != nil {
		return AuditList{}, fmt.Errorf("read the audit log: %w", err)
	}
	return list, nil
}

// bounds are how many entries a query asks for, and the key before which they
// stand; nil for the end of the log.
func (q AuditQuery) bounds() (limit int, to []byte, err error) {
	if limit, err = limitOf(q.Limit); err != nil {
		return 0, nil, err
	}
	to, err = openCursor(cursorAudit, q.Cursor)
	return limit, to, err
}
