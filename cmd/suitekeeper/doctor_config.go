package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"suitekeeper/crypto"
	"suitekeeper/suite"
)

// checkConfiguration loads the configuration and says what is wrong or weak in
// it.
func checkConfiguration(_ context.Context, x *examination) []diagnosis {
	flags := map[string]string{}
	if x.flags.data != "" {
		flags["data"] = x.flags.data
	}
	cfg, _, err := LoadConfig(LoadOptions{Path: x.flags.config, Environ: x.environ, Flags: flags})
	var invalid *ConfigError
	if errors.As(err, &invalid) {
		var list []diagnosis
		for _, f := range invalid.Findings {
			list = append(list, invalidKey(f))
		}
		return append(list, found(suite.FindingRestUnchecked, ""))
	}
	x.cfg, x.valid = cfg, true
	list := []diagnosis{found(suite.FindingConfigurationValid, "", "count", fmt.Sprint(len(cfg.Suites)))}
	list = append(list, x.openConfiguration()...)
	for _, s := range cfg.Suites {
		list = append(list, weakSuite(s)...)
	}
	return append(list, weakSettings(cfg)...)
}

// invalidKey explains a problem of the configuration: at length where it is
// one that many run into, and otherwise in the words of config check.
func invalidKey(f Finding) diagnosis {
	code := suite.FindingConfigurationInvalid
	switch {
	case strings.HasSuffix(f.Key, ".aes_key"):
		code = suite.FindingAESKeyMalformed
	case strings.HasSuffix(f.Key, "].token") && strings.HasPrefix(f.Key, "suites"):
		code = suite.FindingTokenMalformed
	case f.Key == "admin.listen" && f.Problem == exposed.EN:
		code = suite.FindingAdminExposed
	}
	return found(code, "", "problem", f.problem(), "cure", f.cure())
}

// secretKeys are the keys that hold a secret in the file itself.
var secretKeys = regexp.MustCompile(`\b(secret|token|aes_key|master_key)["\s]*:`)

// openConfiguration warns of a file that shows its secrets to every user.
func (x *examination) openConfiguration() []diagnosis {
	if x.flags.config == "" {
		return nil
	}
	info, err := os.Stat(x.flags.config)
	if err != nil || !readableByAll(info) {
		return nil
	}
	if text, err := readBounded(x.flags.config); err != nil || !secretKeys.Match(text) {
		return nil
	}
	return []diagnosis{found(suite.FindingConfigurationReadable, "", "path", x.flags.config, "mode", info.Mode().Perm().String())}
}

// weakSuite says what of a suite is allowed and yet hardly meant.
func weakSuite(s SuiteConfig) []diagnosis {
	var list []diagnosis
	if s.Key == crypto.CreationKey {
		list = append(list, found(suite.FindingSuiteInCreation, s.Key))
	}
	warnOfExamples(s, func(key string, _, _ suite.Text) {
		code := suite.FindingExamplePlaceholder
		if key == "token" || key == "aes_key" {
			code = suite.FindingExamplePublished
		}
		list = append(list, found(code, s.Key, "key", key))
	})
	token := s.Token.Reveal()
	switch {
	case isExample(token):
	case sortsFirst(token):
		list = append(list, found(suite.FindingTokenSortsFirst, s.Key))
	case len(token) < shortToken:
		list = append(list, found(suite.FindingTokenShort, s.Key, "length", fmt.Sprint(len(token)), "least", fmt.Sprint(shortToken)))
	}
	return list
}

// weakSettings does the same for what concerns all suites.
func weakSettings(cfg Config) []diagnosis {
	var list []diagnosis
	if len(cfg.Suites) == 0 {
		list = append(list, found(suite.FindingNoSuites, ""))
	}
	for _, api := range []struct{ key, url string }{
		{"dingtalk.oapi_url", cfg.DingTalk.OAPIURL}, {"dingtalk.api_url", cfg.DingTalk.APIURL},
	} {
		if isClear(api.url) {
			list = append(list, found(suite.FindingDingTalkInClear, "", "key", api.key))
		}
	}
	return list
}
