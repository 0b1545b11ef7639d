package suite

import (
	"context"
	"errors"
	"fmt"
	"strconv"

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
	AuthorizationQuery // Search is folded
	keeper             *Keeper
	from               []byte // the first key to look at
}

func (k *Keeper) newAuthSearch(q AuthorizationQuery) (authSearch, error) {
	s := authSearch{AuthorizationQuery: q, keeper: k}
	if q.Suite == "" {
		return s, BadQuery(Say(SaySuiteMissing))
	}
	if _, ok := k.suite(q.Suite); !ok {
		return s, k.unknownSuite(q.Suite)
	}
	var err error
	if s.Limit, err = limitOf(q.Limit); err != nil {
		return s, err
	}
	if err := oneOf("status", q.Status, Statuses()...); err != nil {
		return s, err
	}
	if len(q.Search) > maxName {
		return s, BadQuery(Say(SaySearchTooLong, strconv.Itoa(maxName)))
	}
	place, err := openCursor(cursorCorp, q.Cursor)
	s.from = append(suiteID(q.Suite), place...)
	s.Search = foldName(q.Search)
	return s, err
}

// cursor stands for the key at which to go on.
func (s authSearch) cursor(at []byte) string {
	return newCursor(cursorCorp, at[len(suiteID(s.Suite)):])
}

func (s authSearch) run(r store.Reader) (AuthorizationList, error) {
	if s.Status == "" && s.Search == "" {
		return s.all(r)
	}
	return s.matching(r)
}

// all lists every authorisation.
func (s authSearch) all(r store.Reader) (AuthorizationList, error) {
	var list AuthorizationList
	for e, err := range auths.Scan(r, s.from, suiteID(s.Suite).PrefixEnd(), false) {
		if err != nil {
			return AuthorizationList{}, err
		}
		if len(list.Authorizations) == s.Limit {
			list.Next = s.cursor(e.Key)
			break
		}
		a, err := s.keeper.authorization(r, e.Value)
		if err != nil {
			return AuthorizationList{}, err
		}
		list.Authorizations = append(list.Authorizations, a)
	}
	return list, nil
}

// Authorization returns how a corp's authorisation stands and what happened to
// it. ErrNotFound says that nothing is known of the corp.
func (k *Keeper) Authorization(ctx context.Context, suite SuiteKey, corp CorpID) (AuthorizationDetail, error) {
	if _, ok := k.suite(suite); !ok {
		return AuthorizationDetail{}, k.unknownSuite(suite)
	}
	var d AuthorizationDetail
	err := k.store.View(ctx, func(r store.Reader) error {
		auth, err := auths.Get(r, corpID(suite, corp))
		if err != nil {
			return err
		}
		d.History = auth.History
		for _, call := range k.calls.of(workRef{Suite: suite, ID: string(corp)}) { // of what waits, or is under way
			d.History = appendEntry(d.History, call)
		}
		d.Authorization, err = k.authorization(r, auth)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return AuthorizationDetail{}, noAuthorization(suite, corp)
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
	var err error
	a.Exchange, err = k.exchange(r, workRef{Suite: auth.Suite, ID: string(auth.Corp)})
	return a, err
}
