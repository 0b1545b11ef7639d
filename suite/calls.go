package suite

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"suitekeeper/store"
)

// callLog keeps the calls that were made for pieces of work until an update
// that is made anyway writes them into the history, so that they cost none of
// their own. What a crash finds here is lost. It is safe for concurrent use;
// the calls for one piece of work are written down by the worker that has it.
type callLog struct {
	mu    sync.Mutex
	calls map[workRef][]HistoryEntry
}

func newCallLog() *callLog { return &callLog{calls: map[workRef][]HistoryEntry{}} }

// add notes a call. One that a shutdown cut short, or the failure of the call
// beside it, has no outcome and is not noted.
func (l *callLog) add(ref workRef, name string, began time.Time, err error) {
	call := &Call{Took: time.Since(began).Round(time.Millisecond)}
	var fault *PlatformError
	switch {
	case errors.As(err, &fault):
		call.Code, call.Message = fault.Code, cmp.Or(fault.Message, Phrase(fault.Fault))
	case err != nil:
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls[ref] = appendEntry(l.calls[ref], HistoryEntry{At: began.UTC(), What: name, Call: call})
}

// of returns the calls that are not written down yet.
func (l *callLog) of(ref workRef) []HistoryEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.calls[ref])
}

func (l *callLog) forget(ref workRef) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.calls, ref)
}

// noteCalls writes down the calls that were made for a piece of work.
func (k *Keeper) noteCalls(a *applier, auth *authRecord, ref workRef) {
	for _, call := range k.calls.of(ref) {
		auth.note(call)
	}
	a.afterwards(func() { k.calls.forget(ref) })
}

// saveCalls writes them down, if there are any, in an update that has nothing
// else to do with the authorisation.
func (k *Keeper) saveCalls(a *applier, ref workRef) error {
	if ref.anonymous() || len(k.calls.of(ref)) == 0 {
		return nil
	}
	key := corpID(ref.Suite, ref.corp())
	auth, err := auths.Get(a.w, key)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	k.noteCalls(a, &auth, ref)
	return auths.Put(a.w, key, auth)
}

// notedPlatform notes the calls that are made for a piece of work. Those for
// tokens are not made for one alone.
type notedPlatform struct {
	Platform
	calls *callLog
	ref   workRef
}

func (p notedPlatform) note(name string, began time.Time, err *error) {
	p.calls.add(p.ref, name, began, *err)
}

func (p notedPlatform) PermanentCode(ctx context.Context, token, code Secret) (_ PermanentCode, err error) {
	defer p.note("get_permanent_code", time.Now(), &err)
	return p.Platform.PermanentCode(ctx, token, code)
}

func (p notedPlatform) Activate(ctx context.Context, token Secret, key SuiteKey, corp CorpID, code Secret) (err error) {
	defer p.note("activate_suite", time.Now(), &err)
	return p.Platform.Activate(ctx, token, key, corp, code)
}

func (p notedPlatform) AuthInfo(ctx context.Context, c Credentials, corp CorpID) (_ AuthInfo, err error) {
	defer p.note("get_auth_info", time.Now(), &err)
	return p.Platform.AuthInfo(ctx, c, corp)
}

func (p notedPlatform) Scopes(ctx context.Context, token Secret) (_ Scope, err error) {
	defer p.note("auth/scopes", time.Now(), &err)
	return p.Platform.Scopes(ctx, token)
}

func (p notedPlatform) Reauthorize(ctx context.Context, token Secret, appID int64, corps []CorpID) (err error) {
	defer p.note("reauth_corp", time.Now(), &err)
	return p.Platform.Reauthorize(ctx, token, appID, corps)
}

// suiteToken returns a valid suite_access_token. Only a failure is noted: a
// token serves all corps.
func (t *task) suiteToken(ctx context.Context) (Secret, error) {
	began := time.Now()
	token, err := t.tokens.suite(ctx, t.suite.Key)
	t.noteRefusal(began, err)
	return token, err
}

// corpToken returns a valid access token of the corp. Only a failure is noted.
func (t *task) corpToken(ctx context.Context) (Secret, error) {
	began := time.Now()
	token, err := t.tokens.corp(ctx, t.suite.Key, t.ref.corp())
	t.noteRefusal(began, err)
	return token, err
}

// noteRefusal notes a call for a token that failed, if one was made.
func (t *task) noteRefusal(began time.Time, err error) {
	var fault *PlatformError
	if errors.As(err, &fault) && !errors.Is(err, errNoTicket) {
		t.calls.add(t.ref, fault.Call, began, err)
	}
}
