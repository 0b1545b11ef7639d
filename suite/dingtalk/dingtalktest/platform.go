package dingtalktest

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Options say how a Platform behaves. The zero value behaves like DingTalk
// with an API that answers at once.
type Options struct {
	Latency     time.Duration // of every API answer: half before the call takes effect, half after
	TokenTTL    time.Duration // life of suite and corp tokens; 7200 s
	CodeTTL     time.Duration // life of a tmp_auth_code; 10 minutes (DingTalk publishes none)
	TicketGrace time.Duration // how long the last ticket that was pushed still works once there is another; not at all
	Limits      map[Endpoint]Limit
	KeepLast    int    // records of pushes and of calls that are kept, at least; 10000
	Seed        uint64 // of codes, tokens and tickets; 0 means a random one

	// Scale multiplies the pusher's waits, which are the five that follow:
	// with 0.01 an event is tried again after 100 ms and 300 ms. 0 means 1.
	Scale       float64
	Retries     []time.Duration // waits before an event is tried again; 10 s and 30 s
	TicketRetry time.Duration   // wait before a ticket is tried again; 10 s (DingTalk publishes none)
	GiveUpRetry time.Duration   // the same after GiveUpTicket, which somebody may wait for; TicketRetry
	TicketEvery time.Duration   // time between tickets (DingTalk's is 5 hours); 0 means that only PushTicket makes them
	FailedDelay time.Duration   // from an event's last try until it is in the failed list; 3 minutes

	// HTTPClient pushes. Redirects are not followed and time is bounded
	// whatever it says. Its idle connections are the caller's to close. Nil
	// means one of the Platform's own, without a proxy.
	HTTPClient *http.Client

	// OnHappening is told what happens, for a log. It is called from several
	// goroutines at once, with nothing locked.
	OnHappening func(Happening)
}

// Limit bounds how often a suite may make a call: Calls in any span of Per.
// More are refused with 88 and a sub_code.
type Limit struct {
	Calls int
	Per   time.Duration
}

// Platform is the stand-in. It is safe for concurrent use.
type Platform struct {
	o         Options
	client    *http.Client
	ownClient bool
	router    http.Handler
	running   atomic.Bool
	wake      chan struct{} // tells Run that the queue changed

	mu      sync.Mutex
	changed chan struct{} // closed and replaced whenever anything changes
	told    []Happening   // to be told once mu is free
	ids     *ids
	suites  map[string]*suiteState
	order   []*suiteState
	tokens  map[string]token
	faults  map[Endpoint][]Fault
	made    map[limited][]time.Time // calls that count towards a Limit
	queue   deliveries
	started int // attempts under way
	lastID  int64
	lastRow int64
	pushes  record[Push]
	calls   record[Call]
	counts  Counts
}

// New returns a Platform without suites. It starts nothing.
func New(o Options) *Platform {
	o = o.withDefaults()
	p := &Platform{
		o:         o,
		client:    pushClient(o.HTTPClient),
		ownClient: o.HTTPClient == nil,
		wake:      make(chan struct{}, 1),
		changed:   make(chan struct{}),
		ids:       newIDs(o.Seed),
		suites:    make(map[string]*suiteState),
		tokens:    make(map[string]token),
		faults:    make(map[Endpoint][]Fault),
		made:      make(map[limited][]time.Time),
		pushes:    record[Push]{keep: o.KeepLast},
		calls:     record[Call]{keep: o.KeepLast},
	}
	p.router = p.routes()
	return p
}

// ServeHTTP serves the API of both of DingTalk's hosts and the console.
func (p *Platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.router.ServeHTTP(w, r)
}

// Wait returns nil as soon as cond holds, or ctx's error. It asks cond again
// after every change, with nothing locked, so cond may ask p whatever it likes.
func (p *Platform) Wait(ctx context.Context, cond func() bool) error {
	for {
		p.mu.Lock()
		changed := p.changed // taken before cond looks, so that no change is missed
		p.mu.Unlock()
		if cond() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// change runs fn under the lock, wakes whoever waits for a change, and tells
// what fn had to tell.
func (p *Platform) change(fn func()) {
	p.mu.Lock()
	fn()
	close(p.changed)
	p.changed = make(chan struct{})
	told := p.told
	p.told = nil
	p.mu.Unlock()
	if p.o.OnHappening == nil {
		return
	}
	for _, h := range told {
		p.o.OnHappening(h)
	}
}

func (o Options) withDefaults() Options {
	o.TokenTTL = positive(o.TokenTTL, 7200*time.Second)
	o.CodeTTL = positive(o.CodeTTL, 10*time.Minute)
	o.TicketRetry = positive(o.TicketRetry, 10*time.Second)
	o.GiveUpRetry = positive(o.GiveUpRetry, o.TicketRetry)
	o.FailedDelay = positive(o.FailedDelay, 3*time.Minute)
	o.KeepLast = positive(o.KeepLast, 10_000)
	o.Scale = positive(o.Scale, 1)
	if o.Retries == nil {
		o.Retries = []time.Duration{10 * time.Second, 30 * time.Second}
	}
	return o
}

// wait is one of the pusher's waits, scaled.
func (p *Platform) wait(d time.Duration) time.Duration {
	return time.Duration(float64(d) * p.o.Scale)
}

func positive[T int | float64 | time.Duration](v, otherwise T) T {
	if v > 0 {
		return v
	}
	return otherwise
}
