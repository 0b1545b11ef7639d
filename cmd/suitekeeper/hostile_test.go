package main_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/store"
)

// hostile is what somebody sends to the callback listener on one connection,
// and what has to come of it. Without a status that is the encrypted success.
type hostile struct {
	name    string
	sent    string
	status  int
	code    string // of the answer, with its message
	message string

	writes string   // what changes in the store, as "event+1 print+1 ticket~1": added and changed
	logged []string // what the line in the log holds

	goesOn  string // is sent after the rest again and again, as long as anybody listens
	hangsUp bool   // sends nothing more, and says so
	keepsOn bool   // the connection is good for another request
}

const (
	rejectedMessage = "the push was rejected"
	notHTTP         = "the request is no sound HTTP"
)

// isBad, isRejected and the like complete a case with what is expected of it.
func (h hostile) isBad(message string) hostile {
	h.status, h.code, h.message = http.StatusBadRequest, "bad_request", "bad request: "+message
	return h
}

func (h hostile) isMalformed(message string) hostile {
	h.status, h.code, h.message = http.StatusBadRequest, "bad_request", "malformed envelope: "+message
	return h
}

func (h hostile) isRejected(reason string) hostile {
	h.status, h.code, h.message = http.StatusForbidden, "rejected", rejectedMessage
	return h.because(reason)
}

// because adds the reason that the log gives, and says whatever else it does.
func (h hostile) because(reason string) hostile { return h.says(fmt.Sprintf(`"reason":%q`, reason)) }

func (h hostile) says(text string) hostile {
	h.logged = append(slices.Clone(h.logged), text)
	return h
}

func (h hostile) is(status int, code, message string) hostile {
	h.status, h.code, h.message = status, code, message
	return h
}

// does completes a case that is acknowledged.
func (h hostile) does(outcome, writes string) hostile {
	h.writes = writes
	return h.says(fmt.Sprintf(`"outcome":%q`, outcome))
}

// underAttack is a receiver under attack. What runs and is open in it while nobody
// asks anything is known.
type underAttack struct {
	*testReceiver
	calm    []goleak.Option
	files   int
	secrets canaries
}

func newUnderAttack(t *testing.T, suites ...keeper.SuiteConfiguration) *underAttack {
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
	r := &underAttack{testReceiver: newTestReceiver(t, "http://127.0.0.1:1", suites...), secrets: canaries{}}
	for _, s := range suites {
		r.secrets.add("suite secret", s.Secret.Reveal())
		r.secrets.add("token", s.Token.Reveal())
		r.secrets.add("AES key", s.AESKey.Reveal())
	}
	r.secrets.add("ticket", secretTicket)
	r.start()
	r.client.CloseIdleConnections()
	r.until("only what serves is open", func() bool { return !running("http.(*conn).serve") })
	r.calm = []goleak.Option{goleak.IgnoreCurrent()}
	r.files = r.openFiles()
	return r
}

// openFiles counts the descriptors of this process.
func (r *underAttack) openFiles() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0 // another system
	}
	return len(entries)
}

// settles waits until everything that an attack started has ended.
func (r *underAttack) settles() {
	r.Helper()
	r.until("no goroutine is left", func() bool { return goleak.Find(r.calm...) == nil })
	r.until("no descriptor is left", func() bool { return r.openFiles() == r.files })
}

// TestHostileInput sends to the callback listener, as serve opens it, what
// nobody means well, byte by byte. Each case is answered as the package
// documentation of handler says, with not a byte more; writes nothing but what
// it says; leaves no goroutine and no descriptor behind, and one line in the
// log, in which nothing of what was sent is to be read, but a part of the path.
func TestHostileInput(t *testing.T) {
	r := newUnderAttack(t, attacked, brittle)
	for _, cases := range [][]hostile{
		methodCases(t), httpCases(t), headerCases(t), lengthCases(t), parameterCases(t), bodyCases(t),
		boundaryCases(t), extensionCases(t), sealCases(t), paddingCases(t), textCases(t), stampCases(t), rowCases(t),
	} {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) { r.attack(t, c) })
		}
	}
}

func (r *underAttack) attack(t *testing.T, c hostile) {
	before, said := r.contents(), len(r.log.String())
	got := r.exchange(t, c)
	lines := 1
	for ; got.status == http.StatusServiceUnavailable && lines < 50; lines++ {
		got = r.exchange(t, c) // the machine is slow; DingTalk pushes again, too
	}
	r.settles()
	c.checkAnswer(t, got)
	if writes := before.changes(r.contents()); writes != c.writes {
		t.Errorf("it wrote %q, want %q", writes, c.writes)
	}
	log := r.log.String()[said:]
	if n := strings.Count(log, "\n"); n != lines {
		t.Errorf("it left %d lines in the log, want %d:\n%.2000s", n, lines, log)
	}
	for _, text := range c.logged {
		if lines == 1 && !strings.Contains(log, text) { // later ones are about a repeat
			t.Errorf("the log says nothing of %s:\n%.2000s", text, log)
		}
	}
	if found := append(r.secrets.in(log), quotedIn(c.sent).in(log)...); len(found) > 0 {
		t.Errorf("the log shows %q", found)
	}
}

// quotedIn is what must not be repeated of a request: all but its path.
func quotedIn(request string) canaries {
	c := canaries{}
	_, rest, _ := strings.Cut(request, "?")
	for i := 0; i+part <= min(len(rest), 4096); i++ {
		c[rest[i:i+part]] = "request"
	}
	return c
}

// exchange sends the bytes of a case and reads the answer, and that nothing
// follows it.
func (r *underAttack) exchange(t *testing.T, c hostile) answer {
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.callback, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	sending := make(chan struct{})
	go func() { // the receiver may answer, and hang up, before it has read all
		defer close(sending)
		_, err := io.WriteString(conn, c.sent)
		for err == nil && c.goesOn != "" {
			_, err = io.WriteString(conn, c.goesOn)
		}
		if c.hangsUp {
			_ = conn.(*net.TCPConn).CloseWrite() // it may be closed by now
		}
	}()
	in := bufio.NewReader(conn)
	got := r.readAnswer(t, in, c)
	if c.goesOn == "" {
		<-sending
	}
	_ = conn.(*net.TCPConn).CloseWrite() // so that a connection that is kept ends
	if rest, err := io.ReadAll(in); err == nil && len(rest) > 0 {
		t.Errorf("after the answer came %q, want nothing", rest)
	}
	conn.Close()
	<-sending
	return got
}

func (r *underAttack) readAnswer(t *testing.T, in *bufio.Reader, c hostile) answer {
	method, _, _ := strings.Cut(c.sent, " ")
	for {
		res, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("no answer: %v", err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatalf("the answer ended early: %v", err)
		}
		if res.StatusCode >= http.StatusOK { // no "100 Continue"
			if res.Close == c.keepsOn {
				t.Errorf("the answer ends the connection: %v", res.Close)
			}
			return answer{res.StatusCode, res.Header, string(body)}
		}
	}
}

func (h hostile) checkAnswer(t *testing.T, got answer) {
	if h.status == 0 {
		if err := successFor(attacked, got); err != nil {
			t.Error(err)
		}
		return
	}
	want := ""
	if !strings.HasPrefix(h.sent, "HEAD ") {
		body, err := json.Marshal(struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		}{h.code, h.message})
		if err != nil {
			t.Fatal(err)
		}
		want = string(body)
	}
	if got.status != h.status || got.body != want {
		t.Errorf("answered %d %s, want %d %s", got.status, got.body, h.status, want)
	}
	allowed := []string{"Connection", "Content-Length", "Content-Type", "Date"}
	if h.status == http.StatusMethodNotAllowed {
		allowed = append(allowed, "Allow")
	}
	for name, values := range got.header {
		if !slices.Contains(allowed, name) {
			t.Errorf("the answer has %s: %q", name, values)
		}
	}
	if kind := got.header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("the answer is of type %q, want JSON", kind)
	}
}

// contents are the checksums of what is stored, by key.
type contents map[string][sha256.Size]byte

// ownTime are the collections that workers write when it suits them: indexes
// of what pushes stored, and counts.
var ownTime = []string{"event-corp", "event-type", "event-odd", "index", "auth-change", "auth-block", "auth-sketch", "tally", "wrong-answers"}

func (r *testReceiver) contents() contents {
	r.Helper()
	c := contents{}
	r.must(r.store.View(context.Background(), func(s store.Reader) error {
		for p, err := range s.Scan(nil, nil, false) {
			if err != nil {
				return err
			}
			if !slices.Contains(ownTime, collectionOf(string(p.Key))) {
				c[string(p.Key)] = sha256.Sum256(p.Value)
			}
		}
		return nil
	}))
	return c
}

func collectionOf(key string) string {
	name, _, _ := strings.Cut(key, "\x00")
	return name
}

// changes tells what was added, changed and removed, by collection.
func (c contents) changes(now contents) string {
	n := map[string]int{}
	for key, sum := range now {
		if old, ok := c[key]; !ok {
			n[collectionOf(key)+"+"]++
		} else if old != sum {
			n[collectionOf(key)+"~"]++
		}
	}
	for key := range c {
		if _, ok := now[key]; !ok {
			n[collectionOf(key)+"-"]++
		}
	}
	var list []string
	for what, times := range n {
		list = append(list, fmt.Sprintf("%s%d", what, times))
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// TestChangesOfTheStoreAreSeen holds the comparison itself to its promise.
func TestChangesOfTheStoreAreSeen(t *testing.T) {
	r := newTestReceiver(t, "http://127.0.0.1:1", sampleSuite)
	r.start()
	before := r.contents()
	ticket := `{"EventType":"suite_ticket","SuiteTicket":"a"}`
	r.acknowledges(ticket)
	now := r.contents()
	r.acknowledges(ticket)
	for _, tt := range []struct {
		what     string
		from, to contents
		want     string
	}{
		{"a ticket", before, now, "event+1 print+1 ticket+1"},
		{"its repeat", now, r.contents(), "event~1"},
		{"what undoes it", now, before, "event-1 print-1 ticket-1"},
		{"nothing", now, now, ""},
	} {
		if got := tt.from.changes(tt.to); got != tt.want {
			t.Errorf("%s changed %q, want %q", tt.what, got, tt.want)
		}
	}
}
