package suite

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// CheckCredentials asks DingTalk for a suite_access_token with the suite's key,
// secret and stored ticket, and keeps nothing of the answer. It returns nil
// when DingTalk gives one, and otherwise the alert that the refusal, or the
// lack of a usable answer, amounts to. ErrUnknownSuite says that the suite is
// not configured. It is safe for concurrent use and works on a Keeper that is
// not running.
func (k *Keeper) CheckCredentials(ctx context.Context, key SuiteKey) (*Alert, error) {
	if _, ok := k.suite(key); !ok {
		return nil, fmt.Errorf("check credentials: %w", k.unknownSuite(key))
	}
	cred, err := k.tokens.credentials(ctx, key)
	if err == nil {
		_, err = k.platform.SuiteToken(ctx, cred)
	}
	var refused *PlatformError
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &refused):
		a := failureOf(refused, time.Now().UTC()).alert(key, "")
		return &a, nil
	}
	return nil, fmt.Errorf("check the credentials of %s: %w", key, err)
}
