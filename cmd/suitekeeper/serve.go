package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
)

func newServeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Receive callbacks until told to stop",
		Long: "Receive callbacks until told to stop. There are two listeners: one for DingTalk's callbacks, one for\n" +
			"operators (API and metrics). SIGTERM or Ctrl-C stops it: what is under way is answered first.\n" +
			"It ends with status 1 when the store cannot write any more, so that the supervisor starts it again.",
		Example: "  suitekeeper serve --config suitekeeper.yaml\n" +
			"  SUITEKEEPER_SUITE_KEY=… SUITEKEEPER_SUITE_SECRET_FILE=… SUITEKEEPER_SUITE_TOKEN=… SUITEKEEPER_SUITE_AES_KEY_FILE=… suitekeeper serve",
		Args: cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
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
		defer spareProcessor()()
		return serve(cmd.Context(), cfg, log, lines.lost)
	}
	return cmd
}

// serve runs the receiver until ctx ends. The listeners are opened before the
// store, so that an address in use is said at once. Its metrics hold those given.
func serve(ctx context.Context, cfg Config, log *zap.Logger, metrics ...prometheus.Collector) (err error) {
	if len(cfg.Suites) == 0 {
		return withHint(errors.New("no suite is configured, so there is nothing to receive"),
			"add one under suites: in the configuration file, or set "+suiteVariables)
	}
	callbacks, err := listen("listen", cfg.Listen)
	if err != nil {
		return err
	}
	defer callbacks.Close()
	operators, err := listen("admin.listen", cfg.Admin.Listen)
	if err != nil {
		return err
	}
	defer operators.Close()
	a, err := openApp(ctx, cfg, log, metrics...)
	if err != nil {
		return err
	}
	log.Info("serving", zap.Stringer("callbacks", callbacks.Addr()), zap.Stringer("operators", operators.Addr()),
		zap.String("data", cfg.Data), zap.Int("suites", len(cfg.Suites)), zap.String("version", currentBuild().Version))
	err = errors.Join(a.Serve(ctx, callbacks, operators), a.Close())
	switch {
	case err == nil:
		log.Info("stopped")
	case errors.Is(err, boltstore.ErrDamaged):
		err = explainStore(cfg.Data, err)
	case errors.Is(err, store.ErrFailed):
		err = withHint(err, "see whether the disk is full or broken (df, dmesg); nothing acknowledged is lost, "+
			"DingTalk pushes the rest again, and the next start checks the file first")
	}
	return err
}

func listen(key, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, withHint(fmt.Errorf("%s: %w", key, err), "another program may use the address; choose another with --%s", flagOf(key))
	}
	return l, nil
}

// flagOf is the flag that sets a key of the configuration.
func flagOf(key string) string {
	for _, k := range flagKeys {
		if k.key == key {
			return k.flag
		}
	}
	return key
}
