package admin

import (
	"context"

	"suitekeeper/suite"
)

type authorizationsInput struct {
	SuiteKey string `path:"suite_key" maxLength:"256"`
	Status   string `query:"status" enum:"pending,active,disabled,failed,relieved"`
	Search   string `query:"search" maxLength:"256" doc:"The beginning of a corp id, or a part of a corp's name; case does not matter"`
	Page
}

// authorizationInput names one authorisation.
type authorizationInput struct {
	SuiteKey string `path:"suite_key" maxLength:"256"`
	CorpID   string `path:"corp_id" maxLength:"256"`
}

func (in *authorizationInput) names() (suite.SuiteKey, suite.CorpID) {
	return suite.SuiteKey(in.SuiteKey), suite.CorpID(in.CorpID)
}

func (a *api) authorizations(ctx context.Context, in *authorizationsInput) (*answer[Authorizations], error) {
	list, err := a.Keeper.Authorizations(ctx, suite.AuthorizationQuery{
		Suite: suite.SuiteKey(in.SuiteKey), Status: suite.Status(in.Status), Search: in.Search,
		Limit: in.Limit, Cursor: in.Cursor,
	})
	return answered(list, err, NewAuthorizations)
}

func (a *api) authorization(ctx context.Context, in *authorizationInput) (*answer[AuthorizationDetail], error) {
	key, corp := in.names()
	detail, err := a.Keeper.Authorization(ctx, key, corp)
	return answered(detail, err, NewAuthorizationDetail)
}

func (a *api) reveal(ctx context.Context, in *authorizationInput) (*answer[PermanentCode], error) {
	key, corp := in.names()
	code, err := a.Keeper.RevealPermanentCode(ctx, actorOf(ctx), key, corp)
	return answered(code, err, func(s suite.Secret) PermanentCode { return PermanentCode{s.Reveal()} })
}

func (a *api) retry(ctx context.Context, in *authorizationInput) (*answer[Retry], error) {
	key, corp := in.names()
	action, err := a.Keeper.Retry(ctx, actorOf(ctx), key, corp)
	return answered(action, err, func(r suite.RetryAction) Retry { return Retry{string(r)} })
}
