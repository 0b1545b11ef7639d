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
	set  func() time.Duration   // by how much our clock has been set forward since the start
}

// clockSkew is by how much our clock is ahead (negative: behind).
type clockSkew struct {
	by    time.Duration // going by the newest push
	set   time.Duration // what clockWatch.set was then
	since time.Time     // arrival of the first push since which every one has shown too much
}

func newClockWatch() *clockWatch {
	return &clockWatch{skew: map[SuiteKey]clockSkew{}, set: clockSet(time.Now())}
}

// clockSet tells by how much the clock on the wall has been set since start: the
// other one that the system keeps goes on by itself. It stands still while a
// virtual machine is suspended, which looks the same; the next push corrects it.
func clockSet(start time.Time) func() time.Duration {
	return func() time.Duration {
		now := time.Now()
		return now.Round(0).Sub(start.Round(0)) - now.Sub(start)
	}
}

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
	known, ok := c.now(p.Suite)
	if !ok {
		known.since = p.ReceivedAt
	}
	known.by, known.set = skew, c.set()
	c.skew[p.Suite] = known
}

// alarming returns how far our clock is from the suite's newest push, if that is
// too much. Who has set the clock right need not wait for the next push.
func (c *clockWatch) alarming(suite SuiteKey) (clockSkew, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now(suite)
}

func (c *clockWatch) now(suite SuiteKey) (clockSkew, bool) {
	skew, ok := c.skew[suite]
	skew.by += c.set() - skew.set
	return skew, ok && skew.by.Abs() > clockAlarm
}
