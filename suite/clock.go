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
	skew map[SuiteKey]clockSkew // where that of the newest push is alarming
}

// clockSkew is by how much our clock is ahead (negative: behind).
type clockSkew struct {
	by    time.Duration // going by the newest push
	since time.Time     // arrival of the first push since which every one has shown too much
}

func newClockWatch() *clockWatch { return &clockWatch{skew: map[SuiteKey]clockSkew{}} }

func (c *clockWatch) observe(p Push) {
	if p.SignedAt.IsZero() {
		return
	}
	skew := p.ReceivedAt.Sub(p.SignedAt)
	c.mu.Lock()
	defer c.mu.Unlock()
	if skew.Abs() <= clockAlarm {
		delete(c.skew, p.Suite)
		return
	}
	known, ok := c.skew[p.Suite]
	if !ok {
		known.since = p.ReceivedAt
	}
	known.by = skew
	c.skew[p.Suite] = known
}

// alarming returns the difference that the suite's newest push showed, if it
// is too large.
func (c *clockWatch) alarming(suite SuiteKey) (clockSkew, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	skew, ok := c.skew[suite]
	return skew, ok
}
