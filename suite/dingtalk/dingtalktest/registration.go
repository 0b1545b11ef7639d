package dingtalktest

import (
	"fmt"
	"net/netip"
	"slices"
)

// SetCallbackURL changes where the suite is pushed to, from the next attempt
// on.
func (p *Platform) SetCallbackURL(suite, url string) error {
	return p.onSuite("set callback url", suite, func(s *suiteState) error {
		s.CallbackURL = url
		return nil
	})
}

// SetIPWhitelist changes from where the suite may call; nothing means anywhere.
// Others are refused with 60020.
func (p *Platform) SetIPWhitelist(suite string, from ...netip.Prefix) error {
	return p.onSuite("set ip whitelist", suite, func(s *suiteState) error {
		s.IPWhitelist = from
		p.tellChange(s, "whitelist", slices.Equal(from, s.asAdded.IPWhitelist))
		return nil
	})
}

// SetSecret changes the suite secret, as its owner may in the developer
// console, and makes the suite's tokens invalid. A receiver that knows the
// other one is refused with 40088. The error wraps ErrInvalid when there is
// none.
func (p *Platform) SetSecret(suite, secret string) error {
	return p.onSuite("set secret", suite, func(s *suiteState) error {
		if secret == "" {
			return fmt.Errorf("%w: no secret", ErrInvalid)
		}
		s.Secret = secret
		p.dropTokens(func(t token) bool { return t.suite == s })
		p.tellChange(s, "suite secret", secret == s.asAdded.Secret)
		return nil
	})
}

// SetToken changes the token that pushes are signed with, from the next attempt
// on. The error wraps ErrInvalid when it cannot be one.
func (p *Platform) SetToken(suite, token string) error {
	return p.onSuite("set token", suite, func(s *suiteState) error {
		if err := s.setKeys(token, s.EncodingAESKey); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		p.tellChange(s, "token", token == s.asAdded.Token)
		return nil
	})
}

// SetAESKey changes the EncodingAESKey that pushes are encrypted with, from the
// next attempt on. The error wraps ErrInvalid when it cannot be one.
func (p *Platform) SetAESKey(suite, key string) error {
	return p.onSuite("set AES key", suite, func(s *suiteState) error {
		if err := s.setKeys(s.Token, key); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		p.tellChange(s, "AES key", key == s.asAdded.EncodingAESKey)
		return nil
	})
}

// tellChange tells of a change in the registration, or of its way back.
func (p *Platform) tellChange(s *suiteState, what string, back bool) {
	if back {
		p.tell(Happening{Suite: s.Key, What: faultHappening, Text: "the " + what + " is again what it was", Good: true})
		return
	}
	p.tellFault(s, "the "+what+" was changed in the developer console")
}
