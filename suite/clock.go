package suite

import (
	"sync"
	"time"
)

// clockAlarm is how far a push's signed timestamp may be from our clock before
// somebody is told. Age alone refuses nothing.
const clockAlarm = 5 * time.Minute

// clockWatch compares our clock with the signed timestamps of the pushes. It
// is safe for concurrent use.
type clockWatch struct {
	mu   sync.Mutex
	skew map[SuiteKey]time.Duration // of the newest push, where it is alarming
}

func newClockWatch() *clockWatch { return &clockWatch{skew: map[SuiteKey]time.Duration{}} }

func (c *clockWatch) observe(p Push) {
	if p.SignedAt.IsZero() {
		return
	}
	skew := p.ReceivedAt.Sub(p.SignedAt)
	c.mu.Lock()
	defer c.mu.Unlock()
	if skew.Abs() > clockAlarm {
		c.skew[p.Suite] = skew
	} else {
		delete(c.skew, p.Suite)
	}
}

// alarming returns how far ahead of the suite's newest push our clock is
// (negative: behind), if that is too far.
func (c *clockWatch) alarming(suite SuiteKey) (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d, ok := c.skew[suite]
	return d, ok
}
