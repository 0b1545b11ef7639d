package main

import (
	"fmt"
	"reflect"

	"github.com/spf13/pflag"

	"suitekeeper/crypto"
	"suitekeeper/suite"
)

// suiteFlags say in whose name push acts: flags beat the environment, which
// beats a configuration file.
type suiteFlags struct {
	config             string
	key                string
	token, tokenFile   string
	aesKey, aesKeyFile string
}

func addSuiteFlags(set *pflag.FlagSet) *suiteFlags {
	f := &suiteFlags{}
	set.StringVarP(&f.config, "config", "c", "", "take the suite from this configuration file")
	set.StringVar(&f.key, "suite-key", "", "suiteKey; with --config: which of its suites (or "+envSuitePrefix+"KEY)")
	set.StringVar(&f.token, "token", "", "token that signs callbacks; other users of this machine can see it (or "+envSuitePrefix+"TOKEN)")
	set.StringVar(&f.tokenFile, "token-file", "", "file with the token (or "+envSuitePrefix+"TOKEN_FILE)")
	set.StringVar(&f.aesKey, "aes-key", "", "EncodingAESKey; other users of this machine can see it (or "+envSuitePrefix+"AES_KEY)")
	set.StringVar(&f.aesKeyFile, "aes-key-file", "", "file with the EncodingAESKey (or "+envSuitePrefix+"AES_KEY_FILE)")
	return f
}

// suite returns the suite to act for in pushing event, with what is needed to
// seal: key, token and aes_key. Its errors quote no secret.
func (f *suiteFlags) suite(environ []string, event string) (SuiteConfig, error) {
	s, err := f.configured(environ)
	if err != nil {
		return SuiteConfig{}, err
	}
	s.Key = f.keyFor(event, s.Key)
	if err := overrideSecret(&s.Token, "token", f.token, f.tokenFile); err != nil {
		return SuiteConfig{}, err
	}
	if err := overrideSecret(&s.AESKey, "aes-key", f.aesKey, f.aesKeyFile); err != nil {
		return SuiteConfig{}, err
	}
	for _, need := range []struct{ flag, value string }{
		{"suite-key", s.Key}, {"token", s.Token.Reveal()}, {"aes-key", s.AESKey.Reveal()},
	} {
		if need.value == "" {
			return SuiteConfig{}, withHint(usagef(suite.Text{EN: "--%s is missing", ZH: "缺少 --%s"}, need.flag),
				suite.Text{
					EN: "give --suite-key, --token-file and --aes-key-file, their %s… variables, or --config suitekeeper.yaml",
					ZH: "请指定 --suite-key、--token-file 和 --aes-key-file，或对应的 %s… 环境变量，或 --config suitekeeper.yaml",
				}, envSuitePrefix)
		}
	}
	return s, nil
}

// keyFor is the $key of event. What DingTalk sends while it makes a suite
// carries the fixed key, whatever key the suite has in the end.
func (f *suiteFlags) keyFor(event, configured string) string {
	switch {
	case f.key != "":
		return f.key
	case event == creationEvent:
		return crypto.CreationKey
	}
	return configured
}

// configured returns what configuration file and environment say.
func (f *suiteFlags) configured(environ []string) (SuiteConfig, error) {
	if f.config == "" {
		return suiteFromEnvironment(environ)
	}
	c, _, err := LoadConfig(LoadOptions{Path: f.config, Environ: environ})
	if err != nil {
		return SuiteConfig{}, err
	}
	for _, s := range c.Suites {
		if s.Key == f.key || (f.key == "" && len(c.Suites) == 1) {
			return s, nil
		}
	}
	if f.key == "" {
		return SuiteConfig{}, withHint(usagef(suite.Text{EN: "%s has %d suites", ZH: "%s 中有 %d 个套件"}, f.config, len(c.Suites)), suite.Text{EN: "choose one with --suite-key", ZH: "请用 --suite-key 选择一个"})
	}
	return SuiteConfig{}, errorf(suite.Text{EN: "%s has no suite with the key %q", ZH: "%s 中没有 key 为 %q 的套件"}, f.config, f.key)
}

// suiteFromEnvironment reads the SUITEKEEPER_SUITE_ variables alone: push needs
// no suite secret, so it asks for no complete configuration.
func suiteFromEnvironment(environ []string) (SuiteConfig, error) {
	var s SuiteConfig
	structure := reflect.ValueOf(&s).Elem()
	l := newLoader("", structure)
	setDefaults(structure)
	l.readVariables(ourVariables(environ), variables(envSuitePrefix, structure, ""))
	if len(l.findings) > 0 {
		return SuiteConfig{}, &ConfigError{l.findings}
	}
	return s, nil
}

// overrideSecret sets secret from the flag name or from the file that its twin
// names, if one of them was given.
func overrideSecret(secret *suite.Secret, name, text, path string) error {
	switch {
	case text != "" && path != "":
		return usagef(suite.Text{EN: "--%s and --%s-file are both given", ZH: "--%s 和 --%s-file 只能指定一个"}, name, name)
	case text != "":
		*secret = suite.Secret(text)
	case path != "":
		value, err := readSecret(path)
		if err != nil {
			return fmt.Errorf("--%s-file: %w", name, err)
		}
		*secret = value
	}
	return nil
}

// codec returns the codec of s.
func (s SuiteConfig) codec() (*crypto.Codec, error) {
	return crypto.New(crypto.Options{Token: s.Token.Reveal(), EncodingAESKey: s.AESKey.Reveal(), Key: s.Key})
}
