package handler

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// silentGrace is how long a connection may take for its first request once the
// server stops. A request that is on its way gets in.
const silentGrace = 250 * time.Millisecond

// silent knows the connections that have not sent a request yet. When the
// server stops, net/http would give each of them another five seconds, which
// is how long a proxy that connects ahead of need, or anybody at all, could
// hold up a restart.
type silent struct {
	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

// watchSilent ends silent connections when s is shut down.
func watchSilent(s *http.Server) {
	w := &silent{conns: make(map[net.Conn]struct{})}
	s.ConnState = w.note
	s.RegisterOnShutdown(w.hurry)
}

func (w *silent) note(c net.Conn, state http.ConnState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if state == http.StateNew {
		w.conns[c] = struct{}{}
	} else {
		delete(w.conns, c)
	}
}

// hurry lets reads from silent connections fail after the grace, which makes
// net/http close them. One that is broken already needs no deadline.
func (w *silent) hurry() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.conns {
		_ = c.SetReadDeadline(time.Now().Add(silentGrace))
	}
}
