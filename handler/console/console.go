package console

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"
	"go.uber.org/zap"

	"suitekeeper/handler"
	"suitekeeper/handler/admin"
)

// root is where the console is mounted.
const root = "/console/"

// Options are what the console needs. Keeper, Tokens, Sessions, Store and
// Throttle are required.
type Options struct {
	Keeper   Keeper
	Tokens   []admin.Token          // of the people; those of the role app may not sign in
	Sessions scs.Store              // durable, or a restart signs everybody out
	Store    func() admin.StoreInfo // called by many goroutines at once
	Throttle *admin.Throttle        // the one of the listener

	Secure           bool            // the listener speaks TLS
	Stopping         <-chan struct{} // closed when the server stops: it ends the streams. nil: never
	TicketStaleAfter time.Duration   // from which age the alert tells of a ticket; default 6h
	DeveloperConsole string          // where DingTalk's developer console is, with {suite_key} where the suite belongs; default the real one
	Zone             *time.Location  // in which times are shown; default the server's
	Version          string          // of the program
	Logger           *zap.Logger     // default: none
}

// console is what the handlers share.
type console struct {
	Options
	sessions *sessions
	assets   *assets
	locales  *locales
	pages    *pages
	streams  *streams
	origin   http.CrossOriginProtection
}

// Console is the handler of everything under /console/, and knows who is signed
// in to it. It is safe for concurrent use.
type Console struct {
	pages    http.Handler
	sessions *sessions
}

// New returns a Console. Its errors name the option at fault and hold no
// secrets. It switches gin to release mode, which is a setting of the whole
// process.
func New(o Options) (*Console, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	o.Tokens = slices.Clone(o.Tokens)
	c := &console{
		Options: o, sessions: newSessions(o.Sessions, o.Tokens, o.Secure), streams: newStreams(),
	}
	var err error
	if c.assets, err = loadAssets(staticFiles); err != nil {
		return nil, err
	}
	if c.locales, err = loadLocales(localeFiles); err != nil {
		return nil, err
	}
	if c.pages, err = c.loadPages(); err != nil {
		return nil, err
	}
	engine, err := handler.NewEngine(o.Logger, c.panicked)
	if err != nil {
		return nil, err
	}
	engine.UseRawPath = true // suites and corps may be called anything
	c.register(engine)
	return &Console{engine, c.sessions}, nil
}

// ServeHTTP serves a page.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.pages.ServeHTTP(w, r) }

// complete puts the defaults in and refuses what cannot work.
func (o *Options) complete() error {
	if o.Keeper == nil || len(o.Tokens) == 0 || o.Sessions == nil || o.Store == nil || o.Throttle == nil {
		return errors.New("console: Keeper, Tokens, Sessions, Store and Throttle are required")
	}
	if o.Logger == nil {
		o.Logger = zap.NewNop()
	}
	if o.TicketStaleAfter == 0 {
		o.TicketStaleAfter = 6 * time.Hour
	}
	if o.DeveloperConsole == "" {
		o.DeveloperConsole = "https://open-dev.dingtalk.com"
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	return nil
}

// register is the one list of what can be asked for, and by whom.
func (c *console) register(e *gin.Engine) {
	e.Use(c.protect)
	e.NoRoute(c.page(viewers, c.unknown))
	e.NoMethod(c.page(viewers, c.wrongMethod))
	get := func(path string, h gin.HandlerFunc) {
		e.GET(path, h)
		e.HEAD(path, h) // net/http leaves the body out
	}
	act := func(path string, h gin.HandlerFunc) {
		e.POST(path, h)
		get(path, toParent) // as a browser does that loads the page again
	}
	get("/console", toRoot)
	get(root, c.page(viewers, c.overview))
	get(root+"authorizations", c.page(viewers, c.authorizations))
	get(root+"authorizations/:suite/:corp", c.page(viewers, c.corp))
	act(root+"authorizations/:suite/:corp/retry", c.action(operators, c.retry))
	act(root+"authorizations/:suite/:corp/reveal", c.action(operators, c.revealCode))
	get(root+"events", c.page(viewers, c.events))
	get(root+"events/:id", c.page(viewers, c.event))
	act(root+"events/:id/repush", c.action(operators, c.repushEvent))
	act(root+"events/:id/reveal", c.action(operators, c.revealEvent))
	get(root+"rejections", c.page(viewers, c.rejections))
	get(root+"repush", c.page(viewers, c.repush))
	e.POST(root+"repush", c.action(operators, c.startRepush))
	get(root+"audit", c.page(operators, c.audit))
	get(root+"static/:file", c.asset)
	get(root+"sign-in", c.page(anybody, c.signInForm))
	e.POST(root+"sign-in", c.action(anybody, c.signIn))
	e.POST(root+"sign-out", c.action(anybody, c.signOut))
	e.POST(root+"language", c.action(anybody, c.chooseLanguage))
}
