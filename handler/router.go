package handler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"suitekeeper/crypto"
	"suitekeeper/suite"
)

const (
	defaultMaxBody = 1 << 20
	defaultBudget  = 900 * time.Millisecond
)

// Receiver takes what was pushed. Implementations are safe for concurrent use.
type Receiver interface {
	// Receive makes a push durable. It returns when ctx ends at the latest.
	// An error that wraps suite.ErrNotJSON rejects the push; any other says
	// that it may not be stored and has to come again.
	Receive(ctx context.Context, p suite.Push) (suite.Receipt, error)
	// Reject takes note of a push that was refused, for operators. It is
	// called before the answer is sent and must be quick.
	Reject(r suite.Rejection)
	// Overloaded takes note that so many pushes for a suite, or for none that
	// is known (""), were refused since more came at once than are taken. It
	// is called after they were answered, about once a second.
	Overloaded(suite suite.SuiteKey, pushes int)
}

// Suite is a suite whose pushes are taken.
type Suite struct {
	Key   suite.SuiteKey
	Codec *crypto.Codec
}

// Options are what the listener needs. Suites and Receiver are required.
type Options struct {
	Suites   []Suite
	Receiver Receiver

	Logger     *zap.Logger           // nil: no log
	Registerer prometheus.Registerer // nil: metrics are not registered

	MaxBody int64         // largest body in bytes; 0: 1 MiB
	Budget  time.Duration // from arrival to the answer; 0: 900 ms, at most 5 s

	TrustedProxies []netip.Prefix // whose X-Forwarded-For counts; empty: nobody's
	AllowedSources []netip.Prefix // who may push; empty: anybody
}

// Handler answers what comes to the public listener. It is safe for concurrent
// use.
type Handler struct {
	http.Handler
	callback *callback
}

// New returns the handler of the public listener. Its errors name the option at
// fault, or are the registerer's. It switches gin to release mode, which is a
// setting of the whole process.
func New(o Options) (*Handler, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	m, err := newMetrics(o.Registerer)
	if err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	cb := newCallback(o, m)

	engine, err := NewEngine(o.Logger, func(w gin.ResponseWriter) { answer(w, errPanicked) })
	if err != nil {
		return nil, err
	}
	engine.UseRawPath = true // an escaped slash is no slash
	engine.Use(answerErrors)
	engine.NoRoute(cb.refuse(errNoRoute))
	engine.NoMethod(cb.refuse(errMethod))
	engine.GET("/healthz", health)
	engine.HEAD("/healthz", health) // load balancers ask so; net/http leaves the body out
	engine.POST("/callback", cb.serve)
	engine.POST("/callback/:suite_key", cb.serve)
	return &Handler{engine, cb}, nil
}

// SetSuites serves other suites, from the next push on. Where a suite that was
// served has another Codec now, what the former one opens is taken for another
// FormerKeysFor, and answered with its keys. An error names the suite at fault,
// and nothing has changed. SetSuites is not to be called twice at once.
func (h *Handler) SetSuites(suites []Suite) error {
	if err := checkSuites(suites); err != nil {
		return err
	}
	c := h.callback
	c.suites.Store(newEndpoints(suites, c.suites.Load(), time.Now(), c.metrics))
	return nil
}

// complete puts the defaults in and refuses what cannot work.
func (o *Options) complete() error {
	if o.Receiver == nil {
		return errors.New("no receiver given")
	}
	if err := checkSuites(o.Suites); err != nil {
		return err
	}
	for _, p := range append(append([]netip.Prefix{}, o.TrustedProxies...), o.AllowedSources...) {
		if !p.IsValid() {
			return errors.New("invalid prefix among trusted proxies or allowed sources")
		}
	}
	if o.MaxBody == 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.Budget == 0 {
		o.Budget = defaultBudget
	}
	if o.MaxBody < 1 || o.Budget < 0 || o.Budget > maxBudget {
		return fmt.Errorf("limit of %d bytes and budget of %v: want at least 1 byte, and a budget up to %v", o.MaxBody, o.Budget, maxBudget)
	}
	if o.Logger == nil {
		o.Logger = zap.NewNop()
	}
	return nil
}

func checkSuites(suites []Suite) error {
	if len(suites) == 0 {
		return errors.New("no suites given")
	}
	seen := make(map[suite.SuiteKey]bool, len(suites))
	for _, s := range suites {
		switch {
		case s.Key == "" || s.Codec == nil:
			return fmt.Errorf("suite %q has no key or no codec", s.Key)
		case seen[s.Key]:
			return fmt.Errorf("suite %q is given twice", s.Key)
		}
		seen[s.Key] = true
	}
	return nil
}
