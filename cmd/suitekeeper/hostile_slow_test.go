package main_test

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	keeper "suitekeeper/cmd/suitekeeper"
)

const (
	dribble    = 200 * time.Millisecond // between two bytes of a slow peer
	protocol   = 1200 * time.Millisecond
	goodRate   = 20 * time.Millisecond // between two pushes of one of the good peers
	goodPeers  = 8
	headersEnd = 5 * time.Second // see handler.NewServer
)

// slow counts what the slow peers got to see. It is safe for concurrent use.
type slow struct {
	mu              sync.Mutex
	headers, bodies kindOfSlow
	other           int // ended in another way than they should
}

// kindOfSlow are the peers that are slow in the same thing.
type kindOfSlow struct {
	status  int  // they are answered with, if at all
	silent  bool // or not at all
	ended   int
	longest time.Duration // until then
}

func newSlow() *slow {
	return &slow{
		headers: kindOfSlow{status: http.StatusBadRequest, silent: true}, // 400 where net/http takes half a line for a whole one
		bodies:  kindOfSlow{status: http.StatusServiceUnavailable},
	}
}

// check allows for a machine that is busy: headers have 5 s, bodies 0.9 s.
func (s *slow) check(t *testing.T, peers int) {
	if s.headers.ended != peers || s.bodies.ended < peers || s.other != 0 {
		t.Errorf("%d slow headers were ended, %d slow bodies refused, %d ended otherwise, want %d, at least as many, none",
			s.headers.ended, s.bodies.ended, s.other, peers)
	}
	if s.headers.longest > 2*headersEnd || s.bodies.longest > headersEnd {
		t.Errorf("slow headers were borne for %v, slow bodies for %v, want about 5 s and 0.9 s", s.headers.longest, s.bodies.longest)
	}
}

// TestSlowPeersHoldNobodyUp has 200 peers send their headers byte by byte, and
// 200 others their bodies, while good pushes come. These are answered as if
// nothing were; the slow ones are ended within their limits, and leave one line
// each in the log.
func TestSlowPeersHoldNobodyUp(t *testing.T) {
	r := newUnderAttack(t, attacked)
	peers := 200
	if raced {
		peers = 50
	}
	limit := protocol
	if promised(t) {
		limit = 500 * time.Millisecond
	}
	const rounds = 3 // so that one in which the machine was busy with others does not count
	for round := range rounds {
		p99 := r.holdUp(t, peers)
		if p99 <= limit || raced {
			return
		}
		if round == rounds-1 {
			t.Errorf("p99 of the good pushes is %v, want less than %v", p99, limit)
		}
	}
}

// holdUp has so many peers of each kind be slow, and returns what the good
// pushes beside them took.
func (r *underAttack) holdUp(t *testing.T, peers int) (p99 time.Duration) {
	said := len(r.log.String())
	s := newSlow()
	var headers, others sync.WaitGroup
	ended := make(chan struct{}) // all that sent slow headers have been
	push := rawPush(fresh(t))
	end := strings.Index(push, "\r\n\r\n")
	for range peers {
		headers.Go(func() { s.send(r, push[:100], push[100:end], &s.headers) })
		others.Go(func() {
			for open(ended) {
				s.send(r, push[:end+4], push[end+4:], &s.bodies)
			}
		})
	}
	took := make([][]time.Duration, goodPeers)
	for i := range took {
		others.Go(func() { took[i] = r.pushSteadily(t, ended) })
	}
	headers.Wait()
	close(ended)
	others.Wait()
	r.client.CloseIdleConnections()
	r.settles()

	all := slices.Concat(took...)
	slices.Sort(all)
	p99 = all[len(all)*99/100]
	t.Logf("%d good pushes beside %d slow headers and %d slow bodies, borne for %v and %v at most: p50 %v, p99 %v, slowest %v",
		len(all), s.headers.ended, s.bodies.ended, s.headers.longest, s.bodies.longest, all[len(all)/2], p99, all[len(all)-1])
	s.check(t, peers)
	pushes := len(all) + s.bodies.ended
	log := r.log.String()[said:]
	for text, want := range map[string]int{"\n": pushes + peers, `"msg":"push`: pushes, "request refused": peers} {
		if n := strings.Count(log, text); n != want {
			t.Errorf("the log has %d times %q, want %d", n, text, want)
		}
	}
	return p99
}

func open(ended chan struct{}) bool {
	select {
	case <-ended:
		return false
	default:
		return true
	}
}

// send sends the first part at once and dribbles the rest, until the receiver
// ends it, and counts that.
func (s *slow) send(r *underAttack, first, rest string, kind *kindOfSlow) {
	began := time.Now()
	status, ok := dribbled(strings.TrimPrefix(r.callback, "http://"), first, rest)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !ok || status != kind.status && (status != 0 || !kind.silent) {
		s.other++
		return
	}
	kind.ended++
	kind.longest = max(kind.longest, time.Since(began))
}

// dribbled returns the status that the peer was answered with, 0 for none. It is
// not ok if there was no connection.
func dribbled(address, first, rest string) (status int, ok bool) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return 0, false
	}
	defer conn.Close()
	stop := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		tick := time.NewTicker(dribble)
		defer tick.Stop()
		_, err := io.WriteString(conn, first)
		for i := 0; err == nil; i++ {
			select {
			case <-tick.C:
				_, err = io.WriteString(conn, rest[i%len(rest):][:1])
			case <-stop:
				return
			}
		}
	})
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	close(stop)
	writing.Wait()
	if err != nil {
		return 0, true
	}
	return res.StatusCode, true
}

// pushSteadily pushes events until the end and says how long each took.
func (r *underAttack) pushSteadily(t *testing.T, ended chan struct{}) (took []time.Duration) {
	tick := time.NewTicker(goodRate)
	defer tick.Stop()
	for open(ended) {
		e := fresh(t)
		began := time.Now()
		got, err := r.send(attacked.Key, e)
		taken := time.Since(began)
		if err == nil {
			err = successFor(attacked, got)
		}
		switch {
		case got.status == http.StatusServiceUnavailable: // on a slow machine; it counts as too late
			taken += protocol
		case err != nil:
			t.Errorf("a good push: %v", err)
			return took
		}
		took = append(took, taken)
		<-tick.C
	}
	return took
}

// TestServeSpeaksTLS serves both listeners under TLS. What is no sound HTTP, or
// no TLS at all, is answered there as it is without.
func TestServeSpeaksTLS(t *testing.T) {
	s := secureServer(t, nil, x509.Certificate{NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	r := newTestReceiver(t, "http://127.0.0.1:1", attacked)
	r.cfg.TLS = keeper.TLSConfig{CertFile: s.certFile, KeyFile: s.keyFile}
	r.trust(s.certFile)
	r.start()
	got, err := r.send(attacked.Key, fresh(t))
	r.must(err)
	r.must(successFor(attacked, got))
	for what, url := range map[string]string{"this port speaks TLS": "http" + strings.TrimPrefix(r.callback, "https"), "no signature": r.callback + attackedPath} {
		got, err := r.do(http.MethodPost, url, "{}")
		r.must(err)
		var f struct{ Code, Message string }
		if err := json.Unmarshal([]byte(got.body), &f); err != nil || got.status != http.StatusBadRequest || f.Code != "bad_request" {
			t.Errorf("%s: answered %d %s, want 400 and JSON", what, got.status, got.body)
		}
	}
}
