package handler_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/crypto"
	"suitekeeper/handler"
	"suitekeeper/suite"
)

// What may be in work at a time, as the package says.
const (
	mostPushes = 1024 // and half as many for some seconds after more came
	mostBytes  = 16 << 20
)

// serve has the handler answer a push with this body, and returns the status.
func (f *fixture) serve(t *testing.T, e crypto.Envelope, body io.Reader) int {
	t.Helper()
	w := httptest.NewRecorder()
	f.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/callback?"+query(e), body))
	return w.Code
}

// wantNow checks how a push is answered, and that nothing holds it up.
func (f *fixture) wantNow(t *testing.T, want int) {
	t.Helper()
	e := seal(t, suiteOptions, `{}`)
	start := time.Now()
	got := f.serve(t, e, strings.NewReader(`{"encrypt":"`+e.Encrypt+`"}`))
	if took := time.Since(start); got != want || took != 0 {
		t.Errorf("a push was answered %d after %v, want %d at once", got, took, want)
	}
}

func TestPushesBeyondWhatIsInWorkAreRefusedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		release := make(chan struct{})
		f.receiver.receive = func(context.Context, suite.Push) (suite.Receipt, error) {
			<-release
			return suite.Receipt{Reply: "success"}, nil
		}
		var pushes sync.WaitGroup
		for range mostPushes {
			pushes.Go(func() { f.wantNow(t, http.StatusOK) })
		}
		synctest.Wait()
		f.wantNow(t, http.StatusServiceUnavailable)
		if n := len(f.receiver.received()); n != mostPushes {
			t.Errorf("%d pushes were handed over, want %d", n, mostPushes)
		}
		close(release)
		pushes.Wait()
		f.wantNow(t, http.StatusOK)
	})
}

// After a burst that was too large only half as much is taken at a time, until
// nothing was refused for a while.
func TestBurstsAreTakenOnceInAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, func(o *handler.Options) { o.Budget = 5 * time.Second })
		burst := func() (taken int) {
			release, before := make(chan struct{}), len(f.receiver.received())
			f.receiver.receive = func(context.Context, suite.Push) (suite.Receipt, error) {
				<-release
				return suite.Receipt{Reply: "success"}, nil
			}
			var pushes sync.WaitGroup
			for range 2 * mostPushes {
				pushes.Go(func() {
					e := seal(t, suiteOptions, `{}`)
					f.serve(t, e, strings.NewReader(body(e)))
				})
			}
			synctest.Wait()
			close(release)
			pushes.Wait()
			return len(f.receiver.received()) - before
		}
		for i, tt := range []struct {
			pause time.Duration
			want  int
		}{{0, mostPushes}, {time.Second, mostPushes / 2}, {9 * time.Second, mostPushes / 2}, {11 * time.Second, mostPushes}} {
			time.Sleep(tt.pause)
			if got := burst(); got != tt.want {
				t.Errorf("of burst %d, %v after the last, %d pushes were taken, want %d", i, tt.pause, got, tt.want)
			}
		}
	})
}

// stalled is a body that begins well and then sends nothing until it is ended.
type stalled struct {
	text io.Reader
	end  chan struct{}
}

func (s stalled) Read(p []byte) (int, error) {
	if n, _ := s.text.Read(p); n > 0 {
		return n, nil
	}
	<-s.end
	return 0, io.ErrUnexpectedEOF
}

// Bodies count by what has come of them, however many they are.
func TestBodiesBeyondWhatMayBeReadAreRefusedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		end := make(chan struct{})
		var bodies sync.WaitGroup
		slow := func(bytes int) {
			bodies.Go(func() {
				body := stalled{strings.NewReader(strings.Repeat(" ", bytes)), end}
				if status := f.serve(t, seal(t, suiteOptions, `{}`), body); status != http.StatusBadRequest {
					t.Errorf("a body that ends early was answered %d, want %d", status, http.StatusBadRequest)
				}
			})
		}
		for range 2 * mostPushes {
			slow(100)
		}
		synctest.Wait()
		f.wantNow(t, http.StatusOK)
		for range mostBytes >> 20 {
			slow(1<<20 - 2*mostPushes*100>>4)
		}
		synctest.Wait()
		f.wantNow(t, http.StatusServiceUnavailable)
		close(end)
		bodies.Wait()
		f.wantNow(t, http.StatusOK)
	})
}
