package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/http"
	"time"

	"suitekeeper/handler/admin"
	"suitekeeper/store"
	"suitekeeper/store/boltstore"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// lockPatience is how long a reading command waits for a data file in use: a
// server that is stopping lets go of it within a moment.
const lockPatience = 300 * time.Millisecond

// stopped is the data folder of a server that does not run, opened for
// reading. Nothing in it is changed.
type stopped struct {
	folder string
	disk   *boltstore.DB
	store  store.Engine // closing it closes disk
	keeper *suite.Keeper
}

// openStopped opens the data folder of the configuration. It returns
// fs.ErrNotExist when nothing was ever stored there, and boltstore.ErrLocked
// while a server runs. DingTalk is called through the transport alone, which
// only doctor gives. The caller closes what it returns.
func openStopped(ctx context.Context, cfg Config, transport http.RoundTripper) (_ *stopped, err error) {
	s := &stopped{folder: cfg.Data}
	if s.disk, s.store, err = openStoppedDisk(ctx, cfg); err != nil {
		return nil, err
	}
	if err := s.openKeeper(ctx, cfg, transport); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// openKeeper makes a Keeper that is never run: it answers, and does no work.
func (s *stopped) openKeeper(ctx context.Context, cfg Config, transport http.RoundTripper) error {
	err := store.Migrate(ctx, s.store, suite.Migrations(), nil)
	if errors.Is(err, boltstore.ErrReadOnly) {
		return withHint(errorf(suite.Text{EN: "the data folder was written by an older suitekeeper", ZH: "数据目录由旧版 suitekeeper 写入"}),
			suite.Text{
				EN: "start 'suitekeeper serve' once: it brings the folder up to date",
				ZH: "请启动一次 'suitekeeper serve'，它会升级该目录",
			})
	}
	if err != nil {
		return err
	}
	suites := cfg.suites()
	if len(suites) == 0 {
		if suites, err = s.storedSuites(ctx); err != nil {
			return err
		}
	}
	client, err := dingtalk.New(dingtalk.Options{
		OAPIURL: cfg.DingTalk.OAPIURL, APIURL: cfg.DingTalk.APIURL, HTTPClient: &http.Client{Transport: transport},
	})
	if err != nil {
		return err
	}
	s.keeper, err = suite.New(suite.Options{
		Store: s.store, Platform: client, Suites: suites, TicketStaleAfter: time.Duration(cfg.TicketStaleAfter),
		Disk: diskOf(cfg.Data),
	})
	if err != nil {
		return err
	}
	return s.keeper.Prepare(ctx)
}

// storedSuites are the suites that something is stored of, where no
// configuration tells which there are.
func (s *stopped) storedSuites(ctx context.Context) ([]suite.Suite, error) {
	keys, err := suite.StoredSuites(ctx, s.store)
	if err != nil {
		return nil, err
	}
	var list []suite.Suite
	for _, key := range keys {
		list = append(list, suite.Suite{Key: key})
	}
	return list, nil
}

// Close lets go of the folder.
func (s *stopped) Close() error { return s.store.Close() }

// server is the admin API over the folder, in memory: what it answers is so
// exactly what a running server would.
func (s *stopped) server() (adminServer, error) {
	token := rand.Text() // of the API below, which nobody else can reach
	api, err := admin.New(admin.Options{
		Keeper: s.keeper, Version: currentBuild().Version,
		Tokens: []admin.Token{{Name: "reader", SHA256: sha256.Sum256([]byte(token)), Role: admin.RoleViewer}},
		Store:  storeInfo(s.disk),
	})
	if err != nil {
		return adminServer{}, err
	}
	client, err := admin.NewClient(admin.ClientOptions{
		BaseURL: "http://stopped.invalid", Token: token,
		HTTPClient: &http.Client{Transport: dingtalktest.Transport{Handler: api}},
	})
	if err != nil {
		return adminServer{}, err
	}
	return adminServer{Client: client, url: s.folder, stopped: true}, nil
}

// errNoNetwork is what asks nobody.
var errNoNetwork = errorf(suite.Text{EN: "of a stopped server only its data folder is read", ZH: "服务器未在运行，只读取其数据目录"})

// noNetwork makes no request.
type noNetwork struct{}

// RoundTrip refuses.
func (noNetwork) RoundTrip(*http.Request) (*http.Response, error) { return nil, errNoNetwork }
