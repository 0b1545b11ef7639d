package suite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"suitekeeper/store"
)

// Suite is the configuration of one suite.
type Suite struct {
	Key           SuiteKey
	Name          string // for people; may be empty
	Secret        Secret
	AppID         int64  // for get_unactive_corp and reauth_corp; zero: burnt codes need a person
	CallbackURL   string // how DingTalk reaches the suite; shown to operators
	URLCheckReply URLCheckReply
}

// URLCheckReply is what a URL check is answered with.
type URLCheckReply string

// The two answers to a URL check.
const (
	ReplySuccess URLCheckReply = "success" // today's consoles; the default
	ReplyRandom  URLCheckReply = "random"  // the oldest consoles want their Random back
)

// Options are what a Keeper needs. Zero values mean the defaults named.
type Options struct {
	Store    store.Engine // required; the caller closes it, after Run has returned
	Platform Platform     // required
	Suites   []Suite
	Logger   *zap.Logger           // default: none
	Metrics  prometheus.Registerer // default: none

	TicketStaleAfter time.Duration // default 6h
	KeepEvents       time.Duration // default 720h
	KeepFingerprints time.Duration // default 1080h; at least KeepEvents
	Workers          int           // pieces of work done at once; default 64

	// Disk tells how much room there is where the store lies. It answers at
	// once and is safe for concurrent use. Nil: not known.
	Disk func() (free, total uint64, err error)

	// Full tells whether the store finds no room there. It answers at once and
	// is safe for concurrent use. Nil: not known.
	Full func() FullReport

	// Backups tells how the scheduled backups stand, and Damage what was found
	// damaged in the store. Both answer at once and are safe for concurrent
	// use. Nil: there are none, or it is not known.
	Backups func() BackupReport
	Damage  func() DamageReport
}

// Keeper keeps the tickets and authorisations of the configured suites. It is
// safe for concurrent use.
type Keeper struct {
	store    store.Engine
	platform Platform
	log      *zap.Logger

	configured atomic.Pointer[roster]
	changing   sync.Mutex // held while configured is changed

	ids        idSource // of events
	auditIDs   idSource
	changeIDs  idSource
	schedule   *schedule
	failing    *failingWork
	asked      chan struct{} // by Alive
	tokens     *tokenKeeper
	calls      *callLog // made for authorisations
	metrics    *metrics
	tally      *tally
	clock      *clockWatch
	rejections *rejections
	refusals   *refusals
	passes     passes
	late       latePushes
	arrivals   *arrivals
	indexing   *semaphore.Weighted // one at a time reads stored events and changes their indexes after that
	sketches   *sketchMemory
	activity   *activity
	replays    *replays
	answers    *answers
	disk       diskWatch
	full       func() FullReport
	backups    func() BackupReport // nil: none are scheduled
	damage     func() DamageReport // nil: not known

	startedAt        time.Time
	ticketStaleAfter time.Duration
	keepEvents       time.Duration
	keepFingerprints time.Duration
	workers          int
}

// New makes a Keeper over a store whose schema is current (see Migrations).
func New(o Options) (*Keeper, error) {
	if err := o.setDefaults(); err != nil {
		return nil, err
	}
	k := &Keeper{
		store: o.Store, platform: o.Platform, log: o.Logger,
		schedule: newSchedule(), failing: newFailingWork(), asked: make(chan struct{}), tally: newTally(), clock: newClockWatch(), rejections: newRejections(),
		refusals: newRefusals(), passes: passes{last: map[SuiteKey]pass{}},
		arrivals: &arrivals{}, indexing: semaphore.NewWeighted(1), calls: newCallLog(), sketches: newSketchMemory(),
		activity: newActivity(), replays: newReplays(), answers: newAnswers(), disk: diskWatch{space: o.Disk, log: o.Logger},
		full: o.Full, backups: o.Backups, damage: o.Damage,
		startedAt: time.Now().UTC(), ticketStaleAfter: o.TicketStaleAfter,
		keepEvents: o.KeepEvents, keepFingerprints: o.KeepFingerprints, workers: o.Workers,
	}
	suites, err := newRoster(o.Suites)
	if err != nil {
		return nil, err
	}
	k.configured.Store(suites)
	k.tokens = newTokenKeeper(k.store, k.platform, k.suite)
	if k.metrics, err = newMetrics(k, o.Metrics); err != nil {
		return nil, err
	}
	return k, nil
}

func (o *Options) setDefaults() error {
	if o.Store == nil || o.Platform == nil {
		return errors.New("suite: Store and Platform are required")
	}
	if o.Logger == nil {
		o.Logger = zap.NewNop()
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	if o.Full == nil {
		o.Full = func() FullReport { return FullReport{} }
	}
	setDefault(&o.TicketStaleAfter, 6*time.Hour)
	setDefault(&o.KeepEvents, 720*time.Hour)
	setDefault(&o.KeepFingerprints, max(1080*time.Hour, o.KeepEvents))
	setDefault(&o.Workers, 64)
	if o.KeepFingerprints < o.KeepEvents {
		return errors.New("suite: fingerprints must be kept at least as long as events, or a repeat of a kept event would be taken for new")
	}
	return nil
}

func setDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// roster are the suites that are configured now.
func (k *Keeper) roster() *roster { return k.configured.Load() }

// suite returns a suite, if it is configured now.
func (k *Keeper) suite(key SuiteKey) (Suite, bool) {
	s, ok := k.roster().suites[key]
	return s, ok
}

// Prepare reads from the store what work was left and what there is to count.
// It is to be called once, before the first Receive and before Run.
func (k *Keeper) Prepare(ctx context.Context) error {
	if err := k.tally.load(ctx, k.store); err != nil {
		return fmt.Errorf("count the stored events: %w", err)
	}
	if err := load(ctx, k.store, events, &k.ids); err != nil {
		return fmt.Errorf("find the newest event: %w", err)
	}
	if err := load(ctx, k.store, audits, &k.auditIDs); err != nil {
		return fmt.Errorf("find the newest entry of the audit log: %w", err)
	}
	if err := load(ctx, k.store, changes, &k.changeIDs); err != nil {
		return fmt.Errorf("find the newest change of an authorisation: %w", err)
	}
	if err := k.loadWork(ctx); err != nil {
		return fmt.Errorf("read the work that was left: %w", err)
	}
	if err := k.answers.load(ctx, k.store, append([]SuiteKey{""}, k.roster().order...)); err != nil {
		return fmt.Errorf("read the counts of wrong answers: %w", err)
	}
	return nil
}

// Run does the work that the pushes cause, until ctx ends. It returns when
// everything that it started has ended; an exchange under way is given the
// time to write its permanent code down.
func (k *Keeper) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return k.work(ctx) })
	g.Go(func() error { return k.prune(ctx) })
	g.Go(func() error { return k.replay(ctx) })
	g.Go(func() error { return k.index(ctx) })
	g.Go(func() error { return k.keepAnswers(ctx) })
	g.Go(func() error { return k.disk.run(ctx) })
	return g.Wait()
}

// Save writes down what is only counted in memory. It is to be called once Run
// and the last Receive have returned. Without it the next start reads more
// events, and knows nothing of the wrong answers of the last minute.
func (k *Keeper) Save(ctx context.Context) error {
	// Pushes that were given up may still be committed, but none after this.
	err := k.store.Update(ctx, func(store.Writer) error { return nil })
	if err == nil {
		err = k.followLate(ctx, time.Now())
	}
	if err == nil {
		err = k.tally.save(ctx, k.store, k.ids.newest().after())
	}
	if err == nil {
		err = k.answers.save(ctx, k.store)
	}
	if err != nil {
		return fmt.Errorf("save the counts: %w", err)
	}
	return nil
}
