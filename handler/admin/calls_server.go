package admin

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"

	"suitekeeper/suite"
)

func (a *api) healthz(context.Context, *none) (*answer[Health], error) {
	return &answer[Health]{Health{Status: "ok"}}, nil
}

func readyzOperation() huma.Operation {
	return get("readyz", "/readyz", "Tell whether pushes can be taken now", http.StatusServiceUnavailable)
}

func (a *api) readyz(context.Context, *none) (*answer[Health], error) {
	if err := a.Ready(); err != nil {
		return nil, said(suite.ProblemNotReady, suite.AsItIs(err.Error()))
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

func (a *api) suites(ctx context.Context, in *Page) (*answer[Suites], error) {
	report, err := a.Keeper.Status(ctx)
	if err != nil {
		return nil, err
	}
	list, err := in.suitesOf(NewSuites(report))
	return answered(list, err, itself)
}

func (a *api) openAPI(context.Context, *none) (*answer[json.RawMessage], error) {
	return &answer[json.RawMessage]{a.document}, nil
}
