package handler

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// How much may be in work at a time. A thousand pushes are answered well within
// the budget by any machine that can take a few thousand a second; so many come at
// once after a restart, or when a proxy had been held up. While more come than
// that, and go on to come, half as many are answered in half the time, and the
// refusals take theirs. What is read of their bodies is a fifth of the memory that
// they need in the end.
const (
	defaultMaxPushes = 1024
	defaultMaxBytes  = 16 << 20
	burstPause       = 10 * time.Second // from the last refusal until so many may come at once again
)

var errOverloaded = fmt.Errorf("%w: too many pushes are in work", errUnavailable)

// load bounds what is in work, by pushes and by the bytes of their bodies. What
// is beyond that is refused at once: pushes that only wait would be answered too
// late, all of them, and use the memory meanwhile. It is safe for concurrent use.
type load struct {
	maxPushes, maxBytes int64 // half as many pushes while some are refused
	pushes, bytes       atomic.Int64
	refused             atomic.Int64 // when one was, in Unix nanoseconds
}

// full tells whether a push would be refused, so that it need not be read.
func (l *load) full() bool {
	return l.tooMany(l.pushes.Load()+1) || l.bytes.Load() >= l.maxBytes
}

// tooMany tells whether so many pushes are more than there may be now.
func (l *load) tooMany(pushes int64) bool {
	if pushes <= l.maxPushes/2 {
		return false
	}
	now := time.Now()
	if pushes <= l.maxPushes && now.Sub(time.Unix(0, l.refused.Load())) > burstPause {
		return false
	}
	l.refused.Store(now.UnixNano())
	return true
}

// share is what one push has of the load.
type share struct {
	load    *load
	body    io.Reader
	bytes   int64
	counted bool
}

// Read reads the body, whose bytes count from then on: what somebody announces
// and does not send keeps nobody else away.
func (s *share) Read(p []byte) (int, error) {
	n, err := s.body.Read(p)
	s.bytes += int64(n)
	if s.load.bytes.Add(int64(n)) > s.load.maxBytes {
		return n, errOverloaded
	}
	return n, err
}

// begin counts the push, once it has been read: nobody is kept away by bodies
// that come slowly.
func (s *share) begin() error {
	s.counted = true
	if s.load.tooMany(s.load.pushes.Add(1)) {
		return errOverloaded
	}
	return nil
}

// end gives the share back.
func (s *share) end() {
	s.load.bytes.Add(-s.bytes)
	if s.counted {
		s.load.pushes.Add(-1)
	}
}
