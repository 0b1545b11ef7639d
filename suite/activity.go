package suite

import (
	"sync"
	"time"
)

// activityMinutes is for how long pushes are counted by the minute.
const activityMinutes = 60

// activity counts the pushes that were taken, by suite and minute, since the
// start. It is safe for concurrent use.
type activity struct {
	mu     sync.Mutex
	suites map[SuiteKey]*minutes
}

// minutes is a ring with a place for each of the last minutes.
type minutes struct {
	counts [activityMinutes]int
	newest int64 // the minute since 1970 that was counted last
}

func newActivity() *activity { return &activity{suites: map[SuiteKey]*minutes{}} }

func (a *activity) push(suite SuiteKey, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.suites[suite]
	if m == nil {
		m = &minutes{}
		a.suites[suite] = m
	}
	minute := minuteOf(at)
	m.advance(minute)
	if m.newest-minute < activityMinutes { // else the clock was set back by more than the ring holds
		m.counts[minute%activityMinutes]++
	}
}

// perMinute returns the counts of the last minutes, the oldest first; the last
// is that of the minute that runs.
func (a *activity) perMinute(suite SuiteKey, now time.Time) []int {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := make([]int, activityMinutes)
	m := a.suites[suite]
	if m == nil {
		return list
	}
	minute := minuteOf(now)
	m.advance(minute)
	for i := range list {
		list[i] = m.counts[(minute+1+int64(i))%activityMinutes]
	}
	return list
}

// advance empties the places of the minutes that began since the newest.
func (m *minutes) advance(minute int64) {
	for ; m.newest < minute; m.newest++ {
		if minute-m.newest > activityMinutes {
			m.newest = minute - activityMinutes
		}
		m.counts[(m.newest+1)%activityMinutes] = 0
	}
}

func minuteOf(t time.Time) int64 { return max(t.Unix()/60, 0) }
