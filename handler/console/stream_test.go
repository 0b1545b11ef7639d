package console_test

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"suitekeeper/suite"
)

// follower reads a page as it is sent anew.
type follower struct {
	t      *testing.T
	resp   *http.Response
	lines  *bufio.Scanner
	cancel context.CancelFunc
}

// startServer gives a console an address. Its deadlines are far shorter than
// what the tests take, so that a stream has to outlive them.
func startServer(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ReadTimeout, srv.Config.WriteTimeout = 500*time.Millisecond, 500*time.Millisecond
	srv.Start()
	t.Cleanup(func() {
		srv.Client().CloseIdleConnections()
		srv.Close()
	})
	return srv
}

func follow(t *testing.T, srv *httptest.Server, b *browser, path string) *follower {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	f := &follower{t, resp, bufio.NewScanner(resp.Body), cancel}
	f.lines.Buffer(nil, 1<<20)
	t.Cleanup(f.close)
	return f
}

func (f *follower) close() {
	f.cancel()
	f.resp.Body.Close()
}

// next returns the next event with its data; ok is false at the end of the stream.
func (f *follower) next() (event, data string, ok bool) {
	f.t.Helper()
	for f.lines.Scan() {
		name, value, _ := strings.Cut(f.lines.Text(), ": ")
		switch {
		case name == "event":
			event = value
		case name == "data":
			data += value + "\n"
		case name == "" && event != "":
			return event, data, true
		}
	}
	if err := f.lines.Err(); errors.Is(err, context.DeadlineExceeded) {
		f.t.Fatal("the stream neither says anything nor ends")
	}
	return "", "", false
}

// want reads events until one holds text.
func (f *follower) want(event, text string) {
	f.t.Helper()
	for {
		name, data, ok := f.next()
		if !ok {
			f.t.Fatalf("the stream ended before the event %s with %q", event, text)
		}
		if name == event && strings.Contains(data, text) {
			return
		}
	}
}

// wantEnd reads the stream to its end.
func (f *follower) wantEnd() {
	f.t.Helper()
	for {
		if _, _, ok := f.next(); !ok {
			return
		}
	}
}

func TestStreamSendsWhatHasChanged(t *testing.T) {
	k := newSample(time.Now())
	h := newConsole(t, options(k))
	f := follow(t, startServer(t, h), signedIn(t, h, viewerToken), "/console/")
	if got := f.resp.Header.Get("Content-Type"); f.resp.StatusCode != http.StatusOK || got != "text/event-stream" {
		t.Fatalf("GET /console/ as a stream = %d of type %q, want 200 of type text/event-stream", f.resp.StatusCode, got)
	}
	f.want("page", "No suite_ticket has arrived yet.")
	for _, events := range []int{7, 8, 9} { // which takes three seconds
		k.change(func(r *suite.Report) { r.Events = events })
		_, data, ok := f.next()
		if want := map[int]string{7: "7 events", 8: "8 events", 9: "9 events"}[events]; !ok || !strings.Contains(data, want) {
			t.Fatalf("the stream sends %q (%v), want a page with %q", data, ok, want)
		}
		if strings.Contains(data, "<html") || strings.Contains(data, "<nav") {
			t.Errorf("the stream sends the whole page, want its main part: %q", data)
		}
	}
}

func TestStreamEndsWithTheSession(t *testing.T) {
	h := newConsole(t, options(newSample(time.Now())))
	b := signedIn(t, h, operatorToken)
	f := follow(t, startServer(t, h), b, "/console/audit")
	f.want("page", "Audit")
	b.post("/console/sign-out", nil)
	f.want("end", "")
	f.wantEnd()
}

func TestStreamEndsWhenTheServerStops(t *testing.T) {
	o := options(newSample(time.Now()))
	stopping := make(chan struct{})
	o.Stopping = stopping
	h := newConsole(t, o)
	f := follow(t, startServer(t, h), signedIn(t, h, operatorToken), "/console/")
	f.want("page", "Overview")
	close(stopping)
	f.wantEnd()
}

func TestStreamLeavesWhatThereIsToSay(t *testing.T) {
	h := newConsole(t, options(newSample(time.Now())))
	b := signedIn(t, h, operatorToken)
	b.post("/console/repush", url.Values{"suite": {string(suiteA)}, "type": {"change_auth"}})
	f := follow(t, startServer(t, h), b, "/console/repush")
	f.want("page", "Re-push")
	if page := b.get("/console/repush"); !strings.Contains(page.body, "being processed again.") {
		t.Error("after a stream of the page began, the page no longer says what was done")
	}
}

func TestStreamsOfASessionAreBounded(t *testing.T) {
	h := newConsole(t, options(newSample(time.Now())))
	srv, b := startServer(t, h), signedIn(t, h, viewerToken)
	var open []*follower
	for range 6 {
		f := follow(t, srv, b, "/console/")
		f.want("page", "Overview")
		open = append(open, f)
	}
	if f := follow(t, srv, b, "/console/"); f.resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("the seventh stream = %d, want 503", f.resp.StatusCode)
	}
	if f := follow(t, srv, signedIn(t, h, viewerToken), "/console/"); f.resp.StatusCode != http.StatusOK {
		t.Errorf("the first stream of another session = %d, want 200", f.resp.StatusCode)
	}
	open[0].close()
	for { // the server has to notice
		f := follow(t, srv, b, "/console/")
		if f.resp.StatusCode == http.StatusOK {
			return
		}
		if t.Context().Err() != nil {
			t.Fatal("no stream after one was closed")
		}
		f.close()
	}
}

func TestPageThatStaysIsNoStream(t *testing.T) {
	h := newConsole(t, options(newSample(time.Now())))
	f := follow(t, startServer(t, h), signedIn(t, h, viewerToken), "/console/nothing")
	f.wantEnd()
}
