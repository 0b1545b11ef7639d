package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"suitekeeper/crypto"
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
		return append(list, found("rest_unchecked", ""))
	}
	x.cfg, x.valid = cfg, true
	list := []diagnosis{found("configuration_valid", "", "count", fmt.Sprint(len(cfg.Suites)))}
	list = append(list, x.openConfiguration()...)
	for _, s := range cfg.Suites {
		list = append(list, weakSuite(s)...)
	}
	return append(list, weakSettings(cfg)...)
}

// invalidKey explains a problem of the configuration: at length where it is
// one that many run into, and otherwise in the words of config check.
func invalidKey(f Finding) diagnosis {
	place := Finding{Where: f.Where, Line: f.Line, Key: f.Key, Problem: f.Problem}.String()
	code := "configuration_invalid"
	switch {
	case strings.HasSuffix(f.Key, ".aes_key"):
		code = "aes_key_malformed"
	case strings.HasSuffix(f.Key, "].token") && strings.HasPrefix(f.Key, "suites"):
		code = "token_malformed"
	case f.Key == "admin.listen" && strings.Contains(f.Problem, "TLS"):
		code = "admin_exposed"
	}
	d := found(code, "", "problem", place, "cure", f.Cure)
	d.MessageZH = found(code, "", "problem", problemsZH.Replace(place)).MessageZH
	return d
}

// problemsZH says in Chinese what config check says of keys, as far as the
// words are its own.
var problemsZH = strings.NewReplacer(
	": is missing", "：未设置", ": is not allowed", "：取值不被允许", ": is not a duration", "：不是时间长度",
	": is not a whole number", "：不是整数", ": is not a known key", "：不是已知的配置项", ": is not a known variable", "：不是已知的环境变量",
	": is given twice", "：重复设置", ": must hold keys and values", "：应为键值结构", ": must be one value", "：应为单个值",
	": must be a list", "：应为列表", ": is shorter than", "：短于", ": is the same as", "：等同于",
	": would be reachable from other machines without TLS", "：未启用 TLS 却可从其他机器访问", ": cannot read", "：无法读取",
	": no such file or directory", "：文件不存在", ": permission denied", "：没有读取权限", ": has ", "：现有 ", " characters", " 个字符",
)

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
	return []diagnosis{found("configuration_readable", "", "path", x.flags.config, "mode", info.Mode().Perm().String())}
}

// weakSuite says what of a suite is allowed and yet hardly meant.
func weakSuite(s SuiteConfig) []diagnosis {
	var list []diagnosis
	if s.Key == crypto.CreationKey {
		list = append(list, found("suite_in_creation", s.Key))
	}
	warnOfExamples(s, func(key, _, _ string) {
		code := "example_placeholder"
		if key == "token" || key == "aes_key" {
			code = "example_published"
		}
		list = append(list, found(code, s.Key, "key", key))
	})
	token := s.Token.Reveal()
	switch {
	case isExample(token):
	case sortsFirst(token):
		list = append(list, found("token_sorts_first", s.Key))
	case len(token) < shortToken:
		list = append(list, found("token_short", s.Key, "length", fmt.Sprint(len(token)), "least", fmt.Sprint(shortToken)))
	}
	return list
}

// weakSettings does the same for what concerns all suites.
func weakSettings(cfg Config) []diagnosis {
	var list []diagnosis
	if len(cfg.Suites) == 0 {
		list = append(list, found("no_suites", ""))
	}
	for _, api := range []struct{ key, url string }{
		{"dingtalk.oapi_url", cfg.DingTalk.OAPIURL}, {"dingtalk.api_url", cfg.DingTalk.APIURL},
	} {
		if isClear(api.url) {
			list = append(list, found("dingtalk_in_clear", "", "key", api.key))
		}
	}
	return list
}
