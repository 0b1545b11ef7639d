package main

import (
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"suitekeeper/suite"
)

// configFlags are the flags that every command with a configuration has.
type configFlags struct {
	set  *pflag.FlagSet
	path string
}

// flagKeys names the flags that set a key of the configuration.
var flagKeys = []struct{ flag, key, usage string }{
	{"listen", "listen", "address for DingTalk's callbacks"},
	{"admin-listen", "admin.listen", "address for operators"},
	{"data", "data", "folder of everything that must survive a restart"},
	{"log-level", "log.level", "debug, info, warn or error"},
	{"log-format", "log.format", "json or console"},
}

// addConfigFlags gives cmd --config and the flags that beat environment and
// file: all of them, or those for the keys that alone concern cmd.
func addConfigFlags(cmd *cobra.Command, keys ...string) *configFlags {
	f := &configFlags{set: cmd.Flags()}
	f.set.StringVarP(&f.path, "config", "c", "", "configuration file; without it, defaults and SUITEKEEPER_ variables alone")
	for _, k := range flagKeys {
		if len(keys) > 0 && !slices.Contains(keys, k.key) {
			continue
		}
		f.set.String(k.flag, "", k.usage+" (key "+k.key+")")
	}
	return f
}

// load returns the configuration in effect for the command line, with its
// warnings. It is called after the flags were parsed.
func (f *configFlags) load() (Config, []Finding, error) {
	given := map[string]string{}
	for _, k := range flagKeys {
		if flag := f.set.Lookup(k.flag); flag != nil && flag.Changed {
			given[k.key] = flag.Value.String()
		}
	}
	c, warnings, err := LoadConfig(LoadOptions{Path: f.path, Environ: os.Environ(), Flags: given})
	if err != nil {
		return Config{}, nil, withHint(err, suite.Text{
			EN: "deploy/suitekeeper.yaml in the source explains every key",
			ZH: "源码中的 deploy/suitekeeper.yaml 有每个配置项的说明",
		})
	}
	return c, warnings, nil
}
