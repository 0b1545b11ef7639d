package handler_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
)

// memoryListener hands out connections that live in memory, so that a whole
// server runs in a synctest bubble.
type memoryListener struct {
	conns chan net.Conn
	done  chan struct{}
}

func newMemoryListener() *memoryListener {
	return &memoryListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Close() error {
	close(l.done)
	return nil
}

func (l *memoryListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (l *memoryListener) dial() net.Conn {
	client, server := net.Pipe()
	l.conns <- server
	return client
}

// inBubble runs fn with a server in memory, under virtual time.
func inBubble(t *testing.T, receive func(context.Context, suite.Push) (suite.Receipt, error), fn func(*testing.T, *fixture, *memoryListener)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		f.receiver.receive = receive
		l := newMemoryListener()
		f.listen(t, l)
		fn(t, f, l)
	})
}

func untilDone(ctx context.Context, _ suite.Push) (suite.Receipt, error) {
	<-ctx.Done()
	return suite.Receipt{}, ctx.Err()
}

func TestPushThatIsNotStoredInTimeIsUnavailable(t *testing.T) {
	late := func(context.Context, suite.Push) (suite.Receipt, error) {
		time.Sleep(901 * time.Millisecond) // a commit that happens all the same
		return suite.Receipt{Reply: "success"}, nil
	}
	for _, tt := range []struct {
		name    string
		receive func(context.Context, suite.Push) (suite.Receipt, error)
		want    time.Duration
	}{
		{"never", untilDone, 900 * time.Millisecond},
		{"too late", late, 901 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, tt.receive, func(t *testing.T, f *fixture, l *memoryListener) {
				conn := l.dial()
				defer conn.Close()
				start := time.Now()
				got := sendOn(t, conn, pushTo("/callback", seal(t, suiteOptions, `{}`)))
				checkFailure(t, got, http.StatusServiceUnavailable, "unavailable")
				if took := time.Since(start); took != tt.want {
					t.Errorf("answered after %v, want %v", took, tt.want)
				}
			})
		})
	}
}

func TestPushThatIsStoredJustInTimeIsAcknowledged(t *testing.T) {
	inBubble(t, func(context.Context, suite.Push) (suite.Receipt, error) {
		time.Sleep(899 * time.Millisecond)
		return suite.Receipt{Reply: "success"}, nil
	}, func(t *testing.T, f *fixture, l *memoryListener) {
		conn := l.dial()
		defer conn.Close()
		for range 2 { // the connection stays good for another
			got := sendOn(t, conn, pushTo("/callback", seal(t, suiteOptions, `{}`)))
			if got.StatusCode != http.StatusOK || openReply(t, suiteOptions, got.body) != "success" {
				t.Errorf("answer = %d %s, want success", got.StatusCode, got.body)
			}
		}
	})
}

func TestTimeForTheBodyCountsTowardsTheBudget(t *testing.T) {
	inBubble(t, untilDone, func(t *testing.T, f *fixture, l *memoryListener) {
		conn := l.dial()
		defer conn.Close()
		start := time.Now()
		request := pushTo("/callback", seal(t, suiteOptions, `{}`))
		cut := len(request) - 10
		if _, err := io.WriteString(conn, request[:cut]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond)
		got := sendOn(t, conn, request[cut:])
		checkFailure(t, got, http.StatusServiceUnavailable, "unavailable")
		if took := time.Since(start); took != 900*time.Millisecond {
			t.Errorf("answered after %v, want 900ms from the arrival of the headers", took)
		}
	})
}

func TestSlowBodyEndsWithTheBudget(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f *fixture, l *memoryListener) {
		conn := l.dial()
		defer conn.Close()
		start := time.Now()
		e := seal(t, suiteOptions, `{}`)
		request := raw("POST", "/callback?"+query(e), `{"encrypt":"`, "Content-Length: 1000")
		got := sendOn(t, conn, request)
		checkFailure(t, got, http.StatusServiceUnavailable, "unavailable")
		if _, err := conn.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("Read after the answer = %v, want the connection closed", err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("connection closed after %v, want at most a second", took)
		}
		if n := len(f.receiver.received()); n != 0 {
			t.Errorf("half a body gave %d pushes, want none", n)
		}
	})
}

func TestSlowBodyOfARefusedRequestEndsToo(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f *fixture, l *memoryListener) {
		conn := l.dial()
		defer conn.Close()
		start := time.Now()
		got := sendOn(t, conn, raw("POST", "/callback/nobody", `{`, "Content-Length: 1000"))
		checkFailure(t, got, http.StatusNotFound, "unknown_suite")
		if took := time.Since(start); took > time.Second {
			t.Errorf("answered after %v, want at most a second", took)
		}
	})
}

func TestSlowHeadersAndIdleConnectionsEnd(t *testing.T) {
	for _, tt := range []struct {
		name, sent string
		want       time.Duration
		lines      int // in the log
	}{
		{"nothing sent", "", 5 * time.Second, 0},
		{"headers not finished", "POST /callback HTTP/1.1\r\nHost: x\r\n", 5 * time.Second, 1},
		{"idle after an answer", raw("GET", "/healthz", ""), 90 * time.Second, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, f *fixture, l *memoryListener) {
				conn := l.dial()
				defer conn.Close()
				start := time.Now()
				go io.WriteString(conn, tt.sent)
				io.Copy(io.Discard, bufio.NewReader(conn))
				if took := time.Since(start); took != tt.want {
					t.Errorf("connection ended after %v, want %v", took, tt.want)
				}
				synctest.Wait()
				if lines := f.logs.FilterMessage("request refused").Len(); lines != tt.lines || f.logs.Len() != tt.lines {
					t.Errorf("it left %v in the log, want %d lines", f.logs.All(), tt.lines)
				}
			})
		})
	}
}

func TestPeerThatHangsUpEndsTheWait(t *testing.T) {
	ended := make(chan time.Duration, 1)
	inBubble(t, func(ctx context.Context, _ suite.Push) (suite.Receipt, error) {
		start := time.Now()
		<-ctx.Done()
		ended <- time.Since(start)
		return suite.Receipt{}, ctx.Err()
	}, func(t *testing.T, f *fixture, l *memoryListener) {
		conn := l.dial()
		if _, err := io.WriteString(conn, pushTo("/callback", seal(t, suiteOptions, `{}`))); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		conn.Close()
		synctest.Wait()
		if took := <-ended; took != 0 {
			t.Errorf("context ended %v after the push began, want at once when the peer hangs up", took)
		}
	})
}

// A server of another kind may know no deadlines; the handler works there too.
func TestHandlerWorksWithoutReadDeadlines(t *testing.T) {
	f := newFixture(t, nil)
	e := seal(t, suiteOptions, `{}`)
	w := httptest.NewRecorder()
	f.ServeHTTP(w, httptest.NewRequest("POST", "/callback?"+query(e), strings.NewReader(body(e))))
	if w.Code != http.StatusOK || openReply(t, suiteOptions, w.Body.String()) != "success" {
		t.Errorf("answer = %d %s, want success", w.Code, w.Body)
	}
}
