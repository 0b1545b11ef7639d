package main

import (
	"context"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

func newDoctorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Examine configuration, server, network and DingTalk's view of them",
		Long: "Examine everything that has to be right before an authorisation becomes active: the configuration, the data\n" +
			"folder, whether the server runs and what it complains of, the clock, whether DingTalk accepts suite secret,\n" +
			"ticket and this machine's address, and whether the public callback URL answers a signed check as DingTalk\n" +
			"wants it. Each finding comes with its cure.\n\n" +
			"It changes nothing but this: the callback URL gets one URL check (check_update_suite_url) for each suite,\n" +
			"which the server keeps as an event. Run it on the server's machine, with the configuration of the server.\n\n" +
			"The exit status is 1 when a finding is an error. Warnings, and what could not be checked, do not change it.",
		Example: "  suitekeeper doctor --config suitekeeper.yaml\n" +
			"  suitekeeper doctor --config suitekeeper.yaml --lang zh\n" +
			"  suitekeeper doctor -c suitekeeper.yaml -o json | jq '.findings[] | select(.severity == \"error\")'",
		Args: cobra.NoArgs,
	}
	flags := addAskFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		x := &examination{flags: flags.adminFlags, environ: os.Environ()}
		defer x.close()
		line := progressOn(cmd.ErrOrStderr(), os.Getenv)
		on := newView(cmd.ErrOrStderr(), *flags.lang)
		findings := x.run(cmd.Context(), func(c check) { line.show(on.say(c.title)) })
		line.clear()
		if err := cmd.Context().Err(); err != nil {
			return err
		}
		r := newDoctorReport(findings)
		if err := flags.show(cmd, r, func(v view) string { return v.doctor(r) }); err != nil {
			return err
		}
		if r.Errors > 0 {
			return withHint(errUnhealthy, suite.Text{EN: "cure what is said above, and run doctor again", ZH: "请按上面的处理办法解决问题，再运行 doctor"})
		}
		return nil
	}
	return cmd
}

// errUnhealthy is how doctor ends when a finding is an error. Which ones is
// printed before.
var errUnhealthy = errorf(suite.Text{EN: "not all is well", ZH: "存在错误"})

// check is one part of an examination.
type check struct {
	name  string // in findings
	title suite.Text
	run   func(context.Context, *examination) []diagnosis
}

// checks are the parts in their order: what comes first explains what follows.
var checks = []check{
	{"configuration", suite.Text{EN: "configuration …", ZH: "正在检查配置……"}, checkConfiguration},
	{"data", suite.Text{EN: "data folder …", ZH: "正在检查数据目录……"}, checkData},
	{"server", suite.Text{EN: "server …", ZH: "正在询问服务器……"}, checkServer},
	{"dingtalk", suite.Text{EN: "connection to DingTalk, and the clock …", ZH: "正在检查与钉钉的连接和时钟……"}, checkDingTalk},
	{"credentials", suite.Text{EN: "suite secrets and tickets …", ZH: "正在检查套件密钥和票据……"}, checkCredentials},
	{"callback", suite.Text{EN: "callback URL …", ZH: "正在检查回调地址……"}, checkCallback},
}

// examination is what is known while doctor looks.
type examination struct {
	flags   *adminFlags
	environ []string

	valid     bool // cfg can be used
	cfg       Config
	status    *admin.Status // of the server or of its folder; nil: not known
	running   bool          // a server answered
	server    adminServer   // the one that did
	folder    *stopped      // of a server that does not run; nil: there is none, or it runs
	lowDisk   bool          // is told already
	unreached bool          // a host of DingTalk's gives no answer
}

// run makes all checks. Without a valid configuration nothing else can be
// looked at.
func (x *examination) run(ctx context.Context, begin func(check)) []diagnosis {
	var all []diagnosis
	for _, c := range checks {
		if ctx.Err() != nil {
			break
		}
		begin(c)
		for _, d := range c.run(ctx, x) {
			d.Check = c.name
			all = append(all, d)
		}
		if !x.valid {
			break
		}
	}
	return all
}

func (x *examination) close() {
	if x.folder != nil {
		_ = x.folder.Close() // it was only read
	}
}

// remote tells whether the server that is asked is on another machine, so that
// what is here says nothing about it.
func (x *examination) remote() bool {
	base := x.flags.url
	if base == "" {
		base = ourVariables(x.environ)[envAdmin]
	}
	if base == "" {
		return false
	}
	u, err := parseTarget(base)
	return err == nil && !isLoopback(strings.ToLower(u.Hostname()))
}
