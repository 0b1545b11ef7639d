package admin

import (
	"context"
	"errors"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"suitekeeper/suite"
)

type eventsInput struct {
	SuiteKey string `query:"suite_key" maxLength:"256"`
	Type     string `query:"type" maxLength:"256" example:"tmp_auth_code"`
	CorpID   string `query:"corp_id" maxLength:"256"`
	Outcome  string `query:"outcome" enum:"applied,stale,stored,quarantined"`
	Since    string `query:"since" maxLength:"64" doc:"Received then or later: a time of RFC 3339, or how long ago, as 90m, 2h or 7d" example:"2h"`
	Order    string `query:"order" enum:"desc,asc" default:"desc" doc:"desc: the newest first; asc: the oldest first"`
	After    string `query:"after" format:"uuid" doc:"With order=asc: only events that were stored after the one with this id"`
	Wait     string `query:"wait" maxLength:"16" doc:"With order=asc: when there is no such event, wait so long for one, as 30s; a minute at most" example:"30s"`
	Page
}

func eventsOperation() huma.Operation {
	op := get("events", "/api/v1/events", "List stored events, or wait for them", missing)
	op.Description = "A consumer asks for order=asc with the id of the last event that it has seen as after, and a wait. " +
		"The answer comes as soon as there is an event; it is empty when none came, or when the server stops."
	op.Middlewares = huma.Middlewares{patient}
	return op
}

func (a *api) events(ctx context.Context, in *eventsInput) (*answer[Events], error) {
	query, wait, err := in.read(time.Now())
	if err != nil {
		return nil, err
	}
	if wait == 0 {
		list, err := a.Keeper.Events(ctx, query)
		return answered(list, err, NewEvents)
	}
	list, err := a.waitEvents(ctx, query, wait)
	return answered(list, err, NewEvents)
}

// read makes a query of the parameters. Its errors are problems.
func (in *eventsInput) read(now time.Time) (q suite.EventQuery, wait time.Duration, err error) {
	q = suite.EventQuery{
		Suite: suite.SuiteKey(in.SuiteKey), Type: in.Type, Corp: suite.CorpID(in.CorpID), Outcome: suite.Outcome(in.Outcome),
		Ascending: in.Order == "asc", Limit: in.Limit, Cursor: in.Cursor,
	}
	if q.Since, err = ParseSince(in.Since, now); err != nil {
		return q, 0, problemParameter("query.since", suite.Say(suite.SayNoTimeOrPeriod))
	}
	if in.After != "" {
		if q.After, err = parseID("query.after", in.After); err != nil {
			return q, 0, err
		}
	}
	if in.Wait != "" {
		if wait, err = time.ParseDuration(in.Wait); err != nil || wait < 0 {
			return q, 0, problemParameter("query.wait", suite.Say(suite.SayNoDuration))
		}
	}
	if !q.Ascending && (in.After != "" || in.Wait != "") {
		return q, 0, problemParameter("query.order", suite.Say(suite.SayAscendingOnly))
	}
	return q, min(wait, maxWait), nil
}

// waitEvents waits for events, but not beyond the end of the server, which
// answers as if none had come: the consumer asks again, and again after that.
func (a *api) waitEvents(ctx context.Context, q suite.EventQuery, wait time.Duration) (suite.EventList, error) {
	waiting, done := a.untilStopping(ctx)
	list, err := a.Keeper.WaitEvents(waiting, q, wait)
	stopped := waiting.Err() != nil && ctx.Err() == nil
	done()
	if stopped && errors.Is(err, context.Canceled) {
		return suite.EventList{}, nil
	}
	return list, err
}

// eventInput names an event.
type eventInput struct {
	ID string `path:"id" format:"uuid"`
}

type eventDetailInput struct {
	ID     string `path:"id" format:"uuid"`
	Reveal bool   `query:"reveal" doc:"Show the payload with its secrets; for operators only, and written to the audit log before"`
}

func (a *api) event(ctx context.Context, in *eventDetailInput) (*answer[EventDetail], error) {
	id, err := parseID("path.id", in.ID)
	if err != nil {
		return nil, err
	}
	if !in.Reveal {
		detail, err := a.Keeper.Event(ctx, id)
		return answered(detail, err, NewEventDetail)
	}
	actor := actorOf(ctx)
	if actor.Role != string(RoleOperator) {
		return nil, problemForbidden(actor, operators)
	}
	detail, err := a.Keeper.RevealEvent(ctx, actor, id)
	return answered(detail, err, NewEventDetail)
}

// parseID reads an id whose form huma has checked already. Its errors are
// problems.
func parseID(where, text string) (id suite.EventID, err error) {
	if err := id.UnmarshalText([]byte(text)); err != nil {
		return id, problemParameter(where, suite.Say(suite.SayNoUUID))
	}
	return id, nil
}
