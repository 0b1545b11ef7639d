package admin

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"suitekeeper/suite"
)

// maxRepushBytes bounds the body of a repush, which is a few short strings.
const maxRepushBytes = 16 << 10

type repushInput struct{ Body RepushRequest }

// repushOutput is a Repush or, of a dry run, a RepushPreview.
type repushOutput struct {
	Status int
	Body   any
}

func repushOperation(schemas huma.Registry) huma.Operation {
	op := post("repush", "/api/v1/repush", "Process stored events again, or tell what that would run", http.StatusAccepted,
		missing, conflict, badBody, slowBody, largeBody, wrongType)
	op.MaxBodyBytes = maxRepushBytes
	op.Responses = map[string]*huma.Response{
		"200": jsonResponse[RepushPreview](schemas, "With dry_run: what would run. Nothing was changed"),
		"202": jsonResponse[Repush](schemas, "The events are being processed in the background; GET /api/v1/repush/{id} tells how far that is"),
	}
	return op
}

func jsonResponse[T any](schemas huma.Registry, description string) *huma.Response {
	return &huma.Response{
		Description: description,
		Content:     map[string]*huma.MediaType{"application/json": {Schema: schemas.Schema(reflect.TypeFor[T](), true, "")}},
	}
}

// repush asks for a suite, except for what failed.
func (a *api) repush(ctx context.Context, in *repushInput) (*repushOutput, error) {
	since, err := ParseSince(in.Body.Since, time.Now())
	if err != nil {
		return nil, problemParameter("body.since", suite.Say(suite.SayNoTimeOrPeriod))
	}
	query := suite.ReplayQuery{
		Suite: suite.SuiteKey(in.Body.SuiteKey), Type: in.Body.Type, Corp: suite.CorpID(in.Body.CorpID),
		Since: since, Failed: in.Body.Failed,
	}
	if query.Boundless() {
		return nil, problemParameter("body.suite_key", suite.Say(suite.SayWhichEvents))
	}
	if in.Body.DryRun {
		preview, err := a.Keeper.PreviewReplay(ctx, query)
		if err != nil {
			return nil, err
		}
		return &repushOutput{http.StatusOK, NewRepushPreview(preview)}, nil
	}
	replay, err := a.Keeper.StartReplay(ctx, actorOf(ctx), query)
	if err != nil {
		return nil, err
	}
	return &repushOutput{http.StatusAccepted, NewRepush(replay)}, nil
}

func (a *api) repushEvent(ctx context.Context, in *eventInput) (*answer[Repush], error) {
	id, err := parseID("path.id", in.ID)
	if err != nil {
		return nil, err
	}
	replay, err := a.Keeper.ReplayEvent(ctx, actorOf(ctx), id)
	return answered(replay, err, NewRepush)
}

func (a *api) repushes(_ context.Context, in *Page) (*answer[Repushes], error) {
	list, err := in.repushesOf(mapped(a.Keeper.Replays(), NewRepush))
	return answered(list, err, itself)
}

func (a *api) repushJob(_ context.Context, in *eventInput) (*answer[Repush], error) {
	id, err := parseID("path.id", in.ID)
	if err != nil {
		return nil, err
	}
	replay, err := a.Keeper.Replay(id)
	return answered(replay, err, NewRepush)
}
