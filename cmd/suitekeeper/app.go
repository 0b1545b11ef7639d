package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.uber.org/zap"

	"suitekeeper/handler"
	"suitekeeper/handler/admin"
	"suitekeeper/store"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/sealed"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk"
)

// The names under which the parts log.
const (
	logKeeper   = "keeper"
	logCallback = "callback"
	logAdmin    = "admin"
	logConsole  = "console"
	logStore    = "store"
)

// dingtalkSources stands for the networks that DingTalk pushes from.
const dingtalkSources = "dingtalk"

// app is the receiver with all its parts. Serve, demo and tests share it.
type app struct {
	log    *zap.Logger
	disk   *boltstore.DB
	store  *sealed.Engine // seals what goes to disk; closing it closes disk
	keeper *suite.Keeper
	guards guards
	public *handler.Handler
	suites []servedSuite
	admin  http.Handler
	tls    *certificate // nil without TLS

	stopping chan struct{} // closed when the app is no longer ready
}

// openApp opens the store and wires the rooms. Its metrics hold those given. The
// caller closes the app.
func openApp(ctx context.Context, cfg Config, log *zap.Logger, metrics ...prometheus.Collector) (_ *app, err error) {
	a := &app{log: log, stopping: make(chan struct{})}
	if a.tls, err = newCertificate(cfg.TLS); err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(metrics...)
	if err := a.openStore(ctx, cfg, registry); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if err := a.guards.schedule(cfg, a.store, registry, a.log.Named(logStore)); err != nil {
		return nil, err
	}
	if err := a.openKeeper(ctx, cfg, registry); err != nil {
		return nil, err
	}
	if err := a.openHandlers(cfg, registry); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *app) openStore(ctx context.Context, cfg Config, reg prometheus.Registerer) error {
	onCommit, err := newCommitMetrics(reg)
	if err != nil {
		return err
	}
	if err := secureData(cfg.Data, a.log); err != nil {
		return explainStore(cfg.Data, err)
	}
	a.guards.damage = &damageWatch{log: a.log.Named(logStore)}
	a.guards.room = &roomWatch{log: a.log.Named(logStore)}
	a.disk, a.store, err = openDisk(ctx, cfg.Data,
		boltstore.Options{
			OnCommit: onCommit, CheckLater: true, Reserve: filepath.Join(cfg.Data, reserveFile), OnFull: a.guards.room.became,
		},
		sealed.KeyOptions{MasterKey: cfg.MasterKeyBytes(), OnDamaged: a.guards.damage.met})
	if err != nil {
		return err
	}
	a.guards.disk = a.disk
	if n := a.disk.Recovered(); n > 0 {
		a.log.Info("what the last process had committed to the journal was taken over", zap.Int("records", n))
	}
	err = store.Migrate(ctx, a.store, suite.Migrations(), func(m store.Migration) {
		a.log.Info("migrating the store", zap.Int("to_version", m.To), zap.String("step", m.Name))
	})
	if err != nil {
		return errors.Join(explainStore(cfg.Data, err), a.store.Close())
	}
	return nil
}

func (a *app) openKeeper(ctx context.Context, cfg Config, reg prometheus.Registerer) error {
	client, err := dingtalk.New(dingtalk.Options{OAPIURL: cfg.DingTalk.OAPIURL, APIURL: cfg.DingTalk.APIURL})
	if err != nil {
		return err
	}
	a.keeper, err = suite.New(suite.Options{
		Store: a.store, Platform: client, Suites: cfg.suites(), Logger: a.log.Named(logKeeper), Metrics: reg,
		Disk: diskOf(cfg.Data), Full: a.guards.room.Report, Backups: a.guards.backupReport(), Damage: a.guards.damage.Report,
		TicketStaleAfter: time.Duration(cfg.TicketStaleAfter),
		KeepEvents:       time.Duration(cfg.Retention.Events),
		KeepFingerprints: time.Duration(cfg.Retention.Fingerprints),
	})
	if err != nil {
		return err
	}
	a.guards.vault = newVault(a.store, a.keeper, cfg, a.log.Named(logStore))
	return explainStore(cfg.Data, a.keeper.Prepare(ctx))
}

func (a *app) openHandlers(cfg Config, reg *prometheus.Registry) error {
	var err error
	if a.suites, err = serveSuites(cfg.Suites, nil); err != nil {
		return err
	}
	a.public, err = handler.New(handler.Options{
		Suites: publicSuites(a.suites), Receiver: a.keeper, Logger: a.log.Named(logCallback), Registerer: reg, MaxBody: cfg.MaxBodyBytes,
		TrustedProxies: prefixes(cfg.TrustedProxies), AllowedSources: prefixes(cfg.AllowedSources),
	})
	if err != nil {
		return err
	}
	return a.openOperators(cfg, reg)
}

func storeInfo(disk *boltstore.DB) func() admin.StoreInfo {
	return func() admin.StoreInfo { return admin.StoreInfo{Engine: "bolt", SizeBytes: disk.Size()} }
}

// ready tells why pushes cannot be taken now, if so.
func (a *app) ready() error {
	select {
	case <-a.stopping:
		return errors.New("stopping")
	default:
		return cmp.Or(a.disk.Err(), a.guards.room.ready())
	}
}

// Close closes the store. It is to be called after Serve has returned.
func (a *app) Close() error {
	if err := a.store.Close(); err != nil {
		return fmt.Errorf("close the store: %w", err)
	}
	return nil
}

// suites are the suites of the configuration as a Keeper wants them.
func (c Config) suites() []suite.Suite {
	var list []suite.Suite
	for _, s := range c.Suites {
		list = append(list, suite.Suite{
			Key: suite.SuiteKey(s.Key), Name: s.Name, Secret: s.Secret, AppID: s.AppID,
			CallbackURL: callbackURL(c.PublicURL, s.Key), URLCheckReply: suite.URLCheckReply(s.URLCheckReply),
		})
	}
	return list
}

func callbackURL(publicURL, suiteKey string) string {
	if publicURL == "" {
		return ""
	}
	return strings.TrimSuffix(publicURL, "/") + "/callback/" + suiteKey
}

// prefixes turns networks of a checked configuration into what the handler wants.
func prefixes(networks []string) []netip.Prefix {
	var list []netip.Prefix
	for _, n := range networks {
		if n == dingtalkSources {
			list = append(list, handler.DingTalkSources()...)
		} else if p, err := parseNetwork(n); err == nil {
			list = append(list, p)
		}
	}
	return slices.Clip(list)
}
