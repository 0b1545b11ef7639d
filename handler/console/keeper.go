package console

import (
	"context"

	"suitekeeper/suite"
)

// Keeper is what the console shows and lets people do. Implementations are
// safe for concurrent use. What changes or reveals something is written to the
// audit log before it happens, by the Keeper. The errors that it returns are
// logged, so they hold no secrets.
type Keeper interface {
	Status(ctx context.Context) (suite.Report, error)
	Events(ctx context.Context, q suite.EventQuery) (suite.EventList, error)
	Event(ctx context.Context, id suite.EventID) (suite.EventDetail, error)
	Authorizations(ctx context.Context, q suite.AuthorizationQuery) (suite.AuthorizationList, error)
	Authorization(ctx context.Context, key suite.SuiteKey, corp suite.CorpID) (suite.AuthorizationDetail, error)
	Rejections() suite.RejectionReport
	Audit(ctx context.Context, q suite.AuditQuery) (suite.AuditList, error)

	RevealPermanentCode(ctx context.Context, by suite.Actor, key suite.SuiteKey, corp suite.CorpID) (suite.Secret, error)
	RevealEvent(ctx context.Context, by suite.Actor, id suite.EventID) (suite.EventDetail, error)
	Retry(ctx context.Context, by suite.Actor, key suite.SuiteKey, corp suite.CorpID) (suite.RetryAction, error)
	ReplayEvent(ctx context.Context, by suite.Actor, id suite.EventID) (suite.Replay, error)
	PreviewReplay(ctx context.Context, q suite.ReplayQuery) (suite.ReplayPreview, error)
	StartReplay(ctx context.Context, by suite.Actor, q suite.ReplayQuery) (suite.Replay, error)
	Replays() []suite.Replay

	RecordSignIn(ctx context.Context, who suite.Actor) error
	RecordSignOut(ctx context.Context, who suite.Actor) error
}
