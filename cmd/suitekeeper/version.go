package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Set by the release build: -ldflags "-X main.version=v1.2.3 -X main.commit=…".
// They cannot be constants for that reason; nothing else writes to them.
var version, commit string

// buildInfo tells which program this is.
type buildInfo struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// currentBuild returns what the release build set and, where it set nothing,
// what the go command noted in the binary.
func currentBuild() buildInfo {
	b := buildInfo{
		Version:  version,
		Commit:   commit,
		Go:       runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.Version = cmp.Or(b.Version, info.Main.Version)
		b.Commit = cmp.Or(b.Commit, revision(info.Settings))
	}
	b.Version = cmp.Or(b.Version, "(devel)")
	return b
}

// revision returns the commit among the settings, marked when the tree had
// changes that were not committed, or nothing.
func revision(settings []debug.BuildSetting) string {
	var id, dirty string
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision":
			id = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "-dirty"
		}
	}
	if id == "" {
		return ""
	}
	return id + dirty
}

func newVersionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version and the commit it was built from",
		Example: "  suitekeeper version\n  suitekeeper version -o json",
		Args:    cobra.NoArgs,
	}
	form := addOutputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		b := currentBuild()
		if *form == outputJSON {
			return printJSON(cmd.OutOrStdout(), b)
		}
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "suitekeeper %s\ncommit %s\n%s %s\n",
			b.Version, cmp.Or(b.Commit, "unknown"), b.Go, b.Platform)
		return err
	}
	return cmd
}
