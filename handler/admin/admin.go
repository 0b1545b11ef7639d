package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"suitekeeper/handler"
	"suitekeeper/suite"
)

// StoreInfo is what operators see of the store.
type StoreInfo struct {
	Engine    string // its name, as bolt
	SizeBytes int64  // on disk
}

// Options are what the admin API needs. Keeper, Tokens and Store are required.
// The functions are called by many goroutines at once.
type Options struct {
	Keeper Keeper
	Tokens []Token
	Store  func() StoreInfo

	Backups Backups // nil: none can be taken here
	DataKey DataKey // nil: it cannot be rotated here

	Sessions Sessions        // of the console; nil: tokens alone open anything
	Throttle *Throttle       // of wrong tokens; nil: its own. To be shared with whatever else takes tokens on the listener
	Stopping <-chan struct{} // closed when the server stops, so that nobody waits for events any longer; nil: never

	Ready   func() error        // why pushes cannot be taken now, for anybody to read; nil: they always can
	Metrics prometheus.Gatherer // nil: no metrics
	Version string              // of the program
	Logger  *zap.Logger         // nil: no log
}

// api is what the handlers of the calls share.
type api struct {
	Options
	gate     *gate
	huma     huma.API
	document json.RawMessage // set once all calls are registered
}

// New returns the handler of the admin listener, safe for concurrent use. Its
// errors name the option at fault and hold no secrets. It switches gin to
// release mode, which is a setting of the whole process.
func New(o Options) (http.Handler, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	gate, err := newGate(o)
	if err != nil {
		return nil, err
	}
	a := &api{Options: o, gate: gate}
	engine, err := a.newEngine()
	if err != nil {
		return nil, err
	}
	a.huma = humagin.New(engine, humaConfig(o))
	a.register()
	for _, r := range engine.Routes() {
		if r.Method == http.MethodGet { // net/http leaves the body out
			engine.HEAD(r.Path, r.HandlerFunc)
		}
	}
	if a.document, err = json.Marshal(a.huma.OpenAPI()); err != nil {
		return nil, fmt.Errorf("describe the API: %w", err)
	}
	return engine, nil
}

// complete puts the defaults in and refuses what cannot work.
func (o *Options) complete() error {
	if o.Keeper == nil || o.Store == nil {
		return errors.New("admin: Keeper and Store are required")
	}
	if o.Ready == nil {
		o.Ready = func() error { return nil }
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.Gatherers{}
	}
	if o.Logger == nil {
		o.Logger = zap.NewNop()
	}
	if o.Sessions == nil {
		o.Sessions = noSessions{}
	}
	if o.Throttle == nil {
		o.Throttle = NewThrottle()
	}
	return nil
}

// newEngine returns a router that so far knows only how to refuse.
func (a *api) newEngine() (*gin.Engine, error) {
	engine, err := handler.NewEngine(a.Logger, func(w gin.ResponseWriter) { writeProblem(w, problemInternal()) })
	if err != nil {
		return nil, err
	}
	engine.UseRawPath = true // an escaped slash is no slash
	engine.Use(protect, a.sameOrigin)
	engine.NoRoute(a.unknown(noPath()))
	engine.NoMethod(a.unknown(newProblem(suite.ProblemMethod, suite.Values{})))
	return engine, nil
}
