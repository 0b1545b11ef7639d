package main

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"

	"suitekeeper/suite"
)

// localURL is how a program on this machine reaches one of the listeners.
func (c Config) localURL(listen string) *url.URL {
	u := &url.URL{Scheme: "http", Host: listen}
	if c.TLS.Enabled() {
		u.Scheme = "https"
	}
	host, port, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || (ip != nil && ip.IsUnspecified())) {
		u.Host = net.JoinHostPort("127.0.0.1", port)
	}
	return u
}

// noRedirect makes a client return a redirect as the answer that it is.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// parseTarget reads an absolute http or https URL.
func parseTarget(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, errorf(suite.Text{
			EN: "must be an absolute http or https URL, as http://127.0.0.1:8080/callback",
			ZH: "应为完整的 http 或 https 地址，例如 http://127.0.0.1:8080/callback",
		})
	}
	return u, nil
}

// isLoopback reports whether host, without a port, reaches only this machine.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// isLoopbackAddress is isLoopback for host:port. No host means every interface.
func isLoopbackAddress(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && isLoopback(host)
}
