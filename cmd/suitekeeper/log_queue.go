package main

import (
	"bytes"
	"io"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Bounds of a logQueue.
const (
	logWaiting = 1 << 20     // bytes of lines that wait, beside those that are being written
	logFlush   = time.Second // for what waits at the end
)

// logQueue hands lines on to a writer that may be slow or stuck, as a pipe is
// that nobody reads: who logs never waits for it, or DingTalk would have to
// wait for our log. Lines that find the queue full are dropped and counted, and
// their number is told where they are missing.
//
// Write is safe for concurrent use, also before Run and after Close; lines after
// Close are dropped.
type logQueue struct {
	to     io.Writer
	notice func(dropped int) []byte // the line that tells of dropped ones
	size   int                      // how many bytes may wait
	lost   prometheus.Counter
	done   chan struct{} // closed when Run has ended

	mu      sync.Mutex
	changed sync.Cond // on waiting and closed
	waiting []byte
	dropped int // lines since waiting was taken last
	closed  bool
}

func newLogQueue(to io.Writer, size int, notice func(dropped int) []byte) *logQueue {
	q := &logQueue{to: to, notice: notice, size: size, done: make(chan struct{}), lost: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "suitekeeper_log_lines_dropped_total",
		Help: "Log lines that were dropped because standard error took them too slowly or not at all.",
	})}
	q.changed.L = &q.mu
	return q
}

// Write takes a line or drops it. It never fails and never waits.
func (q *logQueue) Write(line []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(q.waiting)+len(line) > q.size {
		q.dropped++
		q.lost.Inc()
		return len(line), nil
	}
	q.waiting = append(q.waiting, line...)
	q.changed.Signal()
	return len(line), nil
}

// Run writes until the queue is closed and empty. Where the writer fails, its
// lines count as dropped.
func (q *logQueue) Run() {
	defer close(q.done)
	dropped := 0
	var lines []byte
	for q.take(&lines, &dropped) {
		if _, err := q.to.Write(lines); err != nil {
			n := bytes.Count(lines, []byte{'\n'})
			dropped += n
			q.lost.Add(float64(n))
			continue
		}
		if dropped > 0 {
			if _, err := q.to.Write(q.notice(dropped)); err == nil {
				dropped = 0
			}
		}
	}
}

// take waits for lines and exchanges them for the buffer of those that were
// written. It adds how many were dropped behind them, and tells whether there
// are any.
func (q *logQueue) take(lines *[]byte, dropped *int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.closed {
		q.changed.Wait()
	}
	*lines, q.waiting = q.waiting, (*lines)[:0]
	*dropped += q.dropped
	q.dropped = 0
	return len(*lines) > 0
}

// Close lets Run write what waits and end. It waits for that, but not for ever:
// a stuck writer must not keep the process from ending.
func (q *logQueue) Close() {
	q.mu.Lock()
	q.closed = true
	q.changed.Signal()
	q.mu.Unlock()
	timer := time.NewTimer(logFlush)
	defer timer.Stop()
	select {
	case <-q.done:
	case <-timer.C:
	}
}
