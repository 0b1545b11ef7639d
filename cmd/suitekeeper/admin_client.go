package main

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

// The variables of the commands that ask a running server.
const (
	envAdmin      = envPrefix + "ADMIN"
	envAdminToken = envPrefix + "ADMIN_TOKEN"
)

// clientVariables are those that may be set where a server starts, and mean
// nothing to its configuration.
func clientVariables() []string { return []string{envAdmin, envAdminToken} }

// adminTimeout bounds one call of the admin API.
const adminTimeout = 15 * time.Second

// adminFlags say which server a command asks, and with which token.
type adminFlags struct {
	url              string
	token, tokenFile string
	config, data     string
	lang             *language // of what the server says
}

func addAdminFlags(set *pflag.FlagSet) *adminFlags {
	f := &adminFlags{}
	set.StringVar(&f.url, "admin", "", "address of the server's admin listener (or "+envAdmin+"; default http://127.0.0.1:8081)")
	set.StringVar(&f.token, "token", "", "admin token; other users of this machine can see it (or "+envAdminToken+")")
	set.StringVar(&f.tokenFile, "token-file", "", "file with the admin token")
	set.StringVarP(&f.config, "config", "c", "", "take what is not given from the configuration file of a server on this machine")
	set.StringVar(&f.data, "data", "", "data folder of a server on this machine: for the token that it made, and to be read while it is stopped (default ./data)")
	return f
}

// adminServer is a server and how to ask it.
type adminServer struct {
	*admin.Client
	url     string // where it is
	stopped bool   // it does not run: url is its data folder, which is read
	lang    language
}

// server finds address and token: flags beat the environment, which beats the
// configuration. Its errors quote no secret.
func (f *adminFlags) server(environ []string) (adminServer, error) {
	given := ourVariables(environ)
	base := cmp.Or(f.url, given[envAdmin])
	token := suite.Secret(given[envAdminToken])
	if err := overrideSecret(&token, "token", f.token, f.tokenFile); err != nil {
		return adminServer{}, err
	}
	var trust *tls.Config // nil: whom this machine trusts
	if base == "" || token == "" {
		cfg, err := f.configured(environ)
		if err != nil {
			return adminServer{}, err
		}
		if base == "" {
			base, trust = cfg.localURL(cfg.Admin.Listen).String(), cfg.TLS.own()
		}
		if token == "" {
			if token, err = f.localToken(cfg, base); err != nil {
				return adminServer{}, err
			}
		}
	}
	client, err := admin.NewClient(admin.ClientOptions{BaseURL: base, Token: token.Reveal(), HTTPClient: &http.Client{
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, TLSClientConfig: trust},
		Timeout:   adminTimeout,
	}})
	if err != nil {
		return adminServer{}, &usageError{err}
	}
	return adminServer{Client: client, url: base, lang: *f.lang}, nil
}

// configured returns the configuration that a server on this machine would
// have: of the file, if one is named, and of the environment.
func (f *adminFlags) configured(environ []string) (Config, error) {
	flags := map[string]string{}
	if f.data != "" {
		flags["data"] = f.data
	}
	cfg, _, err := LoadConfig(LoadOptions{Path: f.config, Environ: environ, Flags: flags})
	if err != nil {
		return Config{}, withHint(err, "with --admin and --token-file no configuration is read")
	}
	return cfg, nil
}

// localToken returns a token that the configuration names, or the one that the
// server made and left in its data folder. It goes to another machine only
// when somebody said that it is meant: --config or --data was given.
func (f *adminFlags) localToken(cfg Config, base string) (suite.Secret, error) {
	if u, err := url.Parse(base); f.config == "" && f.data == "" && (err != nil || !isLoopback(u.Hostname())) {
		return "", errNoAdminToken("none was given")
	}
	for _, t := range cfg.Admin.Tokens {
		if admin.Role(t.Role) != admin.RoleApp {
			return t.Token, nil
		}
	}
	token, err := readSecret(filepath.Join(cfg.Data, adminTokenFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", errNoAdminToken(err.Error())
	case err != nil:
		return "", withHint(fmt.Errorf("admin token: %w", err), "run this as the user of the server, or give --token-file")
	}
	return token, nil
}

var errNoToken = errors.New("no admin token")

func errNoAdminToken(why string) error {
	return withHint(fmt.Errorf("%w: %s", errNoToken, why),
		"give --token-file or %s; on the server's machine --data or --config is enough (a server makes its token when it first starts)", envAdminToken)
}

// explain adds to the error of a call what to do about it.
func (s adminServer) explain(err error) error {
	var refused *admin.Error
	if errors.As(err, &refused) {
		return s.explainRefusal(refused)
	}
	if errors.Is(err, admin.ErrNotAdmin) {
		return withHint(fmt.Errorf("%s: %w", s.url, err), "%s", notAdminHint)
	}
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return withHint(fmt.Errorf("no safe connection to %s: %w", s.url, certificate), "%s", certificateCure(err, "--admin", s.url))
	case errors.Is(err, errOtherCertificate):
		return withHint(fmt.Errorf("%s: %w", s.url, errOtherCertificate),
			"if the certificate was renewed, have the server reload it (SIGHUP); if another server has that port, give --admin")
	case speaksNoTLS(err):
		return withHint(fmt.Errorf("%s speaks no TLS", s.url), "give --admin with http://")
	}
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err // the rest is what was asked, which s.url tells shorter
	}
	return withHint(fmt.Errorf("no answer from %s: %w", s.url, err),
		"is 'suitekeeper serve' running? compare --admin with admin.listen of its configuration")
}

const notAdminHint = "--admin must be the address of the admin listener (admin.listen), not the one for callbacks; with tls.cert_file it starts with https://"

// serverAnswered is what the server answered, in the language of who asked.
var serverAnswered = suite.Text{EN: "%s: the server answered %d: %s", ZH: "%s：服务器返回 %d：%s"}

func (s adminServer) explainRefusal(refused *admin.Error) error {
	on := view{words: s.lang.words()}
	hint := notAdminHint
	switch {
	case refused.Code == suite.ProblemNotFound.String() && s.hasPath(): // no such path of the API, most likely
	case refused.Cure != (suite.Text{}):
		hint = on.say(refused.Cure)
	case refused.Status == http.StatusUnauthorized:
		hint = "is the token this server's? one in the configuration (admin.tokens) replaces the one in its data folder"
	case refused.Status >= http.StatusInternalServerError:
		hint = "look at the log of 'suitekeeper serve'"
	}
	told := &toldError{refused, on.say(serverAnswered, s.url, refused.Status, on.say(refused.Message))}
	return &hintedError{told, hint, s.lang}
}

// hasPath tells whether the server was given with a path below its address, as
// behind a proxy, or by mistake.
func (s adminServer) hasPath() bool {
	u, err := url.Parse(s.url)
	return err == nil && u.Host != "" && strings.Trim(u.Path, "/") != ""
}
