package main

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"suitekeeper/handler"
	"suitekeeper/handler/admin"
	"suitekeeper/handler/console"
)

// consolePath is where people find the console.
const consolePath = "/console/"

// openOperators makes the handler of the operators' listener: the console for
// people and the API for programs, with the same tokens.
func (a *app) openOperators(cfg Config, reg prometheus.Gatherer) error {
	tokens, err := adminTokens(cfg, a.log)
	if err != nil {
		return err
	}
	throttle, version := admin.NewThrottle(), currentBuild().Version
	pages, err := console.New(console.Options{
		Keeper: a.keeper, Tokens: tokens, Throttle: throttle, Stopping: a.stopping, Version: version,
		Logger: a.log.Named(logConsole), Store: storeInfo(a.disk), Sessions: sessionStore{a.store},
		Secure: cfg.TLS.Enabled(), TicketStaleAfter: time.Duration(cfg.TicketStaleAfter), DeveloperConsole: developerConsole(cfg.DingTalk),
	})
	if err != nil {
		return err
	}
	api, err := admin.New(admin.Options{
		Keeper: a.keeper, Tokens: tokens, Sessions: pages, Throttle: throttle, Stopping: a.stopping, Metrics: reg, Version: version,
		Logger: a.log.Named(logAdmin), Ready: a.ready, Store: storeInfo(a.disk),
		Backups: a.guards.vault, DataKey: a.guards.vault,
	})
	if err != nil {
		return err
	}
	a.admin = handler.Proxied(prefixes(cfg.TrustedProxies), withConsole(api, pages))
	return nil
}

// withConsole puts the console before the API. Whoever opens the bare address
// in a browser is sent to it.
func withConsole(api, pages http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
			http.Redirect(w, r, consolePath, http.StatusFound)
		case path == strings.TrimSuffix(consolePath, "/") || strings.HasPrefix(path, consolePath):
			pages.ServeHTTP(w, r)
		default:
			api.ServeHTTP(w, r)
		}
	})
}

// developerConsole is where the stand-in's developer console is, when it is the
// stand-in that plays DingTalk: it alone answers on loopback without TLS.
// Otherwise it is empty, for DingTalk's own.
func developerConsole(c DingTalkConfig) string {
	u, err := url.Parse(c.OAPIURL)
	if err != nil || u.Scheme != "http" {
		return ""
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err != nil || !addr.IsLoopback() {
		return ""
	}
	return u.JoinPath("console").String() + "/#{suite_key}"
}
