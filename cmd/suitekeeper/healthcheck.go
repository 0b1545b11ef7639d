package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"suitekeeper/suite"
)

func newHealthcheckCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running server whether it is well; for container images without a shell",
		Long: "Ask a running server whether it is well: GET /healthz on the listener for callbacks, wherever serve would\n" +
			"open it for the same configuration, environment and --listen. With --url no configuration is read.",
		Example: "  suitekeeper healthcheck\n" +
			"  suitekeeper healthcheck --config suitekeeper.yaml\n" +
			"  suitekeeper healthcheck --url http://127.0.0.1:8081/readyz",
		Args: cobra.NoArgs,
	}
	flags := addConfigFlags(cmd, "listen")
	address := cmd.Flags().String("url", "", "page to ask instead; well is status 200")
	timeout := cmd.Flags().Duration("timeout", 3*time.Second, "how long to wait for the answer")
	cmd.MarkFlagsMutuallyExclusive("url", "config")
	cmd.MarkFlagsMutuallyExclusive("url", "listen")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		target, err := healthURL(*address, flags)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), *timeout)
		defer cancel()
		if err := checkHealth(ctx, target, *address == "" || isLoopback(target.Hostname())); err != nil {
			return withHint(err, cmp.Or(certificateCure(err, "--url", target.Redacted()),
				suite.Text{
					EN: "look at the log of 'suitekeeper serve', and compare its listen address with the one asked; --config or --url chooses another",
					ZH: "请查看 'suitekeeper serve' 的日志，并核对其监听地址与所查询的地址；可用 --config 或 --url 指定其他地址",
				}))
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), "ok")
		return err
	}
	return cmd
}

// healthURL is the page that is named or, where none is, that of the server
// which has the configuration that flags tell.
func healthURL(named string, flags *configFlags) (*url.URL, error) {
	if named != "" {
		u, err := parseTarget(named)
		if err != nil {
			return nil, usagef(suite.Text{EN: "--url: %w", ZH: "--url：%w"}, err)
		}
		return u, nil
	}
	c, _, err := flags.load()
	if err != nil {
		return nil, err
	}
	return c.localURL(c.Listen).JoinPath("healthz"), nil
}

// checkHealth asks target once and returns why it is not well. On this machine
// any certificate will do: it names the public host, and nothing secret is sent.
func checkHealth(ctx context.Context, target *url.URL, thisMachine bool) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return err
	}
	transport := &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: thisMachine}, //nolint:gosec // see above
	}
	client := &http.Client{Transport: transport, CheckRedirect: noRedirect}
	resp, err := client.Do(req)
	if err != nil {
		return errorf(suite.Text{EN: "not well: %w", ZH: "状态异常：%w"}, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errorf(suite.Text{EN: "not well: %s answered %s", ZH: "状态异常：%s 返回 %s"}, target.Redacted(), resp.Status)
	}
	return nil
}
