package suite

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"suitekeeper/store"
)

// Authorizations lists a suite's authorisations. It is safe for concurrent use
// and works on a Keeper that is not running. A query that cannot be is
// ErrBadQuery, a suite that is not configured ErrUnknownSuite.
func (k *Keeper) Authorizations(ctx context.Context, q AuthorizationQuery) (AuthorizationList, error) {
	s, err := k.newAuthSearch(q)
	if err != nil {
		return AuthorizationList{}, fmt.Errorf("list authorisations: %w", err)
	}
	var list AuthorizationList
	err = k.store.View(ctx, func(r store.Reader) (err error) {
		list, err = s.run(r)
		return err
	})
	if err != nil {
		return AuthorizationList{}, fmt.Errorf("list authorisations: %w", err)
	}
	return list, nil
}

// authSearch is a checked query.
type authSearch struct {
	AuthorizationQuery
	keeper *Keeper
	after  CorpID // the corp where an earlier list ended; empty: from the beginning
}

func (k *Keeper) newAuthSearch(q AuthorizationQuery) (authSearch, error) {
	s := authSearch{AuthorizationQuery: q, keeper: k}
	if q.Suite == "" {
		return s, fmt.Errorf("%w: the suite is missing", ErrBadQuery)
	}
	if _, ok := k.suites[q.Suite]; !ok {
		return s, fmt.Errorf("suite %s: %w", q.Suite, ErrUnknownSuite)
	}
	var err error
	if s.Limit, err = limitOf(q.Limit); err != nil {
		return s, err
	}
	if err := oneOf("status", q.Status, Statuses()...); err != nil {
		return s, err
	}
	place, err := openCursor(cursorCorp, q.Cursor)
	s.after = CorpID(place)
	s.Search = foldName(q.Search)
	return s, err
}

func (s authSearch) run(r store.Reader) (AuthorizationList, error) {
	var list AuthorizationList
	prefix := suiteID(s.Suite)
	from := []byte(prefix)
	if s.after != "" {
		from = successor(corpID(s.Suite, s.after))
	}
	looked := 0
	var last CorpID
	for e, err := range auths.Scan(r, from, prefix.PrefixEnd(), false) {
		if err != nil {
			return AuthorizationList{}, err
		}
		if looked == maxLooked || len(list.Authorizations) == s.Limit {
			list.Next = newCursor(cursorCorp, []byte(last))
			break
		}
		last = e.Value.Corp
		looked++
		if !s.wants(e.Value) {
			continue
		}
		a, err := s.keeper.authorization(r, e.Value)
		if err != nil {
			return AuthorizationList{}, err
		}
		list.Authorizations = append(list.Authorizations, a)
	}
	return list, nil
}

// wants tells whether the query asks for the authorisation.
func (s authSearch) wants(a authRecord) bool {
	return (s.Status == "" || a.Status == s.Status) &&
		(s.Search == "" || strings.HasPrefix(foldName(string(a.Corp)), s.Search) || strings.Contains(foldName(a.CorpName), s.Search))
}

// Authorization returns how a corp's authorisation stands and what happened to
// it. ErrNotFound says that nothing is known of the corp.
func (k *Keeper) Authorization(ctx context.Context, suite SuiteKey, corp CorpID) (AuthorizationDetail, error) {
	if _, ok := k.suites[suite]; !ok {
		return AuthorizationDetail{}, fmt.Errorf("suite %s: %w", suite, ErrUnknownSuite)
	}
	var d AuthorizationDetail
	err := k.store.View(ctx, func(r store.Reader) error {
		auth, err := auths.Get(r, corpID(suite, corp))
		if err != nil {
			return err
		}
		d.History = auth.History
		d.Authorization, err = k.authorization(r, auth)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return AuthorizationDetail{}, fmt.Errorf("authorisation of %s for %s: %w", corp, suite, ErrNotFound)
	}
	if err != nil {
		return AuthorizationDetail{}, fmt.Errorf("read the authorisation of %s for %s: %w", corp, suite, err)
	}
	return d, nil
}

// authorization is what operators see of a record.
func (k *Keeper) authorization(r store.Reader, auth authRecord) (Authorization, error) {
	a := Authorization{
		Suite: auth.Suite, Corp: auth.Corp, CorpName: auth.CorpName, Status: auth.Status, Scope: auth.Scope,
		AuthorizedAt: auth.AuthorizedAt, ActivatedAt: auth.ActivatedAt, ChangedAt: auth.ChangedAt, RelievedAt: auth.RelievedAt,
	}
	if auth.live() {
		a.PermanentCode = maskCode(auth.PermanentCode)
	}
	for _, app := range auth.Apps {
		a.Agents = append(a.Agents, app.Agent)
	}
	ref := workRef{Suite: auth.Suite, ID: string(auth.Corp)}
	work, err := works.Get(r, ref.key())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return a, err
	}
	a.Exchange = k.exchangeOf(ref, work)
	return a, nil
}
