package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"
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
	form := addOutputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, warnings, err := flags.load()
		if *form == outputJSON {
			return errors.Join(printCheck(cmd.OutOrStdout(), warnings, err), err)
		}
		if err != nil {
			return err
		}
		_, err = io.WriteString(cmd.OutOrStdout(), summary(c, warnings))
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

// summary tells in a few lines what a valid configuration amounts to.
func summary(c Config, warnings []Finding) string {
	var b strings.Builder
	for _, w := range warnings {
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	scheme := "http"
	if c.TLS.Enabled() {
		scheme = "https"
	}
	fmt.Fprintln(&b, "configuration is valid")
	fmt.Fprintf(&b, "  callbacks  %s://%s/callback/{suite_key}\n", scheme, c.Listen)
	fmt.Fprintf(&b, "  operators  %s://%s\n", scheme, c.Admin.Listen)
	fmt.Fprintf(&b, "  data       %s\n", c.Data)
	for _, s := range c.Suites {
		fmt.Fprintf(&b, "  suite      %s %s\n", s.Key, s.Name)
	}
	return b.String()
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
