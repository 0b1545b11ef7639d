package main

import (
	"cmp"
	"crypto/tls"
	"errors"
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
	return adminServer{Client: client, url: base}, nil
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
		return Config{}, withHint(err, suite.Text{
			EN: "with --admin and --token-file no configuration is read",
			ZH: "指定 --admin 和 --token-file 时不读取配置",
		})
	}
	return cfg, nil
}

// localToken returns a token that the configuration names, or the one that the
// server made and left in its data folder. It goes to another machine only
// when somebody said that it is meant: --config or --data was given.
func (f *adminFlags) localToken(cfg Config, base string) (suite.Secret, error) {
	if u, err := url.Parse(base); f.config == "" && f.data == "" && (err != nil || !isLoopback(u.Hostname())) {
		return "", errNoAdminToken(suite.Text{EN: "none was given", ZH: "没有提供"})
	}
	for _, t := range cfg.Admin.Tokens {
		if admin.Role(t.Role) != admin.RoleApp {
			return t.Token, nil
		}
	}
	token, err := readSecret(filepath.Join(cfg.Data, adminTokenFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", errNoAdminToken(err)
	case err != nil:
		return "", withHint(errorf(suite.Text{EN: "admin token: %w", ZH: "管理令牌：%w"}, err), suite.Text{EN: "run this as the user of the server, or give --token-file", ZH: "请以服务器的用户运行，或指定 --token-file"})
	}
	return token, nil
}

var errNoToken = errorf(suite.Text{EN: "no admin token", ZH: "没有找到管理令牌"})

// errNoAdminToken says why there is none: with an error, or a Text.
func errNoAdminToken(why any) error {
	return withHint(errorf(suite.Text{EN: "%w: %s", ZH: "%w：%s"}, errNoToken, why),
		suite.Text{
			EN: "give --token-file or %s; on the server's machine --data or --config is enough (a server makes its token when it first starts)",
			ZH: "请指定 --token-file 或 %s；在服务器本机上，--data 或 --config 即可（服务器首次启动时会生成令牌）",
		}, envAdminToken)
}

// explain adds to the error of a call what to do about it.
func (s adminServer) explain(err error) error {
	var refused *admin.Error
	if errors.As(err, &refused) {
		return s.explainRefusal(refused)
	}
	if errors.Is(err, admin.ErrNotAdmin) {
		return withHint(errorf(suite.Text{EN: "%s: %w", ZH: "%s：%w"}, s.url, err), notAdminHint)
	}
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return withHint(errorf(suite.Text{EN: "no safe connection to %s: %w", ZH: "与 %s 的连接不安全：%w"}, s.url, certificate), certificateCure(err, "--admin", s.url))
	case errors.Is(err, errOtherCertificate):
		return withHint(errorf(suite.Text{EN: "%s: %w", ZH: "%s：%w"}, s.url, errOtherCertificate),
			suite.Text{
				EN: "if the certificate was renewed, have the server reload it (SIGHUP); if another server has that port, give --admin",
				ZH: "如果证书已更新，请让服务器重新加载（SIGHUP）；如果该端口属于其他服务器，请指定 --admin",
			})
	case speaksNoTLS(err):
		return withHint(errorf(suite.Text{EN: "%s speaks no TLS", ZH: "%s 没有启用 TLS"}, s.url), suite.Text{EN: "give --admin with http://", ZH: "--admin 请以 http:// 开头"})
	}
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err // the rest is what was asked, which s.url tells shorter
	}
	return withHint(errorf(suite.Text{EN: "no answer from %s: %w", ZH: "%s 没有应答：%w"}, s.url, err),
		suite.Text{
			EN: "is 'suitekeeper serve' running? compare --admin with admin.listen of its configuration",
			ZH: "请确认 'suitekeeper serve' 正在运行，并核对 --admin 与其配置中的 admin.listen",
		})
}

var notAdminHint = suite.Text{
	EN: "--admin must be the address of the admin listener (admin.listen), not the one for callbacks; with tls.cert_file it starts with https://",
	ZH: "--admin 必须是管理端地址（admin.listen），而不是回调地址；设置了 tls.cert_file 时以 https:// 开头",
}

// serverAnswered is what the server answered, in the language of who asked.
var serverAnswered = suite.Text{EN: "%s: the server answered %d: %s", ZH: "%s：服务器返回 %d：%s"}

func (s adminServer) explainRefusal(refused *admin.Error) error {
	hint := notAdminHint
	switch {
	case refused.Code == suite.ProblemNotFound.String() && s.hasPath(): // no such path of the API, most likely
	case refused.Cure != (suite.Text{}):
		hint = refused.Cure
	case refused.Status == http.StatusUnauthorized:
		hint = suite.Text{
			EN: "is the token this server's? one in the configuration (admin.tokens) replaces the one in its data folder",
			ZH: "请确认令牌属于该服务器；配置中的令牌（admin.tokens）会取代数据目录中的令牌",
		}
	case refused.Status >= http.StatusInternalServerError:
		hint = suite.Text{EN: "look at the log of 'suitekeeper serve'", ZH: "请查看 'suitekeeper serve' 的日志"}
	}
	return withHint(&saidError{refused, both(serverAnswered, s.url, refused.Status, refused.Message)}, hint)
}

// hasPath tells whether the server was given with a path below its address, as
// behind a proxy, or by mistake.
func (s adminServer) hasPath() bool {
	u, err := url.Parse(s.url)
	return err == nil && u.Host != "" && strings.Trim(u.Path, "/") != ""
}
