package handler_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"suitekeeper/handler"
	"suitekeeper/suite"
)

// fill brings as many pushes as there may be into work. They stay there until
// empty is called.
func (f *fixture) fill(t *testing.T) (empty func()) {
	t.Helper()
	begun, release := make(chan struct{}, mostPushes), make(chan struct{})
	f.receiver.receive = func(context.Context, suite.Push) (suite.Receipt, error) {
		begun <- struct{}{}
		<-release
		return suite.Receipt{Reply: "success"}, nil
	}
	var pushes sync.WaitGroup
	for range mostPushes {
		pushes.Go(func() {
			e := seal(t, suiteOptions, `{}`)
			f.serve(t, e, strings.NewReader(body(e))) // perhaps too late
		})
	}
	for range mostPushes {
		<-begun
	}
	return func() {
		close(release)
		pushes.Wait()
	}
}

// wantRefused wants the answer to a push that is too much. One that was refused
// unread has no date, which net/http puts in.
func wantRefused(t *testing.T, got answerTo, unread bool) {
	t.Helper()
	checkFailure(t, got, http.StatusServiceUnavailable, "unavailable")
	if after := got.Header.Get("Retry-After"); after != "10" {
		t.Errorf("Retry-After = %q, want 10", after)
	}
	if was := got.Header.Get("Date") == ""; was != unread {
		t.Errorf("refused unread: %v, want %v", was, unread)
	}
}

func TestPushesThatAreTooMuchAreRefusedUnread(t *testing.T) {
	f := newFixture(t, nil)
	addr := f.start(t)
	e := seal(t, suiteOptions, `{}`)
	push := pushTo("/callback/"+suiteKey, e)
	empty := f.fill(t)

	conn := dial(t, addr)
	wantRefused(t, sendOn(t, conn, push), true)
	wantRefused(t, sendOn(t, conn, push), true)
	split := len(push) - len(body(e))
	wantRefused(t, sendOn(t, conn, push[:split+1]), true)
	wantRefused(t, sendOn(t, conn, push[split+1:]+push), true)
	if got := sendOn(t, conn, raw("GET", "/healthz", "")); got.StatusCode != http.StatusOK {
		t.Errorf("GET /healthz = %s while too many pushes are in work, want 200", got.Status)
	}
	wantRefused(t, sendOn(t, conn, push), true)
	want := fmt.Sprintf(`# HELP suitekeeper_pushes_total Pushes by suite and by what was answered: accepted, or the code of the refusal.
# TYPE suitekeeper_pushes_total counter
suitekeeper_pushes_total{result="accepted",suite=%[1]q} 0
suitekeeper_pushes_total{result="accepted",suite=%[2]q} 0
suitekeeper_pushes_total{result="unavailable",suite=%[1]q} 5
`, suiteKey, otherKey)
	if err := testutil.GatherAndCompare(f.metrics, strings.NewReader(want), "suitekeeper_pushes_total"); err != nil {
		t.Error(err)
	}
	empty()
	if got := sendOn(t, conn, push); got.StatusCode != http.StatusOK {
		t.Errorf("a push is answered %s once the others are done, want 200", got.Status)
	}
	if n := len(f.receiver.received()); n != mostPushes+1 {
		t.Errorf("%d pushes were handed over, want %d", n, mostPushes+1)
	}
}

// What is out of the ordinary reaches the handler, and is refused there.
func TestPushesWhoseEndIsInDoubtAreRefusedByTheHandler(t *testing.T) {
	f := newFixture(t, nil)
	addr := f.start(t)
	e := seal(t, suiteOptions, `{}`)
	path := "/callback/" + suiteKey
	push := pushTo(path, e)
	defer f.fill(t)()

	wantRefused(t, send(t, addr, raw("POST", path+"?"+query(e), chunk(body(e)), "Transfer-Encoding: chunked")), false)
	wantRefused(t, send(t, addr, pushTo(path, e, "Connection: close")), false)
	wantRefused(t, send(t, addr, raw("POST", path+"?"+query(e), strings.Repeat(" ", 100<<10))), false)
	if got := send(t, addr, raw("POST", path, strings.Repeat(" ", 1<<20+1))); got.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a body that is too large is answered %s, want 413", got.Status)
	}
	conn := dial(t, addr)
	if _, err := io.WriteString(conn, push+push); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	for range 2 {
		got, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("read the answer to one of two pushes at once: %v", err)
		}
		text, err := io.ReadAll(got.Body)
		if err != nil {
			t.Fatal(err)
		}
		wantRefused(t, answerTo{got, string(text)}, false)
	}
}

// Whatever is wrong with a push beside its body is answered as ever.
func TestOverloadChangesNoOtherAnswer(t *testing.T) {
	loopback, others := netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("192.0.2.0/24") // from which fill pushes
	e := seal(t, suiteOptions, `{}`)
	path := "/callback/" + suiteKey
	for _, tt := range []struct {
		name    string
		change  func(*handler.Options)
		push    string
		status  int
		code    string
		refused int // pushes, for their source
	}{
		{"a source that is not allowed", func(o *handler.Options) { o.AllowedSources = []netip.Prefix{others} },
			pushTo(path, e), http.StatusForbidden, "rejected", 1},
		{"a source that is not allowed behind a proxy that is", func(o *handler.Options) {
			o.AllowedSources, o.TrustedProxies = []netip.Prefix{others, loopback}, []netip.Prefix{loopback}
		}, pushTo(path, e, "X-Forwarded-For: 198.51.100.1"), http.StatusForbidden, "rejected", 1},
		{"a source that is allowed", func(o *handler.Options) { o.AllowedSources = []netip.Prefix{others, loopback} },
			pushTo(path, e), http.StatusServiceUnavailable, "unavailable", 0},
		{"an unknown suite", nil, pushTo("/callback/suiteunknown", e), http.StatusNotFound, "unknown_suite", 0},
		{"a compressed body", nil, pushTo(path, e, "Content-Encoding: gzip"), http.StatusUnsupportedMediaType, "unsupported_encoding", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, tt.change)
			addr := f.start(t)
			defer f.fill(t)()
			checkFailure(t, send(t, addr, tt.push), tt.status, tt.code)
			if n := len(f.receiver.rejections()); n != tt.refused {
				t.Errorf("operators hear of %d pushes from sources that are not allowed, want %d", n, tt.refused)
			}
		})
	}
}

func TestRefusalsUnderTLS(t *testing.T) {
	f := newFixture(t, nil)
	addr, client := f.startTLS(t)
	push := pushTo("/callback/"+suiteKey, seal(t, suiteOptions, `{}`))
	empty := f.fill(t)
	conn := tls.Client(dial(t, addr), client)
	wantRefused(t, sendOn(t, conn, push), true)
	wantRefused(t, sendOn(t, conn, push), true)
	empty()
	if got := sendOn(t, conn, push); got.StatusCode != http.StatusOK {
		t.Errorf("a push is answered %s once the others are done, want 200", got.Status)
	}
}

// Who goes away before a refused push has been sent in full leaves nothing.
func TestRefusedPushThatIsCutOffLeavesNothing(t *testing.T) {
	f := newFixture(t, nil)
	addr := f.start(t)
	push := pushTo("/callback/"+suiteKey, seal(t, suiteOptions, `{}`))
	defer f.fill(t)()
	conn := dial(t, addr)
	wantRefused(t, sendOn(t, conn, push[:len(push)-1]), true)
	conn.Close()
	f.server.Retire(t.Context())
	if err := f.server.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown = %v", err)
	}
	if lines := f.logs.All(); len(lines) != 1 || lines[0].Message != "push not acknowledged" {
		t.Errorf("log has %v, want a line about the push that was refused", lines)
	}
}

// wantEnd wants the peer to end the connection soon.
func wantEnd(t *testing.T, conn net.Conn) {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(idleGrace)); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the connection reads %d bytes, %v, want its end", n, err)
	}
}

// idleGrace is less than what net/http gives connections that it takes for new.
const idleGrace = 4 * time.Second

// A server that stops waits for no connection that has seen nothing but refusals.
func TestShutdownEndsConnectionsThatWereRefused(t *testing.T) {
	f := newFixture(t, nil)
	addr := f.start(t)
	defer f.fill(t)()
	conn := dial(t, addr)
	wantRefused(t, sendOn(t, conn, pushTo("/callback/"+suiteKey, seal(t, suiteOptions, `{}`))), true)
	ctx, cancel := context.WithTimeout(t.Context(), idleGrace)
	defer cancel()
	if err := f.server.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown = %v", err)
	}
	wantEnd(t, conn)
}

// A retiring server ends its connections, also those that have seen nothing but
// refusals, and with answers of this kind.
func TestRetiringServerEndsConnectionsWithRefusals(t *testing.T) {
	f := newFixture(t, nil)
	addr := f.start(t)
	push := pushTo("/callback/"+suiteKey, seal(t, suiteOptions, `{}`))
	defer f.fill(t)()
	conn := dial(t, addr)
	wantRefused(t, sendOn(t, conn, push), true)
	f.server.Retire(t.Context())
	wantEnd(t, conn)
	got := sendOn(t, dial(t, addr), push)
	wantRefused(t, got, false)
	if !got.Close {
		t.Error("the connection is kept, want it closed")
	}
}

// However many are refused, there is a line a second about them.
func TestPushesThatAreTooMuchAreLoggedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		defer f.fill(t)()
		for _, refusals := range []int{7, 2, 0, 3} {
			for range refusals {
				f.wantNow(t, http.StatusServiceUnavailable)
			}
			time.Sleep(time.Second)
			synctest.Wait()
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		var counts []int64
		for _, line := range f.logs.FilterMessage("push not acknowledged").All() {
			counts = append(counts, line.ContextMap()["count"].(int64))
		}
		// Each time the first at once, if there was no line just before.
		if want := []int64{1, 6, 2, 1, 2}; !slices.Equal(counts, want) || f.logs.Len() != len(want) {
			t.Errorf("log tells of %v refused pushes in %d lines, want %v", counts, f.logs.Len(), want)
		}
		f.receiver.mu.Lock()
		defer f.receiver.mu.Unlock()
		if want := []string{" 1", " 6", " 2", " 1", " 2"}; !slices.Equal(f.receiver.overloaded, want) {
			t.Errorf("operators are told of %q, want %q, no suite being named", f.receiver.overloaded, want)
		}
	})
}
