package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/spf13/cobra"
)

func newHealthcheckCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running server whether it is well; for container images without a shell",
		Example: "  suitekeeper healthcheck\n" +
			"  suitekeeper healthcheck --url http://127.0.0.1:8081/readyz",
		Args: cobra.NoArgs,
	}
	address := cmd.Flags().String("url", "http://127.0.0.1:8080/healthz", "page to ask; well is status 200")
	timeout := cmd.Flags().Duration("timeout", 3*time.Second, "how long to wait for the answer")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		target, err := parseTarget(*address)
		if err != nil {
			return usagef("--url: %w", err)
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), *timeout)
		defer cancel()
		if err := checkHealth(ctx, target); err != nil {
			return withHint(err, "look at the log of 'suitekeeper serve' and compare its listen address with --url")
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), "ok")
		return err
	}
	return cmd
}

// checkHealth asks target once and returns why it is not well.
func checkHealth(ctx context.Context, target *url.URL) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return err
	}
	transport := &http.Transport{DisableKeepAlives: true}
	if isLoopback(target.Hostname()) {
		// The certificate names the public host, and nothing secret is sent.
		transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // loopback only, see above
	}
	client := &http.Client{Transport: transport, CheckRedirect: noRedirect}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("not well: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("not well: %s answered %s", target.Redacted(), resp.Status)
	}
	return nil
}

// noRedirect makes a client return a redirect as the answer that it is.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// parseTarget reads an absolute http or https URL.
func parseTarget(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("must be an absolute http or https URL, as http://127.0.0.1:8080/callback")
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
