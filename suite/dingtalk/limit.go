package dingtalk

import (
	"context"
	"sync"

	"golang.org/x/time/rate"

	"suitekeeper/suite"
)

// limits spaces the calls: all of them, and those of each suite. It is safe
// for concurrent use.
type limits struct {
	all *rate.Limiter
	one Limit

	mu     sync.Mutex
	suites map[suite.SuiteKey]*rate.Limiter
}

func newLimits(all, one Limit) *limits {
	return &limits{all: limiter(all), one: one, suites: make(map[suite.SuiteKey]*rate.Limiter)}
}

func limiter(l Limit) *rate.Limiter { return rate.NewLimiter(rate.Limit(l.PerSecond), l.Burst) }

// wait returns when a call may be made. Key is empty for calls that do not
// name their suite. It fails as soon as it is clear that ctx ends before.
func (l *limits) wait(ctx context.Context, key suite.SuiteKey) error {
	if key != "" {
		if err := l.of(key).Wait(ctx); err != nil {
			return err
		}
	}
	return l.all.Wait(ctx)
}

// of returns the limiter of a suite. There are as many as configured suites.
func (l *limits) of(key suite.SuiteKey) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.suites[key]
	if !ok {
		r = limiter(l.one)
		l.suites[key] = r
	}
	return r
}
