package admin

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// What calls may fail with beyond what all of them may.
const (
	missing   = http.StatusNotFound
	conflict  = http.StatusConflict
	badBody   = http.StatusBadRequest
	slowBody  = http.StatusRequestTimeout
	largeBody = http.StatusRequestEntityTooLarge
	wrongType = http.StatusUnsupportedMediaType
)

const (
	authorizationsPath = "/api/v1/suites/{suite_key}/authorizations"
	authorizationPath  = authorizationsPath + "/{corp_id}"
)

// register is the one list of calls: their paths, who may make them, and what
// answers.
func (a *api) register() {
	handle(a, get("healthz", "/healthz", "Tell that the process answers"), nil, a.healthz)
	handle(a, readyzOperation(), nil, a.readyz)
	handle(a, metricsOperation(), nil, a.metrics)
	handle(a, get("openapi", "/openapi.json", "Describe this API"), viewers, a.openAPI)

	handle(a, get("status", "/api/v1/status", "Tell how everything stands and what needs a person"), viewers, a.status)
	handle(a, get("suites", "/api/v1/suites", "List the suites"), viewers, a.suites)
	handle(a, checkOperation(), operators, a.check)
	handle(a, get("authorizations", authorizationsPath, "List a suite's authorisations", missing), viewers, a.authorizations)
	handle(a, get("authorization", authorizationPath, "Tell how an authorisation stands and what happened to it", missing), viewers, a.authorization)
	handle(a, post("reveal", authorizationPath+"/reveal", "Show a permanent code", 200, missing, conflict), operators, a.reveal)
	handle(a, post("retry", authorizationPath+"/retry", "Try now again to bring an authorisation to active", 202, missing, conflict), operators, a.retry)

	handle(a, eventsOperation(), viewers, a.events)
	handle(a, get("event", "/api/v1/events/{id}", "Show an event with its payload", missing), viewers, a.event)
	handle(a, post("repushEvent", "/api/v1/events/{id}/repush", "Process an event again", 202, missing, conflict), operators, a.repushEvent)
	handle(a, repushOperation(a.huma.OpenAPI().Components.Schemas), operators, a.repush)
	handle(a, get("repushes", "/api/v1/repush", "List what was processed again since the server started"), viewers, a.repushes)
	handle(a, get("repushJob", "/api/v1/repush/{id}", "Tell how far a repush is", missing), viewers, a.repushJob)

	handle(a, get("rejections", "/api/v1/rejections", "List the pushes that were refused at the door"), viewers, a.rejections)
	handle(a, get("audit", "/api/v1/audit", "List who did what"), operators, a.audit)

	handle(a, backupOperation(), operators, a.backup)
	handle(a, get("keys", "/api/v1/keys", "Tell how far a rotation of the data key is", missing), viewers, a.keys)
	handle(a, post("rotateKey", "/api/v1/keys/rotate", "Replace the data key", 202, missing, conflict), operators, a.rotateKey)
}

// none is the input of a call without parameters.
type none struct{}

// answer is the output of a call that answers T as JSON.
type answer[T any] struct{ Body T }

// answered puts what the keeper said into the shape of the API.
func answered[A, B any](said A, err error, shape func(A) B) (*answer[B], error) {
	if err != nil {
		return nil, err
	}
	return &answer[B]{shape(said)}, nil
}

// itself is the shape of what has it already.
func itself[T any](v T) T { return v }

// handle registers a call for the given roles, or for anybody when there are
// none. A call that needs a role takes only the parameters that it knows:
// whoever mistypes a filter must not be shown, or change, everything.
func handle[I, O any](a *api, op huma.Operation, who []Role, fn func(context.Context, *I) (*O, error)) {
	op.Errors = append(op.Errors, http.StatusInternalServerError)
	if who != nil {
		op.Security = a.securityOf(who)
		op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusForbidden,
			http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable)
		op.Middlewares = append(huma.Middlewares{a.require(who)}, op.Middlewares...)
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
func get(id, path, summary string, failures ...int) huma.Operation {
	return huma.Operation{OperationID: id, Method: http.MethodGet, Path: path, Summary: summary, Errors: failures}
}

// post is a call that does something, or shows a secret.
func post(id, path, summary string, status int, failures ...int) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: http.MethodPost, Path: path, Summary: summary,
		DefaultStatus: status, Errors: failures,
	}
}
