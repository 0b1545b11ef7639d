package boltstore

import "time"

// How long a commit may be put off for updates that are about to come: for
// maxGather, which is about what a flush takes, as long as at least one comes
// in every lull.
const (
	maxGather = time.Millisecond
	lull      = 200 * time.Microsecond
)

// gathering puts a commit off until it has as many updates as there were
// callers just now (those of the last commit, who often come back at once, and
// those who came during it), or until no more come, or for maxGather. Without
// it the leader takes the first few that come back while the others still wait
// for a processor, and spends its time on flushes for few updates.
//
// A lone update is not held back: the last commit was for one caller then, or
// there was none, for a leader ends when nobody waits. The first after many
// waits for two lulls at most, and only if it comes during the first of them.
type gathering struct {
	ticker   *time.Ticker // nil while nothing is put off
	end      time.Time
	expected int // how many updates are enough
	waited   int // how many there were at the last tick
}

// begin puts off the commit of a batch that has this many updates so far; the
// commit before it had last.
func (g *gathering) begin(updates, last int) {
	if last <= 1 {
		return
	}
	*g = gathering{ticker: time.NewTicker(lull), end: time.Now().Add(maxGather), expected: updates + last, waited: updates}
}

// on reports whether the commit of a batch with this many updates is put off.
func (g *gathering) on(updates int) bool {
	if updates >= min(g.expected, maxBatch) {
		g.stop()
	}
	return g.ticker != nil
}

// tick returns the channel of the lulls.
func (g *gathering) tick() <-chan time.Time {
	if g.ticker == nil {
		return nil
	}
	return g.ticker.C
}

// ticked is called after a lull.
func (g *gathering) ticked(updates int) {
	if updates == g.waited || !time.Now().Before(g.end) {
		g.stop()
	}
	g.waited = updates
}

func (g *gathering) stop() {
	if g.ticker != nil {
		g.ticker.Stop()
		g.ticker = nil
	}
}
