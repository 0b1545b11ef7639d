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
	"sync/atomic"
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

// slow counts what the slow peers got to see.
type slow struct {
	headersEnded atomic.Int64 // connections that ended, with 400 where net/http takes half a line for a whole one
	refused      atomic.Int64 // bodies that were answered 503
	other        atomic.Int64
	longest      atomic.Int64 // time until that
}

// TestSlowPeersHoldNobodyUp has 200 peers send their headers byte by byte, and
// 200 others their bodies, while good pushes come. These are answered as if
// nothing were; the slow ones are ended within their limits, and leave one line
// each in the log.
func TestSlowPeersHoldNobodyUp(t *testing.T) {
	slowPeers := 200
	if raced {
		slowPeers = 50
	}
	r := newUnderAttack(t, attacked)
	said := len(r.log.String())
	var s slow
	var headers, others sync.WaitGroup
	ended := make(chan struct{}) // all that sent slow headers have been
	push := rawPush(fresh(t))
	end := strings.Index(push, "\r\n\r\n")
	for range slowPeers {
		headers.Go(func() { s.send(r, push[:100], push[100:end], &s.headersEnded) })
		others.Go(func() {
			for open(ended) {
				s.send(r, push[:end+4], push[end+4:], &s.refused)
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
	p99 := all[len(all)*99/100]
	t.Logf("%d good pushes beside %d slow headers and %d slow bodies: p50 %v, p99 %v, slowest %v",
		len(all), s.headersEnded.Load(), s.refused.Load(), all[len(all)/2], p99, all[len(all)-1])
	if p99 > protocol && !raced {
		t.Errorf("p99 of the good pushes is %v, want less than the %v that DingTalk waits", p99, protocol)
	}
	if n := s.headersEnded.Load(); n != int64(slowPeers) || s.refused.Load() < int64(slowPeers) || s.other.Load() != 0 {
		t.Errorf("%d slow headers were ended, %d slow bodies answered 503, %d others, want %d, at least as many, none",
			n, s.refused.Load(), s.other.Load(), slowPeers)
	}
	if longest := time.Duration(s.longest.Load()); longest > headersEnd+patience/2 {
		t.Errorf("a slow peer was there for %v, want about %v", longest, headersEnd)
	}
	log := r.log.String()[said:]
	pushes := len(all) + int(s.refused.Load())
	for text, want := range map[string]int{"\n": pushes + slowPeers, `"msg":"push`: pushes, "request refused": slowPeers} {
		if n := strings.Count(log, text); n != want {
			t.Errorf("the log has %d times %q, want %d", n, text, want)
		}
	}
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
func (s *slow) send(r *underAttack, first, rest string, want *atomic.Int64) {
	began := time.Now()
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.callback, "http://"))
	if err != nil {
		s.other.Add(1)
		return
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
	for taken := int64(time.Since(began)); ; {
		if old := s.longest.Load(); old >= taken || s.longest.CompareAndSwap(old, taken) {
			break
		}
	}
	switch {
	case want == &s.headersEnded && (err != nil || res.StatusCode == http.StatusBadRequest):
		want.Add(1)
	case want == &s.refused && err == nil && res.StatusCode == http.StatusServiceUnavailable:
		want.Add(1)
	default:
		s.other.Add(1)
	}
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
