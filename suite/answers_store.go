package suite

import (
	"context"
	"errors"
	"maps"
	"time"

	"go.uber.org/zap"

	"suitekeeper/store"
)

// answersSavedEvery is how often the counts of wrong answers are saved. Save does
// it as well, so a crash forgets those of a minute.
const answersSavedEvery = time.Minute

// keepAnswers saves the counts of wrong answers until ctx ends.
func (k *Keeper) keepAnswers(ctx context.Context) error {
	tick := time.NewTicker(answersSavedEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		if err := k.answers.save(ctx, k.store); err != nil && ctx.Err() == nil {
			k.log.Warn("the counts of wrong answers could not be saved", zap.Error(err))
		}
	}
}

// save writes down what has changed since it was saved last.
func (a *answers) save(ctx context.Context, e store.Engine) error {
	now := a.records()
	a.mu.Lock()
	same := maps.Equal(now, a.saved)
	a.mu.Unlock()
	if same {
		return nil
	}
	err := e.Update(store.Urgent(ctx), func(w store.Writer) error {
		for suite, record := range now {
			if err := wrongAnswers.Put(w, suiteID(suite), record); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		a.mu.Lock()
		a.saved = now
		a.mu.Unlock()
	}
	return err
}

// load takes up what was saved of some suites; of none, that without a key.
func (a *answers) load(ctx context.Context, e store.Engine, suites []SuiteKey) error {
	return e.View(ctx, func(r store.Reader) error {
		a.mu.Lock()
		defer a.mu.Unlock()
		for _, suite := range suites {
			if a.suites[suite] != nil {
				continue // it was configured before
			}
			record, err := wrongAnswers.Get(r, suiteID(suite))
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			a.of(suite).answerRecord = record
			a.saved[suite] = record
		}
		return nil
	})
}

// records are the counts to be saved.
func (a *answers) records() map[SuiteKey]answerRecord {
	a.mu.Lock()
	defer a.mu.Unlock()
	records := map[SuiteKey]answerRecord{}
	for suite, s := range a.suites {
		records[suite] = s.answerRecord
	}
	return records
}
