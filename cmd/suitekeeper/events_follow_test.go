package main_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/handler/admin"
)

// doorman is one address for a receiver that has new ones after a restart.
// While it is stopped nobody answers.
func doorman(t *testing.T, r *testReceiver, asked func()) (address string, moved func()) {
	t.Helper()
	var target atomic.Pointer[url.URL]
	moved = func() {
		u, err := url.Parse(r.admin)
		r.must(err)
		target.Store(u)
	}
	moved()
	srv := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:      func(p *httputil.ProxyRequest) { asked(); p.SetURL(target.Load()) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	})
	t.Cleanup(srv.Close)
	return srv.URL, moved
}

// follower is events follow at work.
type follower struct {
	out, errs logbook
	cancel    context.CancelFunc
	status    chan int
}

func follow(t *testing.T, args ...string) *follower {
	ctx, cancel := context.WithCancel(context.Background())
	f := &follower{cancel: cancel, status: make(chan int, 1)}
	t.Cleanup(cancel)
	go func() {
		f.status <- keeper.Run(ctx, append([]string{"events", "follow"}, args...), strings.NewReader(""), &f.out, &f.errs)
	}()
	return f
}

// printed are the events so far, as a program reads them.
func (f *follower) printed(t *testing.T) []admin.Event {
	t.Helper()
	var list []admin.Event
	lines := bufio.NewScanner(strings.NewReader(f.out.String()))
	for lines.Scan() {
		var e admin.Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("line %q: %v", lines.Text(), err)
		}
		list = append(list, e)
	}
	return list
}

func TestFollowSurvivesARestartAndLeavesNothingOut(t *testing.T) {
	r := newTestReceiver(t, "http://127.0.0.1:1", sampleSuite)
	r.start()
	address, moved := doorman(t, r, func() {})
	pushed := 0
	push := func(n int) {
		for range n {
			pushed++
			a, err := r.push(sampleSuite, fmt.Sprintf(`{"EventType":"user_add_org","CorpId":"ding%d","TimeStamp":%d}`, pushed, 1795300000000+pushed))
			if r.must(err); a.status != http.StatusOK {
				t.Fatalf("push answered %d", a.status)
			}
		}
	}
	push(3)
	f := follow(t, "--admin", address, "--token", r.adminToken(), "--since", "1h", "-o", "json")
	r.until("what is stored is printed", func() bool { return len(f.printed(t)) == 3 })
	push(2)
	r.until("what comes is printed", func() bool { return len(f.printed(t)) == 5 })

	r.stop()
	r.until("it says that the server is away", func() bool { return strings.Contains(f.errs.String(), "trying again") })
	r.start()
	push(2)
	moved()
	r.until("it has caught up", func() bool { return len(f.printed(t)) == 7 })
	f.cancel()
	if got := <-f.status; got != 0 {
		t.Errorf("events follow ended with %d after Ctrl-C, want 0; it said %s", got, f.errs.String())
	}
	for i, e := range f.printed(t) {
		if want := fmt.Sprintf("ding%d", i+1); e.CorpID != want {
			t.Errorf("event %d is of %s, want %s: in order, each once", i, e.CorpID, want)
		}
	}
	if n := strings.Count(f.errs.String(), "\n"); n != 2 || !strings.Contains(f.errs.String(), "answers again") {
		t.Errorf("errors = %q, want a line when it was away and one when it came back", f.errs.String())
	}
}

func TestFollowBeginsWithWhatComes(t *testing.T) {
	r := newTestReceiver(t, "http://127.0.0.1:1", sampleSuite)
	r.start()
	push := func(corp string) {
		_, err := r.push(sampleSuite, fmt.Sprintf(`{"EventType":"user_add_org","CorpId":%q,"TimeStamp":1795300000000}`, corp))
		r.must(err)
	}
	push("dingbefore")
	var asked atomic.Int32
	address, _ := doorman(t, r, func() { asked.Add(1) })
	f := follow(t, "--admin", address, "--token", r.adminToken(), "-o", "json")
	r.until("it waits", func() bool { return asked.Load() == 2 })
	push("dingafter")
	r.until("it printed one", func() bool { return len(f.printed(t)) > 0 })
	f.cancel()
	<-f.status
	if got := f.printed(t); len(got) != 1 || got[0].CorpID != "dingafter" {
		t.Errorf("events follow printed %+v, want the one that came later", got)
	}
}

func TestFollowEndsWhenTheServerSaysNo(t *testing.T) {
	r := newTestReceiver(t, "http://127.0.0.1:1", sampleSuite)
	r.start()
	for name, args := range map[string][]string{
		"wrong token":    {"--admin", r.admin, "--token", "wrong-token-of-nobody"},
		"no server":      {"--admin", "http://127.0.0.1:1", "--token", r.adminToken()},
		"no event so":    {"--admin", r.admin, "--token", r.adminToken(), "--after", "nonsense"},
		"not that API":   {"--admin", r.callback, "--token", r.adminToken()},
		"unknown filter": {"--admin", r.admin, "--token", r.adminToken(), "--outcome", "good"},
	} {
		if f := follow(t, args...); <-f.status == 0 || !strings.Contains(f.errs.String(), "suitekeeper: ") {
			t.Errorf("%s: events follow ended well, errors %q, want an error", name, f.errs.String())
		}
	}
}
