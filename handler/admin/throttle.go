package admin

import (
	"container/list"
	"net"
	"net/netip"
	"sync"
	"time"
)

// What a Throttle bears from one address, and how many addresses it knows. The
// numbers leave room for a person who mistypes and for a program that was not
// told of a new token, and none for whoever tries tokens.
const (
	throttleBurst  = 20              // wrong attempts before the first pause
	throttlePause  = 6 * time.Second // for each further one
	throttlePeers  = 4096            // about 1 MB
	throttleV6Bits = 64              // one customer's network, out of which anybody has addresses without end
)

// Throttle slows down whoever tries tokens: an address from which 20 wrong
// ones came may try one more every 6 seconds. Every 6 seconds one of them is
// forgotten. It knows a bounded number of addresses, IPv6 by their network of
// 64 bits. It is safe for concurrent use; whatever takes tokens on the same
// listener shares one.
type Throttle struct {
	mu     sync.Mutex
	peers  map[string]*list.Element
	recent *list.List // of *throttled, the one that was wrong last in front
}

// throttled is an address from which wrong tokens came.
type throttled struct {
	peer string
	free time.Time // when all of its attempts are forgotten
}

// NewThrottle returns a Throttle that has seen nothing yet.
func NewThrottle() *Throttle {
	return &Throttle{peers: map[string]*list.Element{}, recent: list.New()}
}

// Try calls right, which tells whether what came from remoteAddr is a token,
// unless too many that came from there were none: then it calls nothing and
// returns how long to wait. A right one takes nothing away from the wrong ones
// before it. Calls wait for each other, so right must be quick.
func (t *Throttle) Try(remoteAddr string, right func() bool) (ok bool, pause time.Duration) {
	peer, now := peerOf(remoteAddr), time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	free := now
	if e, known := t.peers[peer]; known && e.Value.(*throttled).free.After(now) {
		free = e.Value.(*throttled).free
	}
	if pause := free.Sub(now) - (throttleBurst-1)*throttlePause; pause > 0 {
		return false, pause
	}
	if right() {
		return true, 0
	}
	t.note(peer, free.Add(throttlePause))
	return false, 0
}

// note remembers an address, and forgets the one that was quiet for longest
// when there are too many.
func (t *Throttle) note(peer string, free time.Time) {
	if e, known := t.peers[peer]; known {
		e.Value.(*throttled).free = free
		t.recent.MoveToFront(e)
		return
	}
	t.peers[peer] = t.recent.PushFront(&throttled{peer, free})
	if t.recent.Len() > throttlePeers {
		oldest := t.recent.Remove(t.recent.Back()).(*throttled)
		delete(t.peers, oldest.peer)
	}
}

// peerOf names who is behind a remote address, with or without port.
func peerOf(remoteAddr string) string {
	host := hostOf(remoteAddr)
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	network, err := addr.Prefix(throttleV6Bits)
	if err != nil { // not with 64 bits of an IPv6 address
		return host
	}
	return network.String()
}

// hostOf is a remote address without its port.
func hostOf(remoteAddr string) string {
	if host, _, err := net.SplitHostPort(remoteAddr); err == nil {
		return host
	}
	return remoteAddr
}
