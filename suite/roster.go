package suite

import (
	"context"
	"fmt"
	"slices"

	"suitekeeper/store"
)

// roster are the configured suites. It does not change; SetSuites makes another.
type roster struct {
	suites map[SuiteKey]Suite
	order  []SuiteKey // as configured
}

func newRoster(list []Suite) (*roster, error) {
	r := &roster{suites: make(map[SuiteKey]Suite, len(list))}
	for _, s := range list {
		if r.has(s.Key) || s.Key == "" {
			return nil, fmt.Errorf("suite %q: the key is empty or given twice", s.Key)
		}
		r.suites[s.Key] = s
		r.order = append(r.order, s.Key)
	}
	return r, nil
}

func (r *roster) has(key SuiteKey) bool {
	_, ok := r.suites[key]
	return ok
}

// without returns the suites of r that other has not.
func (r *roster) without(other *roster) []SuiteKey {
	return slices.DeleteFunc(slices.Clone(r.order), other.has)
}

// changedFrom returns the suites whose calls of DingTalk may go otherwise than with
// before.
func (r *roster) changedFrom(before *roster) []SuiteKey {
	return slices.DeleteFunc(slices.Clone(r.order), func(key SuiteKey) bool {
		old, ok := before.suites[key]
		return !ok || (old.Secret == r.suites[key].Secret && old.AppID == r.suites[key].AppID)
	})
}

// SetSuites configures other suites, while the Keeper is at work. What is stored
// of a suite that is left out stays, and its work goes on when it comes back; its
// pushes are unknown until then. An error says that nothing has changed.
func (k *Keeper) SetSuites(ctx context.Context, list []Suite) error {
	next, err := newRoster(list)
	if err != nil {
		return err
	}
	k.changing.Lock()
	defer k.changing.Unlock()
	before := k.roster()
	added, changed := next.without(before), next.changedFrom(before)
	if err := k.answers.load(ctx, k.store, added); err != nil {
		return fmt.Errorf("read the counts of wrong answers: %w", err)
	}
	left, err := k.storedWork(ctx, slices.Concat(added, changed))
	if err != nil {
		return fmt.Errorf("read the work that was left: %w", err)
	}
	k.configured.Store(next)
	k.schedule.atAll(left)
	for _, key := range before.without(next) {
		k.schedule.drop(key)
		k.failing.drop(key)
	}
	for _, key := range changed {
		k.credentialsChanged(key)
	}
	return nil
}

// credentialsChanged has the suite's work tried again, since another secret came. A
// call that is under way with the one before says nothing any more.
func (k *Keeper) credentialsChanged(suite SuiteKey) {
	k.tokens.forget(suite)
	k.schedule.newCredentials(suite)
}

// storedWork reads what the store says is left to do of some suites, and when it
// is due. An exchange that a crash interrupted is simply tried again: if
// DingTalk had burnt the code, it answers so.
func (k *Keeper) storedWork(ctx context.Context, suites []SuiteKey) (left map[workRef]due, err error) {
	err = k.store.View(ctx, func(r store.Reader) error {
		left = map[workRef]due{}
		for _, key := range suites {
			prefix := suiteID(key)
			for e, err := range works.Scan(r, prefix, prefix.PrefixEnd(), false) {
				if err != nil {
					return err
				}
				left[workRef{Suite: key, ID: e.Value.ID}] = due{at: e.Value.NextAt, failed: e.Value.mayBeRetried()}
				k.failing.note(key, e.Value)
			}
		}
		return nil
	})
	return left, err
}
