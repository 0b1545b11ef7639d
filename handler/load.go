package handler

import (
	"fmt"
	"io"
	"sync/atomic"
)

// How much may be in work at a time. Five hundred pushes are answered well within
// the budget by any machine that can take a few thousand a second, also while it
// refuses twice as many. What is read of their bodies is a fifth of the memory
// that they need in the end.
const (
	defaultMaxPushes = 512
	defaultMaxBytes  = 16 << 20
)

var errOverloaded = fmt.Errorf("%w: too many pushes are in work", errUnavailable)

// load bounds what is in work, by pushes and by the bytes of their bodies. What
// is beyond that is refused at once: pushes that only wait would be answered too
// late, all of them, and use the memory meanwhile. It is safe for concurrent use.
type load struct {
	maxPushes, maxBytes int64
	pushes, bytes       atomic.Int64
}

// full tells whether a push would be refused, so that it need not be read.
func (l *load) full() bool {
	return l.pushes.Load() >= l.maxPushes || l.bytes.Load() >= l.maxBytes
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
	if s.load.pushes.Add(1) > s.load.maxPushes {
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
