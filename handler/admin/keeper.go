package admin

import (
	"context"
	"time"

	"suitekeeper/suite"
)

// Keeper knows how everything stands and does what operators ask for.
// Implementations are safe for concurrent use. Their errors are logged and, if
// they wrap one that package suite has for operators, shown, so they hold no
// secrets.
type Keeper interface {
	viewer
	operator
}

// viewer changes nothing here. Secrets are masked in what it returns.
type viewer interface {
	Status(ctx context.Context) (suite.Report, error)
	Authorizations(ctx context.Context, q suite.AuthorizationQuery) (suite.AuthorizationList, error)
	Authorization(ctx context.Context, key suite.SuiteKey, corp suite.CorpID) (suite.AuthorizationDetail, error)
	Events(ctx context.Context, q suite.EventQuery) (suite.EventList, error)
	// WaitEvents returns as soon as there is an event, or none after wait. The
	// query is ascending.
	WaitEvents(ctx context.Context, q suite.EventQuery, wait time.Duration) (suite.EventList, error)
	Event(ctx context.Context, id suite.EventID) (suite.EventDetail, error)
	PreviewReplay(ctx context.Context, q suite.ReplayQuery) (suite.ReplayPreview, error)
	Replays() []suite.Replay
	Replay(id suite.EventID) (suite.Replay, error)
	// CheckCredentials returns the alert that DingTalk's refusal of the suite's
	// key, secret and ticket amounts to, or nil when it accepts them.
	CheckCredentials(ctx context.Context, key suite.SuiteKey) (*suite.Alert, error)
	Rejections() suite.RejectionReport
	Audit(ctx context.Context, q suite.AuditQuery) (suite.AuditList, error)
}

// operator does what only operators may. It writes down who did what before it
// does or returns anything, and fails when that cannot be written.
type operator interface {
	RevealPermanentCode(ctx context.Context, a suite.Actor, key suite.SuiteKey, corp suite.CorpID) (suite.Secret, error)
	RevealEvent(ctx context.Context, a suite.Actor, id suite.EventID) (suite.EventDetail, error)
	Retry(ctx context.Context, a suite.Actor, key suite.SuiteKey, corp suite.CorpID) (suite.RetryAction, error)
	ReplayEvent(ctx context.Context, a suite.Actor, id suite.EventID) (suite.Replay, error)
	StartReplay(ctx context.Context, a suite.Actor, q suite.ReplayQuery) (suite.Replay, error)
}
