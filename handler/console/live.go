package console

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"suitekeeper/handler/admin"
)

// How streams behave.
const (
	streamEvery      = time.Second      // how often a page is looked at anew
	streamWrite      = 10 * time.Second // for the peer to take what is sent
	streamKeepAlive  = 15 * time.Second // below what proxies bear in silence
	streamRetry      = 2 * time.Second  // until a browser asks again after a stream broke
	streamsInAll     = 64
	streamsOfSession = 6 // a browser has no more connections to one server
)

// wantsStream tells whether the page is to be sent anew as it changes.
func wantsStream(r *http.Request) bool {
	return r.Method == http.MethodGet && r.Header.Get("Accept") == "text/event-stream"
}

// stream sends the main part of a page whenever it has changed, until the
// reader goes, the session ends, or the server stops.
func (c *console) stream(w http.ResponseWriter, v *visit, who []admin.Role, fn func(*visit) (view, error)) {
	leave, ok := c.streams.enter(c.sessions.Token(v.ctx))
	if !ok {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	defer leave()
	s := &stream{w: w, control: http.NewResponseController(w)}
	if err := s.begin(); err != nil {
		return
	}
	ticker := time.NewTicker(streamEvery)
	defer ticker.Stop()
	for {
		next, err := c.lookAgain(v)
		switch {
		case err != nil:
			return
		case next.person == nil || !next.may(who):
			_ = s.send("end", "")
			return
		}
		if err := c.sendChanged(s, next, fn); err != nil {
			return
		}
		select {
		case <-ticker.C:
		case <-v.r.Context().Done():
			return
		case <-c.Stopping:
			return
		}
	}
}

// lookAgain is the visit as it is now: the session may have ended meanwhile.
func (c *console) lookAgain(v *visit) (*visit, error) {
	now := time.Now()
	ctx, err := c.sessions.load(v.r)
	if err != nil {
		return nil, err
	}
	next := &visit{ctx: ctx, r: v.r, param: v.param, now: now, locale: v.locale, loaded: true, person: c.sessions.person(ctx, now)}
	if next.person == nil {
		return next, nil
	}
	if c.sessions.touch(ctx, now); c.sessions.Status(ctx) == scs.Modified {
		_, _, err = c.sessions.Commit(ctx)
	}
	return next, err
}

// sendChanged renders the page and sends it, unless it is as it was.
func (c *console) sendChanged(s *stream, v *visit, fn func(*visit) (view, error)) error {
	view, err := fn(v)
	if err != nil {
		return err
	}
	if view.Once {
		return errors.New("the page does not change")
	}
	var body bytes.Buffer
	if err := c.pages.renderMain(&body, c.newPage(v, view)); err != nil {
		return err
	}
	return s.update(body.Bytes(), v.now)
}

// stream is one page that is being followed.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	last    [sha256.Size]byte
	spokeAt time.Time
}

// begin sends the head of the answer.
func (s *stream) begin() error {
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx would keep it back
	return s.write(fmt.Sprintf("retry: %d\n\n", streamRetry.Milliseconds()))
}

// update sends a page that has changed, and something from time to time so
// that a peer that is gone is noticed.
func (s *stream) update(html []byte, now time.Time) error {
	sum := sha256.Sum256(html)
	switch {
	case sum != s.last:
		s.last, s.spokeAt = sum, now
		return s.send("page", string(html))
	case now.Sub(s.spokeAt) >= streamKeepAlive:
		s.spokeAt = now
		return s.write(": still here\n\n")
	default:
		return nil
	}
}

func (s *stream) send(event, data string) error {
	return s.write("event: " + event + "\ndata: " + strings.NewReplacer("\r", "", "\n", "\ndata: ").Replace(data) + "\n\n")
}

// write sends at once. The server's deadline is for answers that end; here each
// piece has its own.
func (s *stream) write(text string) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil {
		return err
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}

// streams bounds how many there are. It is safe for concurrent use.
type streams struct {
	mu    sync.Mutex
	count map[string]int // by session
	total int
}

func newStreams() *streams { return &streams{count: map[string]int{}} }

// enter counts a stream of a session in, unless there are too many. The caller
// leaves when it has ended.
func (s *streams) enter(session string) (leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.total >= streamsInAll || s.count[session] >= streamsOfSession {
		return nil, false
	}
	s.total++
	s.count[session]++
	return func() { s.leave(session) }, true
}

func (s *streams) leave(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	if s.count[session]--; s.count[session] == 0 {
		delete(s.count, session)
	}
}
