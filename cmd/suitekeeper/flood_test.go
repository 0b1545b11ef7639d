//go:build !race

package main_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"suitekeeper/crypto"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// flood pushes unique events over many kept connections, as cheaply as it can: a
// receiver is to have more to do than who pushes. Each is due at its moment,
// whether those before are answered or not, and its latency counts from then on.
type flood struct {
	testing.TB
	address string
	suite   dingtalktest.Suite
	codec   *crypto.Codec
	due     chan time.Time
	padding int // bytes that each push has beside

	pushed atomic.Int64
	mu     sync.Mutex
	tide   tide
}

// tide is what came of the pushes of some time.
type tide struct {
	accepted []string        // their texts
	good     []time.Duration // of those that were accepted
	refused  []time.Duration // of those that were answered that they are to come again
	wrong    map[string]int  // by what was wrong
}

// newFlood opens so many connections.
func newFlood(v *victim, connections int) *flood {
	v.Helper()
	codec, err := crypto.New(crypto.Options{Token: v.suite.Token, EncodingAESKey: v.suite.EncodingAESKey, Key: v.suite.Key})
	must(v, err)
	f := &flood{TB: v.TB, address: v.callback, suite: v.suite, codec: codec, due: make(chan time.Time, 1<<20), tide: newTide()}
	var pushers sync.WaitGroup
	for range connections {
		pushers.Go(f.push)
	}
	v.Cleanup(func() {
		close(f.due)
		pushers.Wait()
	})
	return f
}

func newTide() tide { return tide{wrong: map[string]int{}} }

// take returns what came of the pushes since it was called last.
func (f *flood) take() tide {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.tide
	f.tide = newTide()
	return t
}

// pour has so many pushes a second be due for that long, and returns what came
// of them once all are answered.
func (f *flood) pour(rate int, d time.Duration) tide {
	f.Helper()
	f.pushed.Store(0)
	began := time.Now()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	sent := 0
	for total := int(float64(rate) * d.Seconds()); sent < total; <-tick.C {
		for until := min(total, int(float64(rate)*time.Since(began).Seconds())); sent < until; sent++ {
			f.due <- began.Add(time.Duration(float64(sent) / float64(rate) * float64(time.Second)))
		}
	}
	f.drained(sent)
	return f.take()
}

// saturate keeps so many pushes under way for that long, and returns how many a
// second were accepted.
func (f *flood) saturate(underWay int, d time.Duration) (rate int) {
	f.Helper()
	f.pushed.Store(0)
	began := time.Now()
	sent := 0
	for time.Since(began) < d {
		for int64(sent)-f.pushed.Load() < int64(underWay) {
			f.due <- time.Now()
			sent++
		}
		time.Sleep(100 * time.Microsecond) // it is about a rate
	}
	f.drained(sent)
	return int(float64(len(f.take().good)) / time.Since(began).Seconds())
}

func (f *flood) drained(sent int) {
	f.Helper()
	late := time.After(patience)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for f.pushed.Load() < int64(sent) {
		select {
		case <-tick.C:
		case <-late:
			f.Fatalf("%d of %d pushes were not answered", int64(sent)-f.pushed.Load(), sent)
		}
	}
}

var floodNumber atomic.Int64

// push pushes what is due, over one connection that it opens anew when it must.
func (f *flood) push() {
	c := &floodConn{address: f.address}
	defer c.close()
	for due := range f.due {
		text := fmt.Sprintf(`{"EventType":"user_add_org","CorpId":"dingflood","UserId":["u%d%s"],"TimeStamp":%d}`,
			floodNumber.Add(1), strings.Repeat("x", f.padding), time.Now().UnixMilli())
		e, err := f.codec.Seal([]byte(text), time.Now())
		if err != nil {
			f.Errorf("seal: %v", err)
			return
		}
		status, body, err := c.exchange("/callback/"+f.suite.Key, e)
		f.count(text, due, status, body, err)
		f.pushed.Add(1)
	}
}

func (f *flood) count(text string, due time.Time, status int, body []byte, err error) {
	took := time.Since(due)
	what := ""
	switch {
	case err != nil:
		what = "no answer: " + err.Error()
		if i := strings.LastIndex(what, ": "); i > 0 {
			what = what[i+2:]
		}
	case status == http.StatusOK:
		if v := dingtalktest.Judge(f.codec, "success", dingtalktest.Answer{Status: status, ContentType: "application/json", Body: body}); v.Code != 0 {
			what = v.Reason
		}
	case status != http.StatusServiceUnavailable || string(body) != unavailableBody:
		what = fmt.Sprintf("%d %s", status, body)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case what != "":
		f.tide.wrong[what]++
	case status == http.StatusOK:
		f.tide.accepted = append(f.tide.accepted, text)
		f.tide.good = append(f.tide.good, took)
	default:
		f.tide.refused = append(f.tide.refused, took)
	}
}

// floodConn is a connection that is kept.
type floodConn struct {
	address string
	conn    net.Conn
	in      *bufio.Reader
	request []byte
	body    []byte
}

func (c *floodConn) close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// exchange pushes an envelope and returns the answer, whose body is valid until
// the next one.
func (c *floodConn) exchange(path string, e crypto.Envelope) (status int, body []byte, err error) {
	if c.conn == nil {
		if c.conn, err = net.DialTimeout("tcp", c.address, patience); err != nil {
			c.conn = nil
			return 0, nil, err
		}
		c.in = bufio.NewReader(c.conn)
	}
	c.request = fmt.Appendf(c.request[:0], "POST %s?signature=%s&timestamp=%s&nonce=%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n{\"encrypt\":\"%s\"}",
		path, e.Signature, e.Timestamp, e.Nonce, len(e.Encrypt)+14, e.Encrypt)
	if err = c.conn.SetDeadline(time.Now().Add(patience)); err == nil {
		_, err = c.conn.Write(c.request)
	}
	if err == nil {
		status, body, err = c.answer()
	}
	if err != nil {
		c.close()
	}
	return status, body, err
}

func (c *floodConn) answer() (status int, body []byte, err error) {
	length, last := 0, false
	for line := ""; ; {
		text, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, nil, err
		}
		line = strings.TrimSpace(string(text))
		name, value, _ := strings.Cut(line, ": ")
		switch {
		case status == 0 && len(line) > 12:
			status, _ = strconv.Atoi(line[9:12])
		case name == "Content-Length":
			length, _ = strconv.Atoi(value)
		case name == "Connection":
			last = value == "close"
		}
		if line == "" {
			break
		}
	}
	c.body = slices.Grow(c.body[:0], length)[:length]
	if _, err = io.ReadFull(c.in, c.body); err == nil && last {
		c.close()
	}
	return status, c.body, err
}

// quantiles tell of latencies in any order.
func quantiles(all []time.Duration) string {
	if len(all) == 0 {
		return "none"
	}
	slices.Sort(all)
	text := ""
	for _, q := range []float64{50, 99, 99.9, 100} {
		at := min(len(all)-1, int(q/100*float64(len(all))))
		text += fmt.Sprintf("p%v %v, ", q, all[at].Round(100*time.Microsecond))
	}
	return strings.TrimSuffix(text, ", ")
}
