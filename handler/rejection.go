package handler

import (
	"errors"
	"fmt"

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

// explain says in a sentence what was wrong with a rejected push, and what an
// operator can do about it. Neither holds a secret.
func explain(err error, p *push) (detail, cure string) {
	var wrongKey *crypto.KeyError
	switch reasonOf(err) {
	case suite.RejectSource:
		return fmt.Sprintf("pushes from %s are not allowed", p.remote),
			"if this is DingTalk, add the address to allowed_sources; if it is a proxy of yours, add it to trusted_proxies"
	case suite.RejectSignature:
		return "the push was not signed with the token of " + p.who(),
			"compare the token in the configuration with the one in DingTalk's developer console; if it is the same, somebody else pushed"
	case suite.RejectCiphertext:
		return "the push was signed with the token of " + p.who() + " but does not decrypt with its aes_key",
			"compare aes_key in the configuration with the one in DingTalk's developer console"
	case suite.RejectSuiteKey:
		errors.As(err, &wrongKey)
		return explainKey(wrongKey)
	}
	return "the push is authentic but its text is no JSON object; it is kept in quarantine",
		"look at the event; whoever made it has the suite's token and aes_key"
}

func explainKey(e *crypto.KeyError) (detail, cure string) {
	detail = fmt.Sprintf("the push carried %s while %s is configured", e.Got, e.Want)
	switch {
	case e.Got == crypto.CreationKey:
		return detail + ": the suite is still being created in DingTalk's developer console",
			"configure " + crypto.CreationKey + " as the suite's key until it is created, then its own"
	case e.Want == crypto.CreationKey:
		return detail + ": the suite has been created and has a key of its own",
			"configure the suite's own key, as the developer console shows it"
	}
	return detail, "compare the suite's key in the configuration with the one in DingTalk's developer console"
}
