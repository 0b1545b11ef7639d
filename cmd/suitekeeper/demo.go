package main

import (
	"context"
	"errors"
	"net/http"
	"os"

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

func newDemoCommand() *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run everything on loopback, with a stand-in for DingTalk",
		Long: "Run everything on loopback with no set-up: the receiver on a fresh data folder and, beside it, a stand-in\n" +
			"for DingTalk that makes suites, checks the URL, pushes tickets, authorises corps, changes and withdraws\n" +
			"authorisations, and fails now and then. A tour leads through suitekeeper's console and the stand-in's, where\n" +
			"faults are started: their alerts are cured in front of your eyes. What happens is printed line by line.\n" +
			"Ctrl-C ends it.\n\n" +
			"The stand-in's waits are a tenth of DingTalk's: a failed push comes again after 1 s and 3 s. Tickets are\n" +
			"quicker still: a new one comes every 2 s instead of 5 h, and is stale after 4 s instead of 6 h.",
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
			return usagef(suite.Text{EN: "--corps must be from 1 to 10000", ZH: "--corps 应为 1 到 10000"})
		}
		if o.rate < 0 || o.rate > 1000 {
			return usagef(suite.Text{EN: "--rate must be from 0 to 1000", ZH: "--rate 应为 0 到 1000"})
		}
		return runDemo(cmd.Context(), o, newNarrator(cmd.OutOrStdout()))
	}
	return cmd
}

// demo is a running demonstration.
type demo struct {
	demoOptions
	say      *narrator
	tickets  ticketNews
	language language

	temporary bool // the data folder goes when the demo ends

	platform *dingtalktest.Platform
	suite    dingtalktest.Suite // which everything happens to
	idle     dingtalktest.Suite // which never got a ticket
}

func runDemo(ctx context.Context, o demoOptions, say *narrator) error {
	d := &demo{demoOptions: o, say: say, language: localeLanguage(os.Getenv)}
	if o.data == "" {
		dir, err := os.MkdirTemp("", "suitekeeper-demo-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		d.data, d.temporary = dir, true
	}
	l, err := listenForDemo(o)
	if err != nil {
		return err
	}
	defer l.Close()
	if err := d.makeSuites("http://" + l.callbacks.Addr().String()); err != nil {
		return err
	}
	cfg, err := d.config("http://"+l.dingtalk.Addr().String(), "http://"+l.callbacks.Addr().String())
	if err != nil {
		return err
	}
	a, err := openApp(ctx, cfg, say.logger())
	if err != nil {
		return err
	}
	err = d.introduce(l)
	if err == nil {
		err = d.run(ctx, a, l)
	}
	say.line("demo", "stopped", true)
	return errors.Join(err, a.Close())
}

// run keeps receiver, stand-in and story going until ctx ends or one fails.
func (d *demo) run(ctx context.Context, a *app, l demoListeners) error {
	if err := d.platform.StopTickets(d.idle.Key); err != nil {
		return err
	}
	standIn := handler.NewServer(d.platform, a.log)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return a.Serve(ctx, l.callbacks, l.operators) })
	g.Go(func() error { return d.platform.Run(ctx) })
	g.Go(func() error {
		if err := standIn.Serve(l.dingtalk); !errors.Is(err, http.ErrServerClosed) {
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
	g.Go(func() error { return untilDone(ctx, d.story(ctx)) })
	g.Go(func() error {
		d.watchAlerts(ctx, a.keeper)
		return nil
	})
	return g.Wait()
}

// untilDone is the error of what ended, but none once everything ends.
func untilDone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
