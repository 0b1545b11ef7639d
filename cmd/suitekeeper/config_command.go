package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"suitekeeper/suite"
)

func newConfigCommand() *cobra.Command {
	return newGroupCommand("config", "Check a configuration or print the one in effect",
		"  suitekeeper config check --config suitekeeper.yaml\n  suitekeeper config print --config suitekeeper.yaml",
		newConfigCheckCommand(), newConfigPrintCommand())
}

func newConfigCheckCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Validate a configuration without starting anything",
		Long: "Validate a configuration without starting anything: every problem is listed with its key, line and\n" +
			"cure. Warnings do not make a configuration invalid.",
		Example: "  suitekeeper config check --config suitekeeper.yaml\n" +
			"  suitekeeper config check --config suitekeeper.yaml -o json",
		Args: cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	form, lang := addOutputFlag(cmd), addLanguageFlag(cmd, os.Getenv)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, warnings, err := flags.load()
		if *form == outputJSON {
			return errors.Join(printCheck(cmd.OutOrStdout(), warnings, err), err)
		}
		if err != nil {
			return err
		}
		_, err = io.WriteString(cmd.OutOrStdout(), newView(cmd.OutOrStdout(), *lang).configuration(c, warnings))
		return err
	}
	return cmd
}

// printCheck writes the result of a check for programs.
func printCheck(w io.Writer, warnings []Finding, err error) error {
	result := struct {
		Valid    bool      `json:"valid"`
		Problems []Finding `json:"problems"`
		Warnings []Finding `json:"warnings"`
	}{Valid: err == nil, Problems: []Finding{}, Warnings: append([]Finding{}, warnings...)}
	if invalid := (*ConfigError)(nil); errors.As(err, &invalid) {
		result.Problems = invalid.Findings
	}
	return printJSON(w, result)
}

// What config check says of a valid configuration.
var (
	configWarning   = suite.Text{EN: "warning: %s", ZH: "警告：%s"}
	configValid     = suite.Text{EN: "configuration is valid", ZH: "配置有效"}
	configCallbacks = suite.Text{EN: "  callbacks  %s", ZH: "  回调地址  %s"}
	configOperators = suite.Text{EN: "  operators  %s", ZH: "  管理地址  %s"}
	configData      = suite.Text{EN: "  data       %s", ZH: "  数据目录  %s"}
	configSuite     = suite.Text{EN: "  suite      %s %s", ZH: "  套件      %s %s"}
)

// configuration tells in a few lines what a valid configuration amounts to.
func (v view) configuration(c Config, warnings []Finding) string {
	var lines []string
	for _, w := range warnings {
		lines = append(lines, v.say(configWarning, w.text()))
	}
	scheme := "http"
	if c.TLS.Enabled() {
		scheme = "https"
	}
	lines = append(lines, v.say(configValid),
		v.say(configCallbacks, scheme+"://"+c.Listen+"/callback/{suite_key}"),
		v.say(configOperators, scheme+"://"+c.Admin.Listen),
		v.say(configData, c.Data))
	for _, s := range c.Suites {
		lines = append(lines, v.say(configSuite, s.Key, s.Name))
	}
	return strings.Join(lines, "\n") + "\n"
}

func newConfigPrintCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "print",
		Short: "Print the configuration in effect, secrets masked",
		Long:  "Print the configuration in effect: flags over environment over file over defaults. Secrets print as •••.",
		Example: "  suitekeeper config print --config suitekeeper.yaml\n" +
			"  SUITEKEEPER_LOG_LEVEL=debug suitekeeper config print -o json",
		Args: cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	form := addOutputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, _, err := flags.load()
		if err != nil {
			return err
		}
		if *form == outputJSON {
			return printJSON(cmd.OutOrStdout(), c)
		}
		text, err := yaml.MarshalWithOptions(c, yaml.IndentSequence(true))
		if err != nil {
			return fmt.Errorf("print configuration: %w", err)
		}
		_, err = cmd.OutOrStdout().Write(text)
		return err
	}
	return cmd
}
