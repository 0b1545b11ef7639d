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
// receiver is to have more to do than who pushes. So pushes are sealed beforehand
// and answers are looked into afterwards. Each push is due at its moment, whether
// those before are answered or not.
type flood struct {
	testing.TB
	suite   dingtalktest.Suite
	codec   *crypto.Codec
	due     chan *drop
	padding int // bytes that each push has beside
	number  int // of pushes so far

	open atomic.Int64 // pushes that are due and not answered
}

// drop is a push of a flood.
type drop struct {
	text, request string
	due, sent     time.Time
	after         time.Duration // from sent to the answer
	status        int           // of the answer
	body          []byte
	err           error // instead of an answer
}

// tide is what came of the pushes of some time.
type tide struct {
	accepted []string        // their texts
	good     []time.Duration // from when a push that was accepted was due
	refused  []time.Duration // and one that was answered that it is to come again
	answered []time.Duration // from when either was sent
	wrong    map[string]int  // by what was wrong
}

// newFlood opens so many connections.
func newFlood(v *victim, connections int) *flood {
	v.Helper()
	codec, err := crypto.New(crypto.Options{Token: v.suite.Token, EncodingAESKey: v.suite.EncodingAESKey, Key: v.suite.Key})
	must(v, err)
	f := &flood{TB: v.TB, suite: v.suite, codec: codec, due: make(chan *drop, 1<<20)}
	var pushers sync.WaitGroup
	for range connections {
		pushers.Go(func() { f.push(v.callback) })
	}
	v.Cleanup(func() {
		close(f.due)
		pushers.Wait()
	})
	return f
}

// push pushes what is due, over one connection that it opens anew when it must.
func (f *flood) push(address string) {
	c := &floodConn{address: address}
	defer c.close()
	for d := range f.due {
		d.sent = time.Now()
		d.status, d.body, d.err = c.exchange(d.request)
		d.after = time.Since(d.sent)
		f.open.Add(-1)
	}
}

// drops seals so many pushes.
func (f *flood) drops(n int) []*drop {
	f.Helper()
	all := make([]*drop, n)
	for i := range all {
		f.number++
		text := fmt.Sprintf(`{"EventType":"user_add_org","CorpId":"dingflood","UserId":["u%d%s"],"TimeStamp":%d}`,
			f.number, strings.Repeat("x", f.padding), time.Now().UnixMilli())
		e, err := f.codec.Seal([]byte(text), time.Now())
		must(f, err)
		all[i] = &drop{text: text, request: fmt.Sprintf("POST /callback/%s?signature=%s&timestamp=%s&nonce=%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n{\"encrypt\":\"%s\"}",
			f.suite.Key, e.Signature, e.Timestamp, e.Nonce, len(e.Encrypt)+14, e.Encrypt)}
	}
	return all
}

// pour has so many pushes a second be due for that long, and returns them once
// all are answered.
func (f *flood) pour(rate int, d time.Duration) []*drop {
	f.Helper()
	drops := f.drops(int(float64(rate) * d.Seconds()))
	began := time.Now()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for next := 0; next < len(drops); <-tick.C {
		for until := min(len(drops), int(float64(rate)*time.Since(began).Seconds())); next < until; next++ {
			drops[next].due = began.Add(time.Duration(float64(next) / float64(rate) * float64(time.Second)))
			f.open.Add(1)
			f.due <- drops[next]
		}
	}
	f.drained()
	return drops
}

// saturate keeps so many pushes under way until there were so many, and returns
// how many a second were accepted.
func (f *flood) saturate(underWay, pushes int) (rate int) {
	f.Helper()
	drops := f.drops(pushes)
	began := time.Now()
	for next := 0; next < len(drops); {
		for ; next < len(drops) && f.open.Load() < int64(underWay); next++ {
			drops[next].due = time.Now()
			f.open.Add(1)
			f.due <- drops[next]
		}
		time.Sleep(100 * time.Microsecond) // it is about a rate
	}
	f.drained()
	return int(float64(len(f.look(drops).good)) / time.Since(began).Seconds())
}

func (f *flood) drained() {
	f.Helper()
	late := time.After(patience)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for f.open.Load() > 0 {
		select {
		case <-tick.C:
		case <-late:
			f.Fatalf("%d pushes were not answered", f.open.Load())
		}
	}
}

// look looks into the answers, which takes seconds if there are many.
func (f *flood) look(drops []*drop) tide {
	t := tide{wrong: map[string]int{}}
	for _, d := range drops {
		took := d.sent.Sub(d.due) + d.after
		switch what := f.wrong(d); {
		case what != "":
			t.wrong[what]++
			continue
		case d.status == http.StatusOK:
			t.accepted = append(t.accepted, d.text)
			t.good = append(t.good, took)
		default:
			t.refused = append(t.refused, took)
		}
		t.answered = append(t.answered, d.after)
	}
	return t
}

// wrong tells what is wrong with the answer to a push, if anything is.
func (f *flood) wrong(d *drop) string {
	switch {
	case d.err != nil:
		text := d.err.Error()
		return "no answer: " + text[strings.LastIndex(text, ": ")+1:] // without the addresses
	case d.status == http.StatusOK:
		return dingtalktest.Judge(f.codec, "success", dingtalktest.Answer{Status: d.status, ContentType: "application/json", Body: d.body}).Reason.String()
	case d.status != http.StatusServiceUnavailable || string(d.body) != unavailableBody:
		return fmt.Sprintf("%d %s", d.status, d.body)
	}
	return ""
}

// floodConn is a connection that is kept.
type floodConn struct {
	address string
	conn    net.Conn
	in      *bufio.Reader
}

func (c *floodConn) close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// exchange sends a request and returns the answer.
func (c *floodConn) exchange(request string) (status int, body []byte, err error) {
	if c.conn == nil {
		if c.conn, err = net.DialTimeout("tcp", c.address, patience); err != nil {
			c.conn = nil
			return 0, nil, err
		}
		c.in = bufio.NewReader(c.conn)
	}
	if err = c.conn.SetDeadline(time.Now().Add(patience)); err == nil {
		_, err = io.WriteString(c.conn, request)
	}
	if status, body, late := c.answer(); status > 0 && late == nil {
		return status, body, nil // even to a request that it did not want to read to its end
	} else if err == nil {
		err = late
	}
	c.close()
	return 0, nil, err
}

func (c *floodConn) answer() (status int, body []byte, err error) {
	length, last := 0, false
	for {
		text, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, nil, err
		}
		line := strings.TrimSpace(string(text))
		if line == "" {
			break
		}
		switch name, value, _ := strings.Cut(line, ": "); {
		case status == 0 && len(line) > 12:
			status, _ = strconv.Atoi(line[9:12])
		case name == "Content-Length":
			length, _ = strconv.Atoi(value)
		case name == "Connection":
			last = value == "close"
		}
	}
	body = make([]byte, length)
	if _, err = io.ReadFull(c.in, body); err == nil && last {
		c.close()
	}
	return status, body, err
}

// quantiles tell of latencies in any order.
func quantiles(all []time.Duration) string {
	text := ""
	for _, percent := range []float64{50, 99, 99.9, 100} {
		text += fmt.Sprintf(", p%v %v", percent, quantile(all, percent).Round(100*time.Microsecond))
	}
	return strings.TrimPrefix(text, ", ")
}

// quantile is what so many percent of the latencies do not exceed, 0 of none. It
// sorts them.
func quantile(all []time.Duration, percent float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(len(all)-1, int(percent/100*float64(len(all))))]
}
