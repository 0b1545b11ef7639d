package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

func newAuthsRetryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "retry CORP_ID | retry --all-failed",
		Short: "Try again now to bring authorisations to active",
		Long: "Try again now to bring an authorisation to active: the code that is there is exchanged, the permanent code\n" +
			"that is stored is activated, or DingTalk is asked for a new code where the old one is burnt, which needs\n" +
			"app_id in the configuration of the suite. 'suitekeeper auths show' tells how it went. It needs an operator's\n" +
			"token.\n\n" + whereHelp,
		Example: "  suitekeeper auths retry ding0123456789abcdef\n" +
			"  suitekeeper auths retry --all-failed\n" +
			"  suitekeeper auths retry --all-failed --suite suiteexample0000000x -o json",
		Args: cobra.MaximumNArgs(1),
	}
	flags := addChangeFlags(cmd)
	suiteKey := addSuiteFlag(cmd, flags.adminFlags, "of this suite; one corp needs it where the server has several")
	all := cmd.Flags().Bool("all-failed", false, "all authorisations whose state is failed")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *all == (len(args) == 1) {
			return withHint(usagef(suite.Text{EN: "name one corp, or give --all-failed", ZH: "请指定一家企业，或使用 --all-failed"}), suite.Text{
				EN: "'suitekeeper auths list --status failed' lists them",
				ZH: "可用 'suitekeeper auths list --status failed' 列出失败的授权",
			})
		}
		server, err := flags.running(cmd)
		if err != nil {
			return err
		}
		if *all {
			return retryAll(cmd, server, *suiteKey, flags)
		}
		key, err := server.suiteOf(cmd.Context(), *suiteKey)
		if err != nil {
			return err
		}
		r, err := server.Retry(cmd.Context(), key, args[0])
		if err != nil {
			return server.explain(err)
		}
		return flags.show(cmd, r, func(v view) string { return v.retried(r.Action) + "\n" })
	}
	return cmd
}

// retryResult is what came of the retry of one of several authorisations.
type retryResult struct {
	SuiteKey string `json:"suite_key"`
	CorpID   string `json:"corp_id"`
	Action   string `json:"action,omitempty"`
	Error    string `json:"error,omitempty"`
	ErrorZH  string `json:"error_zh,omitempty"`
}

// retryAll retries what failed, one after another: DingTalk's limits are not
// to be used up by this.
func retryAll(cmd *cobra.Command, server adminServer, suiteKey string, flags askFlags) error {
	ctx := cmd.Context()
	suites, err := server.suitesOf(ctx, suiteKey)
	if err != nil {
		return err
	}
	failed, err := server.authorizations(ctx, suites, admin.AuthorizationsQuery{Status: string(suite.StatusFailed)}, int(^uint(0)>>1))
	if err != nil {
		return err
	}
	line := progressOn(cmd.ErrOrStderr(), os.Getenv)
	results := []retryResult{}
	for i, a := range failed.Authorizations {
		line.show(fmt.Sprintf("%d/%d %s", i+1, len(failed.Authorizations), a.CorpID))
		r, err := server.retryOne(ctx, a)
		if err != nil {
			line.clear()
			return err
		}
		results = append(results, r)
	}
	line.clear()
	err = flags.show(cmd, struct {
		Retries []retryResult `json:"retries"`
	}{results}, func(v view) string { return v.retries(results) })
	if err == nil {
		err = failedRetries(results)
	}
	return err
}

// retryOne notes what the server said about this one authorisation. Other
// errors, which would come for all of them, are returned.
func (s adminServer) retryOne(ctx context.Context, a admin.Authorization) (retryResult, error) {
	result := retryResult{SuiteKey: a.SuiteKey, CorpID: a.CorpID}
	r, err := s.Retry(ctx, a.SuiteKey, a.CorpID)
	var refused *admin.Error
	switch {
	case err == nil:
		result.Action = r.Action
	case errors.As(err, &refused) && (refused.Status == http.StatusConflict || refused.Status == http.StatusNotFound) && refused.Code != "":
		result.Error, result.ErrorZH = refused.Message.EN, refused.Message.ZH
	default:
		return result, s.explain(err)
	}
	return result, nil
}

func failedRetries(results []retryResult) error {
	n := 0
	for _, r := range results {
		if r.Error != "" {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return withHint(errorf(suite.Text{EN: "%d of %d could not be retried", ZH: "%[2]d 个授权中有 %[1]d 个无法重试"}, n, len(results)), suite.Text{
		EN: "'suitekeeper auths show CORP_ID' tells for each what cures it",
		ZH: "可用 'suitekeeper auths show CORP_ID' 查看每个授权的处理办法",
	})
}

var (
	retryTexts = map[string]suite.Text{
		string(suite.RetryExchange):    {EN: "the code that is there is exchanged now", ZH: "正在用已有的临时授权码换取永久授权码"},
		string(suite.RetryActivate):    {EN: "the stored permanent code is activated now", ZH: "正在用已保存的永久授权码激活"},
		string(suite.RetryReauthorize): {EN: "DingTalk is asked for a new code", ZH: "正在请钉钉重新推送授权码"},
	}
	nothingFailed = suite.Text{EN: "No authorisation has failed.", ZH: "没有失败的授权。"}
)

// retried tells what a retry does.
func (v view) retried(action string) string {
	if text, ok := retryTexts[action]; ok {
		return v.say(text)
	}
	return clean(action)
}

func (v view) retries(results []retryResult) string {
	if len(results) == 0 {
		return v.say(nothingFailed) + "\n"
	}
	var b strings.Builder
	for _, r := range results {
		outcome := clean(v.either(r.Error, r.ErrorZH))
		if r.Error == "" {
			outcome = v.retried(r.Action)
		}
		fmt.Fprintf(&b, "%s %s: %s\n", clean(r.SuiteKey), clean(r.CorpID), outcome)
	}
	return b.String()
}
