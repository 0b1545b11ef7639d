package admin

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"
)

// register is the one list of calls: their paths, who may make them, and what
// answers.
func (a *api) register() {
	handle(a, get("healthz", "/healthz", "Tell that the process answers"), nil, a.healthz)
	handle(a, readyzOperation(), nil, a.readyz)
	handle(a, metricsOperation(), nil, a.metrics)
	handle(a, get("status", "/api/v1/status", "Tell how everything stands and what needs a person"), viewers, a.status)
	handle(a, get("suites", "/api/v1/suites", "List the suites"), viewers, a.suites)
	handle(a, get("openapi", "/openapi.json", "Describe this API"), viewers, a.openAPI)
}

// none is the input of a call without parameters.
type none struct{}

// answer is the output of a call that answers T as JSON.
type answer[T any] struct{ Body T }

// handle registers a call for the given roles, or for anybody when there are
// none. A call that needs a role takes only the parameters that it knows:
// whoever mistypes a filter must not be shown, or change, everything.
func handle[I, O any](a *api, op huma.Operation, who []Role, fn func(context.Context, *I) (*O, error)) {
	op.Errors = append(op.Errors, http.StatusInternalServerError)
	if who != nil {
		op.Security = bearerOf(who)
		op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity)
		op.Middlewares = append(op.Middlewares, a.require(who))
		op.RejectUnknownQueryParameters = true
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, in)
		if err != nil {
			return nil, a.problemOf(ctx, op.OperationID, err)
		}
		return out, nil
	})
}

// get is a call that only reads. Of its answers huma fills in what is missing.
func get(id, path, summary string) huma.Operation {
	return huma.Operation{OperationID: id, Method: http.MethodGet, Path: path, Summary: summary}
}

func (a *api) healthz(context.Context, *none) (*answer[Health], error) {
	return &answer[Health]{Health{Status: "ok"}}, nil
}

func readyzOperation() huma.Operation {
	op := get("readyz", "/readyz", "Tell whether pushes can be taken now")
	op.Errors = []int{http.StatusServiceUnavailable}
	return op
}

func (a *api) readyz(context.Context, *none) (*answer[Health], error) {
	if err := a.Ready(); err != nil {
		return nil, problemNotReady(err)
	}
	return &answer[Health]{Health{Status: "ready"}}, nil
}

func metricsOperation() huma.Operation {
	op := get("metrics", "/metrics", "Give metrics to Prometheus")
	op.Responses = map[string]*huma.Response{"200": {
		Description: "Metrics in the text format, or in another that the client accepts",
		Content:     map[string]*huma.MediaType{"text/plain": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
	return op
}

// metrics writes what can be gathered, even when a part of it cannot.
func (a *api) metrics(context.Context, *none) (*answer[func(huma.Context)], error) {
	h := promhttp.HandlerFor(a.Metrics, promhttp.HandlerOpts{
		ErrorLog:      errorLog{a.Logger},
		ErrorHandling: promhttp.ContinueOnError,
	})
	return &answer[func(huma.Context)]{func(ctx huma.Context) {
		c := humagin.Unwrap(ctx)
		h.ServeHTTP(c.Writer, c.Request)
	}}, nil
}

// errorLog lets promhttp log what could not be gathered.
type errorLog struct{ *zap.Logger }

// Println implements promhttp.Logger.
func (l errorLog) Println(v ...any) { l.Sugar().Errorln(v...) }

func (a *api) status(ctx context.Context, _ *none) (*answer[Status], error) {
	report, err := a.Keeper.Status(ctx)
	if err != nil {
		return nil, err
	}
	return &answer[Status]{NewStatus(report, a.Version, a.Store())}, nil
}

func (a *api) suites(ctx context.Context, _ *none) (*answer[Suites], error) {
	report, err := a.Keeper.Status(ctx)
	if err != nil {
		return nil, err
	}
	return &answer[Suites]{NewSuites(report)}, nil
}

func (a *api) openAPI(context.Context, *none) (*answer[json.RawMessage], error) {
	return &answer[json.RawMessage]{a.document}, nil
}
