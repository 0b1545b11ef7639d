package main

import (
	"net"

	"go.uber.org/zap"

	"suitekeeper/suite"
)

// openListeners opens both listeners, as far as systemd has not.
func openListeners(cfg Config, log *zap.Logger) (callbacks, operators net.Listener, err error) {
	given, err := inheritedListeners()
	if err != nil {
		return nil, nil, err
	}
	callbacks, operators = given[socketCallbacks], given[socketOperators]
	if operators != nil && !cfg.TLS.Enabled() && operators.Addr().Network() == "tcp" && !isLoopbackAddress(operators.Addr().String()) {
		err = withHint(errorf(suite.Text{
			EN: "socket %q of systemd: it would be reachable from other machines without TLS",
			ZH: "systemd 套接字 %q 未启用 TLS 却可从其他机器访问",
		}, socketOperators),
			suite.Text{
				EN: "have it listen on 127.0.0.1, or set tls.cert_file and tls.key_file",
				ZH: "请让它只监听 127.0.0.1，或配置 tls.cert_file 和 tls.key_file",
			})
	}
	if callbacks == nil && err == nil {
		callbacks, err = listen("listen", cfg.Listen)
	}
	if operators == nil && err == nil {
		operators, err = listen("admin.listen", cfg.Admin.Listen)
	}
	if err == nil {
		tellElsewhere(callbacks, "listen", cfg.Listen, log)
		tellElsewhere(operators, "admin.listen", cfg.Admin.Listen, log)
		return callbacks, operators, nil
	}
	for _, l := range []net.Listener{callbacks, operators} {
		if l != nil {
			l.Close()
		}
	}
	return nil, nil, err
}

// tellElsewhere says when a socket of systemd is not where the configuration has
// it: other commands look there.
func tellElsewhere(l net.Listener, key, configured string, log *zap.Logger) {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if _, want, err := net.SplitHostPort(configured); err == nil && want != "0" && want != port {
		log.Warn("the socket of systemd listens elsewhere than the configuration says, where healthcheck, status and doctor look",
			zap.Stringer("listens", l.Addr()), zap.String("key", key), zap.String("configured", configured))
	}
}

func listen(key, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, withHint(errorf(suite.Text{EN: "%s: %w", ZH: "%s：%w"}, key, err), suite.Text{
			EN: "another program may use the address; choose another with --%s",
			ZH: "该地址可能已被其他程序占用；可用 --%s 指定其他地址",
		}, flagOf(key))
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
