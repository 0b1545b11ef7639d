package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"slices"
	"sync/atomic"

	"suitekeeper/crypto"
	"suitekeeper/handler"
	"suitekeeper/suite"
)

// servedSuite is a suite with what opens its pushes.
type servedSuite struct {
	SuiteConfig
	codec *crypto.Codec
}

// serveSuites makes codecs for suites. Those whose keys are the same as before
// keep theirs.
func serveSuites(suites []SuiteConfig, before []servedSuite) ([]servedSuite, error) {
	var list []servedSuite
	for _, s := range suites {
		if i := slices.IndexFunc(before, func(b servedSuite) bool { return b.sameKeys(s) }); i >= 0 {
			list = append(list, servedSuite{s, before[i].codec})
			continue
		}
		codec, err := s.codec()
		if err != nil {
			return nil, fmt.Errorf("suite %s: %w", s.Key, err)
		}
		list = append(list, servedSuite{s, codec})
	}
	return list, nil
}

func publicSuites(suites []servedSuite) []handler.Suite {
	var list []handler.Suite
	for _, s := range suites {
		list = append(list, handler.Suite{Key: suite.SuiteKey(s.Key), Codec: s.codec})
	}
	return list
}

// reconfigure takes up the suites and the certificate of a configuration, and
// nothing else. No push fails because of that but those of a suite that goes. It
// is not to be called twice at once. An error says that nothing has changed.
func (a *app) reconfigure(ctx context.Context, cfg Config) error {
	suites, err := serveSuites(cfg.Suites, a.suites)
	if err != nil {
		return err
	}
	var pair *tls.Certificate
	if a.tls != nil {
		if pair, err = loadCertificate(cfg.TLS); err != nil {
			return err
		}
	}
	// The keeper knows new suites before their pushes are let in.
	if err := a.keeper.SetSuites(ctx, cfg.suites()); err != nil {
		return err
	}
	if err := a.public.SetSuites(publicSuites(suites)); err != nil {
		return err
	}
	if changed := changedKeys(suites, a.suites); len(changed) > 0 {
		a.keeper.KeysChanged(changed)
	}
	a.suites = suites
	if a.tls != nil {
		a.tls.pair.Store(pair)
	}
	return nil
}

// changedKeys are the suites whose pushes are not opened with what they were before.
func changedKeys(suites, before []servedSuite) []suite.SuiteKey {
	var keys []suite.SuiteKey
	for _, s := range suites {
		if !slices.ContainsFunc(before, func(b servedSuite) bool { return b.codec == s.codec }) {
			keys = append(keys, suite.SuiteKey(s.Key))
		}
	}
	return keys
}

// certificate is that of both listeners. It can be replaced while they serve.
type certificate struct {
	pair atomic.Pointer[tls.Certificate]
}

func loadCertificate(cfg TLSConfig) (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(cfg.CertFile, cfg.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("tls.cert_file and tls.key_file: %w", err)
	}
	return &pair, nil
}

// newCertificate returns nil without TLS.
func newCertificate(cfg TLSConfig) (*certificate, error) {
	if !cfg.Enabled() {
		return nil, nil
	}
	pair, err := loadCertificate(cfg)
	if err != nil {
		return nil, err
	}
	c := new(certificate)
	c.pair.Store(pair)
	return c, nil
}

func (c *certificate) config(protocols ...string) *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     protocols,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.pair.Load(), nil },
	}
}
