package suite_test

import (
	"context"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/store"
	"suitekeeper/suite"
)

// TestAStartAfterACleanStopReadsNoEvents stores events and stops before they are
// counted by the minute. A start that had to read them all would keep pushes
// waiting.
func TestAStartAfterACleanStopReadsNoEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		read := 0
		w := newWorld(t, func(w *world) {
			w.wrap = func(e store.Engine) store.Engine { return startReads{e, &read} }
		})
		const n = 300
		for i := range n {
			w.receive(pushed(i))
		}
		w.receive(`{"EventType":"tmp_auth_code"}`) // which is odd
		w.stop()
		read = 0
		w.start()
		if read > n/10 {
			t.Errorf("the start read %d records, want no events among them", read)
		}
		report := w.report()
		if report.Events != n+1 {
			t.Errorf("%d events after the start, want %d", report.Events, n+1)
		}
		if at := report.Suites[0].LastEventAt; time.Since(at) > time.Minute {
			t.Errorf("the last event came at %v, want just now", at)
		}
		w.receive(pushed(n)) // in the same millisecond
		w.wantAlerts(suite.AlertTicketMissing, suite.AlertEventsQuarantined)
		w.restart()
		if got := w.report().Events; got != n+2 {
			t.Errorf("%d events after another start, want %d", got, n+2)
		}
	})
}

// startReads counts the records that scans yield.
type startReads struct {
	store.Engine
	read *int
}

func (c startReads) View(ctx context.Context, fn func(store.Reader) error) error {
	return c.Engine.View(ctx, func(r store.Reader) error { return fn(startReader{r, c.read}) })
}

type startReader struct {
	store.Reader
	read *int
}

func (c startReader) Scan(from, to []byte, descending bool) iter.Seq2[store.Pair, error] {
	return func(yield func(store.Pair, error) bool) {
		for p, err := range c.Reader.Scan(from, to, descending) {
			*c.read++
			if !yield(p, err) {
				return
			}
		}
	}
}
