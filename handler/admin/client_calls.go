package admin

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"suitekeeper/suite"
)

// Status tells how everything stands.
func (c *Client) Status(ctx context.Context) (Status, error) {
	return read[Status](ctx, c, request{path: path("status")})
}

// Suites lists the suites, all of them.
func (c *Client) Suites(ctx context.Context) ([]Suite, error) {
	all := []Suite{}
	for q := (ListQuery{Limit: maxLimit}); ; {
		s, err := read[Suites](ctx, c, request{path: path("suites"), query: q.values()})
		if err != nil {
			return nil, err
		}
		all = append(all, s.Suites...)
		if q.Cursor = s.NextCursor; q.Cursor == "" {
			return all, nil
		}
	}
}

// Check has the server ask DingTalk whether it accepts a suite's credentials.
func (c *Client) Check(ctx context.Context, suiteKey string) (CredentialCheck, error) {
	return read[CredentialCheck](ctx, c, request{method: http.MethodPost, path: path("suites", suiteKey, "check")})
}

// Authorizations lists a suite's authorisations.
func (c *Client) Authorizations(ctx context.Context, suiteKey string, q AuthorizationsQuery) (Authorizations, error) {
	return read[Authorizations](ctx, c, request{path: path("suites", suiteKey, "authorizations"), query: q.values()})
}

// Authorization tells how a corp's authorisation stands and what happened to it.
func (c *Client) Authorization(ctx context.Context, suiteKey, corpID string) (AuthorizationDetail, error) {
	return read[AuthorizationDetail](ctx, c, request{path: path("suites", suiteKey, "authorizations", corpID)})
}

// RevealPermanentCode returns a corp's permanent code, which the server writes
// to its audit log first.
func (c *Client) RevealPermanentCode(ctx context.Context, suiteKey, corpID string) (suite.Secret, error) {
	code, err := read[PermanentCode](ctx, c, request{
		method: http.MethodPost, path: path("suites", suiteKey, "authorizations", corpID, "reveal"),
	})
	return suite.Secret(code.PermanentCode), err
}

// Retry has the server try now again to bring an authorisation to active.
func (c *Client) Retry(ctx context.Context, suiteKey, corpID string) (Retry, error) {
	return read[Retry](ctx, c, request{
		method: http.MethodPost, path: path("suites", suiteKey, "authorizations", corpID, "retry"),
	})
}

// Events lists stored events.
func (c *Client) Events(ctx context.Context, q EventsQuery) (Events, error) {
	return read[Events](ctx, c, request{path: path("events"), query: q.values()})
}

// WaitEvents lists stored events, the oldest first, and waits for the first
// one when there is none: for at most a minute, whatever wait says. The list
// is empty when none came.
func (c *Client) WaitEvents(ctx context.Context, q EventsQuery, wait time.Duration) (Events, error) {
	wait = min(max(wait, 0), maxWait)
	return read[Events](ctx, c, request{path: path("events"), query: q.waiting(wait), takes: wait})
}

// Event returns an event with its payload, whose secrets are masked unless
// they are to be revealed, which the server writes to its audit log first.
func (c *Client) Event(ctx context.Context, id string, reveal bool) (EventDetail, error) {
	q := url.Values{}
	if reveal {
		q.Set("reveal", "true")
	}
	return read[EventDetail](ctx, c, request{path: path("events", id), query: q})
}

// RepushEvent has the server process one event again.
func (c *Client) RepushEvent(ctx context.Context, id string) (Repush, error) {
	return read[Repush](ctx, c, request{method: http.MethodPost, path: path("events", id, "repush")})
}

// Repush has the server process stored events again, in the background: ask
// for RepushJob to see how far it is. DryRun is not looked at.
func (c *Client) Repush(ctx context.Context, r RepushRequest) (Repush, error) {
	r.DryRun = false
	return read[Repush](ctx, c, request{method: http.MethodPost, path: path("repush"), body: r})
}

// PreviewRepush tells what Repush would run.
func (c *Client) PreviewRepush(ctx context.Context, r RepushRequest) (RepushPreview, error) {
	r.DryRun = true
	return read[RepushPreview](ctx, c, request{method: http.MethodPost, path: path("repush"), body: r})
}

// Repushes lists what was processed again since the server started.
func (c *Client) Repushes(ctx context.Context, q ListQuery) (Repushes, error) {
	return read[Repushes](ctx, c, request{path: path("repush"), query: q.values()})
}

// RepushJob tells how far a repush is.
func (c *Client) RepushJob(ctx context.Context, id string) (Repush, error) {
	return read[Repush](ctx, c, request{path: path("repush", id)})
}

// Rejections lists the pushes that were refused at the door.
func (c *Client) Rejections(ctx context.Context, q ListQuery) (Rejections, error) {
	return read[Rejections](ctx, c, request{path: path("rejections"), query: q.values()})
}

// Audit lists who did what.
func (c *Client) Audit(ctx context.Context, q ListQuery) (Audit, error) {
	return read[Audit](ctx, c, request{path: path("audit"), query: q.values()})
}
