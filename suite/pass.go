package suite

import (
	"sync"
	"time"
)

// passes knows when new codes were asked for, for all corps of a suite that were
// never activated. A start forgets it. It is safe for concurrent use.
type passes struct {
	mu   sync.Mutex
	last map[SuiteKey]pass
}

// pass is one of them.
type pass struct {
	at    time.Time // zero: there was none
	times int       // it and those before it, with no long time between
}

// claim counts the pass that is to be made for a spent code which came at that
// time, and returns what takes it back if it fails. If that is nil there is to be
// none, and next is when to ask again; zero: a pass was claimed since the code
// came, which brings its corp another.
func (p *passes) claim(suite SuiteKey, came, now time.Time) (undo func(), next time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := p.last[suite]
	if last.at.After(came) {
		return nil, time.Time{}
	}
	times := 1
	if last.times > 0 {
		pause := reauthPauses[min(last.times, len(reauthPauses))-1]
		if next := last.at.Add(pause); now.Before(next) {
			return nil, next
		}
		if now.Sub(last.at) < 2*pause { // else its codes were good, and these are others
			times += last.times
		}
	}
	p.last[suite] = pass{at: now, times: times}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.last[suite] = last
	}, time.Time{}
}
