package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"suitekeeper/handler"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// demoOptions are the flags of demo.
type demoOptions struct {
	listen, adminListen string
	data                string
	corps               int
	rate                float64
}

// The addresses of a demo. Where one is taken and was not asked for, a free
// port serves as well.
const (
	demoListen      = "127.0.0.1:8080"
	demoAdminListen = "127.0.0.1:8081"
	demoDingTalk    = "127.0.0.1:8082"
)

func newDemoCommand() *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run everything on loopback, with a stand-in for DingTalk",
		Long: "Run everything on loopback with no set-up: the receiver on a fresh data folder and, beside it, a stand-in\n" +
			"for DingTalk that makes a suite, checks the URL, pushes tickets, authorises corps, changes and withdraws\n" +
			"authorisations, and fails now and then. What happens is printed line by line. Ctrl-C ends it.\n\n" +
			"The stand-in's waits are a tenth of DingTalk's: a failed push comes again after 1 s and 3 s.",
		Example: "  suitekeeper demo\n  suitekeeper demo --corps 50 --rate 20 --data ./demo-data",
		Args:    cobra.NoArgs,
	}
	cmd.Flags().StringVar(&o.listen, "listen", "", "address for callbacks (default "+demoListen+", or a free port)")
	cmd.Flags().StringVar(&o.adminListen, "admin-listen", "", "address for operators (default "+demoAdminListen+", or a free port)")
	cmd.Flags().StringVar(&o.data, "data", "", "data folder that is kept (default a temporary one)")
	cmd.Flags().IntVar(&o.corps, "corps", 3, "corps that authorise the suite at the start, 1 to 10000")
	cmd.Flags().Float64Var(&o.rate, "rate", 0.5, "events a second after that, 0 to 1000; 0 for none")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if o.corps < 1 || o.corps > 10000 {
			return usagef("--corps must be from 1 to 10000")
		}
		if o.rate < 0 || o.rate > 1000 {
			return usagef("--rate must be from 0 to 1000")
		}
		return runDemo(cmd.Context(), o, newNarrator(cmd.OutOrStdout()))
	}
	return cmd
}

// demo is a running demonstration.
type demo struct {
	demoOptions
	say      *narrator
	platform *dingtalktest.Platform
	suite    dingtalktest.Suite
}

func runDemo(ctx context.Context, o demoOptions, say *narrator) error {
	if o.data == "" {
		dir, err := os.MkdirTemp("", "suitekeeper-demo-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.data = dir
	}
	callbacks, err := demoListener("listen", o.listen, demoListen)
	if err != nil {
		return err
	}
	defer callbacks.Close()
	operators, err := demoListener("admin.listen", o.adminListen, demoAdminListen)
	if err != nil {
		return err
	}
	defer operators.Close()
	dingtalk, err := demoListener("", "", demoDingTalk)
	if err != nil {
		return err
	}
	defer dingtalk.Close()

	d := &demo{demoOptions: o, say: say}
	if err := d.makeSuite("http://" + callbacks.Addr().String()); err != nil {
		return err
	}
	cfg, err := d.config("http://"+dingtalk.Addr().String(), "http://"+callbacks.Addr().String())
	if err != nil {
		return err
	}
	a, err := openApp(ctx, cfg, say.logger())
	if err != nil {
		return err
	}
	d.introduce(callbacks, operators, dingtalk)
	err = d.run(ctx, a, callbacks, operators, dingtalk)
	say.line("demo", "stopped", true)
	return errors.Join(err, a.Close())
}

// run keeps receiver, stand-in and story going until ctx ends or one fails.
func (d *demo) run(ctx context.Context, a *app, callbacks, operators, dingtalk net.Listener) error {
	standIn := handler.NewServer(d.platform, a.log)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return a.Serve(ctx, callbacks, operators) })
	g.Go(func() error { return d.platform.Run(ctx) })
	g.Go(func() error {
		if err := standIn.Serve(dingtalk); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		return shutdown(stop, standIn)
	})
	g.Go(func() error {
		if err := d.story(ctx); ctx.Err() == nil {
			return err
		}
		return nil
	})
	return g.Wait()
}

// makeSuite makes the stand-in with one suite, whose keys are new each time.
func (d *demo) makeSuite(receiver string) error {
	d.platform = dingtalktest.New(dingtalktest.Options{
		Scale: 0.1, TicketEvery: 5 * time.Hour, Latency: 50 * time.Millisecond, OnHappening: d.say.happening,
	})
	d.suite = dingtalktest.Suite{
		Key: "suitedemo" + lowerText(10), Secret: rand.Text() + rand.Text(), Token: "t" + rand.Text(),
		EncodingAESKey: (rand.Text() + rand.Text())[:43], Name: "demo",
		Apps: []dingtalktest.App{{ID: 10001, Name: "星图考勤"}},
	}
	d.suite.CallbackURL = receiver + "/callback/" + d.suite.Key
	return d.platform.AddSuite(d.suite)
}

func (d *demo) config(dingtalk, public string) (Config, error) {
	cfg, _, err := LoadConfig(LoadOptions{Flags: map[string]string{"data": d.data}})
	if err != nil {
		return Config{}, err
	}
	cfg.DingTalk = DingTalkConfig{OAPIURL: dingtalk, APIURL: dingtalk}
	cfg.PublicURL = public
	cfg.Suites = []SuiteConfig{{
		Key: d.suite.Key, Name: d.suite.Name, Secret: suite.Secret(d.suite.Secret), Token: suite.Secret(d.suite.Token),
		AESKey: suite.Secret(d.suite.EncodingAESKey), AppID: d.suite.Apps[0].ID, URLCheckReply: string(suite.ReplySuccess),
	}}
	return cfg, nil
}

func (d *demo) introduce(callbacks, operators, dingtalk net.Listener) {
	d.say.text("suitekeeper demo: the receiver and a stand-in for DingTalk, all on this machine\n")
	d.say.text("  callbacks          http://%s/callback/%s", callbacks.Addr(), d.suite.Key)
	d.say.text("  operators' API     http://%s  (token: %s)", operators.Addr(), filepath.Join(d.data, adminTokenFile))
	d.say.text("  DingTalk stand-in  http://%s/console/  (developer console, with its re-push button)", dingtalk.Addr())
	_, err := os.Stat(sourceDir)
	d.say.text("\nIn another terminal:  %s status --admin http://%s --token-file %s",
		commandName(os.Args[0], err == nil), operators.Addr(), shellWord(filepath.Join(d.data, adminTokenFile)))
	d.say.text("Ctrl-C ends it.\n")
}

// demoListener listens where it was asked to or, when it was not, on the usual
// port or any free one.
func demoListener(key, asked, usual string) (net.Listener, error) {
	if asked != "" {
		return listen(key, asked)
	}
	if l, err := net.Listen("tcp", usual); err == nil {
		return l, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("no free port on loopback: %w", err)
	}
	return l, nil
}
