package handler

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// connections knows those of a server, and what each is about. It is safe for
// concurrent use; one at a time may wait.
type connections struct {
	mu      sync.Mutex
	states  map[net.Conn]http.ConnState
	counts  map[http.ConnState]int
	changed chan struct{} // holds a value when a wait may be over
}

func newConnections() *connections {
	return &connections{states: make(map[net.Conn]http.ConnState), counts: make(map[http.ConnState]int), changed: make(chan struct{}, 1)}
}

// note is told by net/http of every change.
func (c *connections) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	if before, known := c.states[conn]; known {
		c.counts[before]--
		delete(c.states, conn)
	}
	if state != http.StateClosed && state != http.StateHijacked {
		c.counts[state]++
		c.states[conn] = state
	}
	c.mu.Unlock()
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// kept is how many connections are between two requests.
func (c *connections) kept() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts[http.StateIdle]
}

// onlyIdle tells whether no connection is anything else.
func (c *connections) onlyIdle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts[http.StateIdle] == len(c.states)
}

// await returns nil once cond holds, or why ctx ended before.
func (c *connections) await(ctx context.Context, cond func() bool) error {
	for !cond() {
		select {
		case <-c.changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// closeSilent closes the connections that have not sent a whole request yet.
func (c *connections) closeSilent() { c.close(http.StateNew) }

// closeKept closes those between two requests.
func (c *connections) closeKept() { c.close(http.StateIdle) }

// close closes the connections in a state. net/http then ends and notes them.
func (c *connections) close(state http.ConnState) {
	c.mu.Lock()
	var those []net.Conn
	for conn, s := range c.states {
		if s == state {
			those = append(those, conn)
		}
	}
	c.mu.Unlock()
	for _, conn := range those {
		_ = conn.Close() // it is given up
	}
}
