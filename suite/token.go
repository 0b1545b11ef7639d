package suite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/singleflight"

	"suitekeeper/store"
)

// tokenKeeper keeps access tokens: one request however many ask, renewed
// before they expire, kept across restarts. It is safe for concurrent use.
type tokenKeeper struct {
	store      store.Engine
	platform   Platform
	configured func(SuiteKey) (Suite, bool)
	flight     singleflight.Group
}

func newTokenKeeper(e store.Engine, p Platform, configured func(SuiteKey) (Suite, bool)) *tokenKeeper {
	return &tokenKeeper{store: e, platform: p, configured: configured}
}

// forget has the next who wants a token ask DingTalk, even while it is being asked.
func (t *tokenKeeper) forget(key SuiteKey) { t.flight.Forget(flightOf(key, "")) }

// flightOf names what is asked only once at a time.
func flightOf(key SuiteKey, corp CorpID) string { return string(key) + "\x00" + string(corp) }

// suite returns a valid suite_access_token.
func (t *tokenKeeper) suite(ctx context.Context, key SuiteKey) (Secret, error) {
	return t.token(ctx, key, "", false)
}

// renew asks DingTalk for a new suite_access_token even if there is a valid one.
func (t *tokenKeeper) renew(ctx context.Context, key SuiteKey) (Secret, error) {
	return t.token(ctx, key, "", true)
}

// corp returns a valid access token of the corp.
func (t *tokenKeeper) corp(ctx context.Context, key SuiteKey, corp CorpID) (Secret, error) {
	return t.token(ctx, key, corp, false)
}

func (t *tokenKeeper) token(ctx context.Context, key SuiteKey, corp CorpID, force bool) (Secret, error) {
	if !force {
		if v, ok, err := t.stored(ctx, key, corp); ok || err != nil {
			return v, err
		}
	}
	v, err, _ := t.flight.Do(flightOf(key, corp), func() (any, error) {
		if v, ok, err := t.stored(ctx, key, corp); err != nil || (ok && !force) {
			return v, err
		}
		return t.fetch(ctx, key, corp)
	})
	if err != nil {
		return "", err
	}
	return v.(Secret), nil
}

// stored returns the stored token if it is good for a while yet.
func (t *tokenKeeper) stored(ctx context.Context, key SuiteKey, corp CorpID) (Secret, bool, error) {
	var rec tokenRecord
	err := t.store.View(ctx, func(r store.Reader) (err error) {
		rec, err = tokens.Get(r, corpID(key, corp))
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("read token of %s: %w", key, err)
	}
	return Secret(rec.Value), rec.fresh(time.Now()), nil
}

// fresh tells whether the token lives for at least a tenth of its life, and
// not less than it takes to use it.
func (r tokenRecord) fresh(now time.Time) bool {
	return now.Add(r.ExpiresAt.Sub(r.AskedAt) / 10).Before(r.ExpiresAt)
}

func (t *tokenKeeper) fetch(ctx context.Context, key SuiteKey, corp CorpID) (Secret, error) {
	cred, err := t.credentials(ctx, key)
	if err != nil {
		return "", err
	}
	askedAt := time.Now().UTC()
	var token Token
	if corp == "" {
		token, err = t.platform.SuiteToken(ctx, cred)
	} else {
		token, err = t.platform.CorpToken(ctx, cred, corp)
	}
	if err != nil {
		return "", err
	}
	rec := tokenRecord{Value: token.Value.Reveal(), AskedAt: askedAt, ExpiresAt: token.ExpiresAt}
	return token.Value, t.keep(ctx, key, corp, rec)
}

// keep stores a token, but none for a corp that withdrew meanwhile.
func (t *tokenKeeper) keep(ctx context.Context, key SuiteKey, corp CorpID, rec tokenRecord) error {
	id := corpID(key, corp)
	err := t.store.Update(store.Urgent(ctx), func(w store.Writer) error {
		if corp != "" {
			auth, err := auths.Get(w, id)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			if auth.Status == StatusRelieved {
				return nil
			}
		}
		return tokens.Put(w, id, rec)
	})
	if err != nil {
		return fmt.Errorf("store token of %s: %w", key, err)
	}
	return nil
}

// drop forgets a token that DingTalk called invalid, unless a newer one has
// taken its place.
func (t *tokenKeeper) drop(ctx context.Context, key SuiteKey, corp CorpID, bad Secret) error {
	id := corpID(key, corp)
	return t.store.Update(store.Urgent(ctx), func(w store.Writer) error {
		rec, err := tokens.Get(w, id)
		if errors.Is(err, store.ErrNotFound) || (err == nil && rec.Value != bad.Reveal()) {
			return nil
		}
		if err != nil {
			return err
		}
		return tokens.Delete(w, id)
	})
}

// errNoTicket is a fault like DingTalk's own 40085, found without a call.
var errNoTicket = &PlatformError{Call: "get_suite_token", Fault: FaultTicket, Message: Say(SayNoTicket)}

// credentials are what the suite signs with; without a ticket there are none,
// and the error is errNoTicket.
func (t *tokenKeeper) credentials(ctx context.Context, key SuiteKey) (Credentials, error) {
	var ticket ticketRecord
	err := t.store.View(ctx, func(r store.Reader) (err error) {
		ticket, err = tickets.Get(r, suiteID(key))
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return Credentials{}, errNoTicket
	}
	if err != nil {
		return Credentials{}, fmt.Errorf("read ticket of %s: %w", key, err)
	}
	cfg, ok := t.configured(key)
	if !ok {
		return Credentials{}, fmt.Errorf("read credentials: %w", &ProblemError{ProblemUnknownSuite, Values{Suite: key}})
	}
	return Credentials{Key: key, Secret: cfg.Secret, Ticket: Secret(ticket.Value)}, nil
}
