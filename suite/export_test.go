package suite

import (
	"context"
	"time"

	"suitekeeper/store"
)

// StoredCode returns the permanent code that may be handed out for a corp, for
// tests that compare it with DingTalk's.
func (k *Keeper) StoredCode(ctx context.Context, key SuiteKey, corp CorpID) (code string, err error) {
	err = k.store.View(ctx, func(r store.Reader) error {
		auth, err := auths.Get(r, corpID(key, corp))
		if err == nil && auth.live() {
			code = auth.PermanentCode
		}
		return err
	})
	return code, err
}

// History returns what happened to a corp.
func (k *Keeper) History(ctx context.Context, key SuiteKey, corp CorpID) (h []HistoryEntry, err error) {
	err = k.store.View(ctx, func(r store.Reader) error {
		auth, err := auths.Get(r, corpID(key, corp))
		h = auth.History
		return err
	})
	return h, err
}

// SetClock has the keeper believe that its machine's clock was set forward by so
// much since the start.
func (k *Keeper) SetClock(forward time.Duration) {
	k.clock.mu.Lock()
	defer k.clock.mu.Unlock()
	k.clock.set = func() time.Duration { return forward }
}
