package console_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"suitekeeper/suite"
)

// moving is the sample in a world that does not stand still.
type moving struct {
	*sample
	mu      sync.Mutex
	report  suite.Report
	newest  []suite.Event
	replays []suite.Replay
}

func newMoving() *moving {
	s := newSample(time.Now())
	return &moving{sample: s, report: s.report}
}

func (m *moving) Status(context.Context) (suite.Report, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.report, nil
}

func (m *moving) Events(ctx context.Context, q suite.EventQuery) (suite.EventList, error) {
	list, err := m.sample.Events(ctx, q)
	m.mu.Lock()
	defer m.mu.Unlock()
	list.Events = slices.Concat(m.newest, list.Events)
	return list, err
}

// change has something happen.
func (m *moving) change(happens func(*suite.Report)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.report.Suites, m.report.Alerts = slices.Clone(m.report.Suites), slices.Clone(m.report.Alerts)
	happens(&m.report)
}

// follow shows a page of a console over m as l says, and waits until it is
// live. It returns the session.
func (m *moving) follow(chrome *chromium, path string, l look) *browser {
	chrome.t.Helper()
	b := signedIn(chrome.t, newConsole(chrome.t, options(m)), operatorToken)
	srv := serve(chrome.t, b.handler)
	chrome.t.Cleanup(func() { chrome.do(chromedp.Navigate("about:blank")) }) // which ends the stream
	chrome.as(l.width, l.scheme)
	chrome.take(srv.URL, b.cookies)
	chrome.do(chromedp.Navigate(srv.URL + path))
	chrome.wait(`document.querySelector("#link.on")`)
	return b
}

// hold is a look at what somebody has the focus on.
const hold = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(
	[document.activeElement === held, Math.round(held.getBoundingClientRect().top)].join()))))`

func TestChangeShowsByItself(t *testing.T) {
	chrome := startChromium(t)
	for _, l := range looks {
		t.Run(l.String(), func(t *testing.T) {
			m, chrome := newMoving(), chrome.with(t)
			m.follow(chrome, "/console/", l)
			chrome.window(l.width, 400) // so that the alert which goes away is above what is seen
			chrome.do(chromedp.Evaluate[chromedp.Void](`
				globalThis.held = document.querySelector('.legend a[href*="status=active"]');
				held.focus();
				held.scrollIntoView({block: "start"});`))
			before := eval[string](chrome, hold)
			if !strings.HasPrefix(before, "true,") || eval[int](chrome, "Math.round(scrollY)") < 100 {
				t.Fatalf("the link has the focus and a place of %s, want it to have it on a page that is scrolled", before)
			}
			m.change(func(r *suite.Report) {
				r.Alerts = r.Alerts[:2]
				r.Suites[0].Authorizations = map[suite.Status]int{suite.StatusActive: 1205}
			})
			chrome.wait(`!document.querySelector('.alert[data-key^="pushes_rejected_signature "]')`)
			chrome.wait(`held.innerText.includes("1,205")`)
			if title := eval[string](chrome, "document.title"); !strings.HasPrefix(title, "(2) Overview") {
				t.Errorf("the title is %q, want it to count the 2 alerts that are left", title)
			}
			if after := eval[string](chrome, hold); after != before {
				t.Errorf("focus and place on the screen after the change = %s, before it %s: they must stay", after, before)
			}
		})
	}
}

func TestTicketShowsAsItArrives(t *testing.T) {
	m, chrome := newMoving(), startChromium(t)
	m.follow(chrome, "/console/repush", looks[0])
	arrival := fmt.Sprintf(".arrivals [data-key=%q] .state", suiteB)
	if got := eval[string](chrome, fmt.Sprintf("document.querySelector(%q).className", arrival)); got != "state missing" {
		t.Fatalf("the ticket is shown as %q, want %q", got, "state missing")
	}
	m.change(func(r *suite.Report) {
		now := time.Now()
		r.Suites[1].Ticket = suite.TicketReport{State: suite.TicketFresh, IssuedAt: now, ReceivedAt: now}
	})
	chrome.wait(fmt.Sprintf("document.querySelector(%q)", arrival+".good"))
}

func TestWhatPeopleTypeStays(t *testing.T) {
	m, chrome := newMoving(), startChromium(t)
	m.follow(chrome, "/console/events", looks[0])
	chrome.do(chromedp.SendKeys(chromedp.CSS("#corp"), "ding0"))
	event := suite.Event{ID: eventID(77), Suite: suiteA, Type: "user_add_org", Source: suite.SourceHTTP, Outcome: suite.OutcomeStored, ReceivedAt: time.Now()}
	m.mu.Lock()
	m.newest = []suite.Event{event}
	m.mu.Unlock()
	chrome.wait(fmt.Sprintf("document.querySelector('tbody tr').dataset.key === %q", event.ID))
	chrome.do(chromedp.KeyEvent("01"))
	if got := eval[string](chrome, "document.activeElement.id + ' ' + document.activeElement.value"); got != "corp ding001" {
		t.Errorf("while a new event appeared somebody typed %q, want %q", got, "corp ding001")
	}
}

func TestFollowedPageLeavesWithItsSession(t *testing.T) {
	m, chrome := newMoving(), startChromium(t)
	b := m.follow(chrome, "/console/events", looks[0])
	b.post("/console/sign-out", nil)
	chrome.do(chromedp.WaitVisible(chromedp.CSS("#token")))
}

// TestScriptKeepsWhatIsUnfolded gives the script of the console a page and a
// stream of this test.
func TestScriptKeepsWhatIsUnfolded(t *testing.T) {
	h := newConsole(t, options(newSample(time.Now())))
	script := regexp.MustCompile(`/console/static/console\.\w+\.js`).FindString(newBrowser(t, h).get("/console/sign-in").body)
	contents := func(n int) string {
		return fmt.Sprintf(`<p>%d</p><details data-key="d"><summary>More</summary><p><button>Press %d</button></p></details>`, n, n)
	}
	next := make(chan int)
	mux := http.NewServeMux()
	mux.Handle("/console/", h)
	mux.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != "text/event-stream" {
			fmt.Fprintf(w, `<!doctype html><title>page</title><div id="live" data-live>%s</div><script type="module" src=%q></script>`, contents(1), script)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		for {
			select {
			case n := <-next:
				fmt.Fprintf(w, "event: page\ndata: %s\n\n", contents(n))
				if err := http.NewResponseController(w).Flush(); err != nil {
					return
				}
			case <-r.Context().Done():
				return
			}
		}
	})
	srv := serve(t, mux)
	chrome := startChromium(t)
	chrome.do(chromedp.Navigate(srv.URL+"/page"), chromedp.Click(chromedp.CSS("summary")),
		chromedp.Evaluate[chromedp.Void](`globalThis.held = document.querySelector("button"); held.focus()`))
	next <- 2
	chrome.wait(`held.innerText === "Press 2"`)
	if got := eval[string](chrome, "document.querySelector('details').open + ' ' + (document.activeElement === held)"); got != "true true" {
		t.Errorf("unfolded and focused after a change = %s, want true true", got)
	}
	chrome.do(chromedp.Click(chromedp.CSS("summary")))
	next <- 3
	chrome.wait(`document.querySelector("#live > p").innerText === "3"`)
	if eval[bool](chrome, "document.querySelector('details').open") {
		t.Error("what somebody folded is unfolded after a change")
	}
}

func (m *moving) StartReplay(ctx context.Context, by suite.Actor, q suite.ReplayQuery) (suite.Replay, error) {
	r, err := m.sample.StartReplay(ctx, by, q)
	r.Actor, r.StartedAt, r.Total = by.Name, time.Now(), 1820
	m.mu.Lock()
	defer m.mu.Unlock()
	m.replays = []suite.Replay{r}
	return r, err
}

func (m *moving) Replays() []suite.Replay {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.replays)
}

// goOn has the replay come further.
func (m *moving) goOn(further func(*suite.Replay)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	further(&m.replays[0])
}

// Somebody looks at what would run, starts it, and sees how far it is while it
// runs, without loading the page again.
func TestReplayMovesWhileItRuns(t *testing.T) {
	m, chrome := newMoving(), startChromium(t)
	m.follow(chrome, "/console/repush", looks[0])
	chrome.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector("#suite").value = %q`, suiteA)))
	chrome.click("#choose button")
	if got := eval[string](chrome, "document.querySelector('.preview').innerText"); !strings.Contains(got, "1,820 events would be processed again") {
		t.Fatalf("the preview says %q, want how many events would be processed again", got)
	}
	chrome.click(".preview .does button")
	chrome.wait(`document.querySelector("#link.on")`)
	if got := m.Replays(); len(got) != 1 || got[0].Query.Suite != suiteA {
		t.Fatalf("the keeper was asked for %+v, want a replay of %s", got, suiteA)
	}
	chrome.do(chromedp.Evaluate[chromedp.Void](`globalThis.held = true`)) // which another page would not have
	for _, done := range []int{0, 700, 1400} {
		m.goOn(func(r *suite.Replay) { r.Done, r.Changed = done, done/100 })
		chrome.wait(fmt.Sprintf(`document.querySelector(".replay progress")?.value === %d && document.querySelector(".replay progress").max === 1820`, done))
		if got := eval[string](chrome, "document.querySelector('.replay').innerText"); !strings.Contains(got, fmt.Sprintf("%d changed", done/100)) {
			t.Errorf("with %d events looked at the page says %q, want that %d changed", done, got, done/100)
		}
	}
	m.goOn(func(r *suite.Replay) { r.Done, r.EndedAt = r.Total, time.Now() })
	chrome.wait(`document.querySelector(".replay .state.done") && !document.querySelector(".replay progress")`)
	if !eval[bool](chrome, "globalThis.held === true") {
		t.Error("the page was loaded again, want it to have changed by itself")
	}
}
