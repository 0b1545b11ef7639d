package suite

import (
	"context"
	"errors"
	"maps"
	"time"

	"go.uber.org/zap"

	"suitekeeper/store"
)

// How often the counts of wrong answers are saved. They are saved at the end as
// well, so a crash forgets those of a minute.
const (
	answersSavedEvery = time.Minute
	answersSaveTime   = 2 * time.Second // at the end
)

// keepAnswers saves the counts of wrong answers until ctx ends, and once more then.
func (k *Keeper) keepAnswers(ctx context.Context) error {
	tick := time.NewTicker(answersSavedEvery)
	defer tick.Stop()
	saved := k.answers.records()
	save := func(ctx context.Context) {
		now := k.answers.records()
		if maps.Equal(now, saved) {
			return
		}
		if err := k.saveAnswers(ctx, now); err != nil {
			k.log.Warn("the counts of wrong answers could not be saved", zap.Error(err))
			return
		}
		saved = now
	}
	for {
		select {
		case <-tick.C:
			save(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), answersSaveTime)
			defer cancel()
			save(last)
			return nil
		}
	}
}

func (k *Keeper) saveAnswers(ctx context.Context, records map[SuiteKey]answerRecord) error {
	return k.store.Update(ctx, func(w store.Writer) error {
		for suite, record := range records {
			if err := wrongAnswers.Put(w, suiteID(suite), record); err != nil {
				return err
			}
		}
		return nil
	})
}

// load takes up what was saved.
func (a *answers) load(ctx context.Context, e store.Engine, suites []SuiteKey) error {
	return e.View(ctx, func(r store.Reader) error {
		a.mu.Lock()
		defer a.mu.Unlock()
		for _, suite := range append([]SuiteKey{""}, suites...) {
			record, err := wrongAnswers.Get(r, suiteID(suite))
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			a.of(suite).answerRecord = record
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
