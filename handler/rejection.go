package handler

import (
	"errors"
	"net/http"

	"suitekeeper/crypto"
	"suitekeeper/suite"
)

// reasons are those for which a push is rejected.
var reasons = []suite.RejectReason{
	suite.RejectSignature, suite.RejectCiphertext, suite.RejectSuiteKey, suite.RejectNotJSON, suite.RejectSource,
}

// reasonOf tells why err rejects a push, or "" if it is no rejection.
func reasonOf(err error) suite.RejectReason {
	var wrongKey *crypto.KeyError
	switch {
	case errors.Is(err, errSource):
		return suite.RejectSource
	case errors.Is(err, crypto.ErrSignature):
		return suite.RejectSignature
	case errors.Is(err, crypto.ErrUndecryptable):
		return suite.RejectCiphertext
	case errors.As(err, &wrongKey):
		return suite.RejectSuiteKey
	case errors.Is(err, suite.ErrNotJSON):
		return suite.RejectNotJSON
	}
	return ""
}

// strayOf returns the key that a request names, if it may be a push of DingTalk's
// for a suite that is not configured. Whatever else is tried alarms nobody.
func strayOf(r *http.Request, named suite.SuiteKey) suite.SuiteKey {
	if _, err := parseQuery(r.URL.RawQuery); err != nil || !named.Plausible() {
		return ""
	}
	return named
}

// rejection is what operators hear of a push that err rejects.
func (p *push) rejection(err error) suite.Rejection {
	r := suite.Rejection{At: p.arrived, RemoteAddr: address(p.remote), Reason: reasonOf(err)}
	if p.suite != nil {
		r.Suite = p.suite.key
	}
	var wrongKey *crypto.KeyError
	if errors.As(err, &wrongKey) {
		r.Got = wrongKey.Got
	}
	if p.stray != "" {
		r.Reason, r.Got = suite.RejectUnknown, string(p.stray)
	}
	return r
}
