package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// The addresses of a demo. Where one is taken and was not asked for, a free
// port serves as well.
const (
	demoListen      = "127.0.0.1:8080"
	demoAdminListen = "127.0.0.1:8081"
	demoDingTalk    = "127.0.0.1:8082"
)

// demoListeners are where a demo is reached.
type demoListeners struct{ callbacks, operators, dingtalk net.Listener }

func listenForDemo(o demoOptions) (l demoListeners, err error) {
	defer func() {
		if err != nil {
			l.Close()
		}
	}()
	if l.callbacks, err = demoListener("listen", o.listen, demoListen); err != nil {
		return l, err
	}
	if l.operators, err = demoListener("admin.listen", o.adminListen, demoAdminListen); err != nil {
		return l, err
	}
	l.dingtalk, err = demoListener("", "", demoDingTalk)
	return l, err
}

// Close closes what is open and no server has closed yet.
func (l demoListeners) Close() {
	for _, one := range []net.Listener{l.callbacks, l.operators, l.dingtalk} {
		if one != nil {
			one.Close()
		}
	}
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

// How long tickets last in a demo, for nobody waits for hours: DingTalk pushes
// one every 5 hours, and the default of ticket_stale_after is 6 hours. That
// tickets stopped is to be seen on the console's page, which looks once a second,
// within 5 s; one that is late by as much as a busy machine makes it is not stale.
const (
	demoTicketEvery = 2 * time.Second
	demoTicketStale = 2 * demoTicketEvery
	demoTicketGrace = time.Minute           // in which the one before still works, while pushes are refused
	demoGiveUpRetry = 25 * time.Millisecond // so that 100 pushes take less than demoTicketStale
	demoFaster      = 10                    // are the waits of its pushes
)

// makeSuites makes the stand-in with two suites, whose keys are new each time.
// Of the second no ticket is pushed before somebody asks for it.
func (d *demo) makeSuites(receiver string) error {
	d.platform = dingtalktest.New(dingtalktest.Options{
		Scale: 1. / demoFaster, TicketEvery: demoTicketEvery * demoFaster, GiveUpRetry: demoGiveUpRetry * demoFaster,
		TicketGrace: demoTicketGrace, Latency: 50 * time.Millisecond, OnHappening: d.happening,
	})
	d.suite = newDemoSuite(receiver, "demo", dingtalktest.App{ID: 10001, Name: "星图考勤"})
	d.idle = newDemoSuite(receiver, "demo-new", dingtalktest.App{ID: 10002, Name: "星图报销"})
	return errors.Join(d.platform.AddSuite(d.suite), d.platform.AddSuite(d.idle))
}

func newDemoSuite(receiver, name string, app dingtalktest.App) dingtalktest.Suite {
	key := "suitedemo" + lowerText(10)
	return dingtalktest.Suite{
		Key: key, Secret: rand.Text() + rand.Text(), Token: "t" + rand.Text(), EncodingAESKey: (rand.Text() + rand.Text())[:43],
		Name: name, Apps: []dingtalktest.App{app}, CallbackURL: receiver + "/callback/" + key,
	}
}

func (d *demo) config(dingtalk, public string) (Config, error) {
	cfg, _, err := LoadConfig(LoadOptions{Flags: map[string]string{"data": d.data}})
	if err != nil {
		return Config{}, err
	}
	cfg.DingTalk = DingTalkConfig{OAPIURL: dingtalk, APIURL: dingtalk}
	cfg.PublicURL = public
	cfg.TicketStaleAfter = Duration(demoTicketStale)
	for _, s := range []dingtalktest.Suite{d.suite, d.idle} {
		cfg.Suites = append(cfg.Suites, SuiteConfig{
			Key: s.Key, Name: s.Name, Secret: suite.Secret(s.Secret), Token: suite.Secret(s.Token),
			AESKey: suite.Secret(s.EncodingAESKey), AppID: s.Apps[0].ID, URLCheckReply: string(suite.ReplySuccess),
		})
	}
	return cfg, nil
}

// suiteName is what the demo calls a suite.
func (d *demo) suiteName(key string) string {
	for _, s := range []dingtalktest.Suite{d.suite, d.idle} {
		if s.Key == key {
			return s.Name
		}
	}
	return key
}
