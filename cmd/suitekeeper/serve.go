package main

import (
	"context"
	"errors"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
	"suitekeeper/suite"
)

func newServeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Receive callbacks until told to stop",
		Long: "Receive callbacks until told to stop. There are two listeners: one for DingTalk's callbacks, one for\n" +
			"operators (API, console, metrics). Their tokens have a role: viewer looks, operator also acts; app is for your own\n" +
			"programs, and there is nothing yet that it may do. SIGTERM or Ctrl-C stops it: what is under way is answered first.\n" +
			"SIGHUP has it load the configuration anew: suites that came, went or changed, and the TLS certificate,\n" +
			"without a push failing. A configuration with mistakes changes nothing; the log says which they are.\n" +
			"Sockets that systemd opened are used in place of listen and admin.listen.\n" +
			"It ends with status 1 when the store cannot write any more, so that the supervisor starts it again.",
		Example: "  suitekeeper serve --config suitekeeper.yaml\n" +
			"  SUITEKEEPER_SUITE_KEY=… SUITEKEEPER_SUITE_SECRET_FILE=… SUITEKEEPER_SUITE_TOKEN=… SUITEKEEPER_SUITE_AES_KEY_FILE=… suitekeeper serve",
		Args: cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		hangUps := make(chan os.Signal, 1) // another one before the first is seen says nothing new
		signal.Notify(hangUps, syscall.SIGHUP)
		defer signal.Stop(hangUps)
		cfg, warnings, err := flags.load()
		if err != nil {
			return err
		}
		log, lines := newQueuedLogger(cfg.Log, cmd.ErrOrStderr())
		go lines.Run()
		defer lines.Close()
		for _, w := range warnings {
			log.Warn("configuration: " + w.String())
		}
		defer spareProcessors()()
		s := server{cfg: cfg, load: flags.load, reloads: hangUps, log: log, metrics: []prometheus.Collector{lines.lost}}
		return s.run(cmd.Context())
	}
	return cmd
}

// server is a receiver as a service: with listeners, reloads and a supervisor.
type server struct {
	cfg     Config
	load    func() (Config, []Finding, error) // the configuration anew
	reloads <-chan os.Signal
	log     *zap.Logger
	metrics []prometheus.Collector // shown with its own
}

// run receives until ctx ends. The listeners are opened before the store, so
// that an address in use is said at once, and what connects meanwhile waits.
func (s server) run(ctx context.Context) error {
	if err := checkServable(s.cfg); err != nil {
		return err
	}
	callbacks, operators, err := openListeners(s.cfg, s.log)
	if err != nil {
		return err
	}
	defer callbacks.Close()
	defer operators.Close()
	a, err := openApp(ctx, s.cfg, s.log, s.metrics...)
	if err != nil {
		return err
	}
	s.log.Info("serving", zap.Stringer("callbacks", callbacks.Addr()), zap.Stringer("operators", operators.Addr()),
		zap.String("data", s.cfg.Data), zap.Int("suites", len(s.cfg.Suites)), zap.String("version", currentBuild().Version))
	err = errors.Join(s.serve(ctx, a, callbacks, operators), a.Close())
	switch {
	case err == nil:
		s.log.Info("stopped")
	case errors.Is(err, boltstore.ErrDamaged), errors.Is(err, syscall.EROFS):
		err = explainStore(s.cfg.Data, err)
	case errors.Is(err, store.ErrFailed):
		err = withHint(err, suite.Text{
			EN: "see whether the disk of %s is broken (dmesg); nothing acknowledged is lost, DingTalk pushes the rest again, and the next start checks the file first",
			ZH: "请用 dmesg 检查 %s 所在磁盘是否损坏；已应答的事件不会丢失，其余的钉钉会重新推送，下次启动时会先检查数据文件",
		}, shellWord(s.cfg.Data))
	}
	return err
}

func checkServable(cfg Config) error {
	if len(cfg.Suites) == 0 {
		return withHint(errorf(suite.Text{EN: "no suite is configured, so there is nothing to receive", ZH: "没有配置任何套件，无从接收推送"}),
			suite.Text{EN: "add one under suites: in the configuration file, or set %s", ZH: "请在配置文件的 suites: 下添加套件，或设置 %s"}, suiteVariables)
	}
	return nil
}

// serve has the app serve, takes up changes of the configuration, and tells the
// supervisor and the log how things stand.
func (s server) serve(ctx context.Context, a *app, callbacks, operators net.Listener) error {
	boss := supervisor{s.log}
	r := &reloader{load: s.load, app: a, log: s.log, now: s.cfg}
	running, ended := context.WithCancel(context.WithoutCancel(ctx))
	defer ended()
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return a.Serve(gctx, callbacks, operators) })
	g.Go(func() error { return a.feedWatchdog(running, boss) })
	g.Go(func() error {
		a.logAlerts(running)
		return nil
	})
	g.Go(func() error {
		defer ended()
		boss.ready(s.cfg)
		for {
			select {
			case <-s.reloads:
				boss.reloading()
				r.reload(running)
				boss.ready(r.now)
			case <-a.stopping:
				boss.stopping()
				return nil
			}
		}
	})
	return g.Wait()
}
