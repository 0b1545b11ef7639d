package admin_test

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

// document is what the server says of itself, read with an implementation of
// OpenAPI that is not the one that wrote it.
var document = sync.OnceValues(func() (*openapi3.T, error) {
	h, err := admin.New(options())
	if err != nil {
		return nil, err
	}
	r := httptest.NewRequest(http.MethodGet, "/openapi.json", nil)
	r.Header = bearer(viewerToken)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return openapi3.NewLoader().LoadFromData(w.Body.Bytes())
})

var documented = sync.OnceValues(func() (routers.Router, error) {
	doc, err := document()
	if err != nil {
		return nil, err
	}
	return legacy.NewRouter(doc, openapi3.EnableExamplesValidation())
})

// described tells how an answer differs from what the document says of the
// call, by status, type and shape. Of what is no call it says nothing.
func described(ctx context.Context, got reply) error {
	router, err := documented()
	if err != nil {
		return err
	}
	asked := got.Request.Clone(ctx)
	if asked.Method == http.MethodHead || strings.HasSuffix(asked.URL.Path, "/") { // the router would drop it
		return nil
	}
	route, params, err := router.FindRoute(asked)
	if err != nil {
		return nil // no call, or one with a method that it does not have
	}
	return openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: asked, Route: route, PathParams: params},
		Status:                 got.StatusCode,
		Header:                 got.Header,
		Body:                   io.NopCloser(strings.NewReader(got.body)),
		Options:                &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
}

func loadDocument(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := document()
	if err != nil {
		t.Fatalf("load /openapi.json: %v", err)
	}
	return doc
}

func TestDocumentIsValidAndNamesAllCalls(t *testing.T) {
	doc := loadDocument(t)
	if err := doc.Validate(t.Context()); err != nil {
		t.Errorf("/openapi.json is not valid: %v", err)
	}
	var got, want []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			got = append(got, method+" "+path)
		}
	}
	for _, c := range calls {
		want = append(want, c.method+" "+c.path)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("/openapi.json has the calls %q, want %q", got, want)
	}
	if _, ok := doc.Components.Schemas["ErrorModel"]; ok {
		t.Error("/openapi.json describes errors that are never answered")
	}
}

func TestDocumentTellsWhoMayCall(t *testing.T) {
	doc := loadDocument(t)
	for _, c := range calls {
		var roles []string
		if s := doc.Paths.Value(c.path).GetOperation(c.method).Security; s != nil {
			for _, requirement := range *s {
				roles = append(roles, requirement["bearer"]...)
			}
		}
		if !slices.Equal(roles, c.who) {
			t.Errorf("/openapi.json: roles of %s %s = %q, want %q", c.method, c.path, roles, c.who)
		}
	}
}

// A value that the document does not list would be refused by clients that
// were made of it.
func TestDocumentListsAllValues(t *testing.T) {
	doc := loadDocument(t)
	tests := []struct {
		schema, property string
		want             []string
	}{
		{"Authorization", "status", texts(suite.Statuses()...)},
		{"HistoryEntry", "from", texts(suite.Statuses()...)},
		{"HistoryEntry", "to", texts(suite.Statuses()...)},
		{"Call", "outcome", texts(suite.CallSucceeded, suite.CallRefused, suite.CallUnanswered)},
		{"Exchange", "state", texts(suite.ExchangeDone, suite.ExchangeWaiting, suite.ExchangeRunning, suite.ExchangeHeld, suite.ExchangeFailed)},
		{"Event", "source", texts(suite.SourceHTTP, suite.SourceSyncHTTP)},
		{"Event", "outcome", texts(suite.OutcomeApplied, suite.OutcomeStale, suite.OutcomeStored, suite.OutcomeQuarantined)},
		{"Retry", "action", texts(suite.RetryExchange, suite.RetryActivate, suite.RetryReauthorize)},
		{"Rejection", "reason", texts(suite.RejectSignature, suite.RejectCiphertext, suite.RejectSuiteKey, suite.RejectNotJSON, suite.RejectSource, suite.RejectUnknown)},
		{"AuditEntry", "action", texts(suite.AuditRevealCode, suite.AuditRevealPayload, suite.AuditRetry, suite.AuditReplayEvent, suite.AuditReplay, suite.AuditSignIn, suite.AuditSignOut, suite.AuditBackup, suite.AuditRotateKey)},
		{"AuditEntry", "role", texts(admin.RoleViewer, admin.RoleOperator, admin.RoleApp)},
		{"Ticket", "state", texts(suite.TicketFresh, suite.TicketStale, suite.TicketMissing)},
		{"Alert", "severity", texts(suite.SeverityCritical, suite.SeverityWarning)},
	}
	for _, tt := range tests {
		var got []string
		for _, v := range doc.Components.Schemas[tt.schema].Value.Properties[tt.property].Value.Enum {
			got = append(got, v.(string))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("/openapi.json: %s of %s is one of %q, want %q", tt.property, tt.schema, got, tt.want)
		}
	}
}

func texts[T ~string](values ...T) (list []string) {
	for _, v := range values {
		list = append(list, string(v))
	}
	return list
}

// All lists go by the same parameters.
func TestDocumentBoundsAllLists(t *testing.T) {
	doc := loadDocument(t)
	for _, path := range lists {
		params := doc.Paths.Value(path).Get.Parameters
		limit := params.GetByInAndName("query", "limit")
		if limit == nil || *limit.Schema.Value.Min != 1 || *limit.Schema.Value.Max != 500 || limit.Schema.Value.Default != 50.0 {
			t.Errorf("/openapi.json: limit of %s = %+v, want 1 to 500, by default 50", path, limit)
		}
		if params.GetByInAndName("query", "cursor") == nil {
			t.Errorf("/openapi.json: %s has no cursor", path)
		}
	}
	for path, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			for _, p := range op.Parameters {
				s := p.Value.Schema.Value
				if s.Type.Is("string") && s.MaxLength == nil && s.Format == "" && len(s.Enum) == 0 {
					t.Errorf("/openapi.json: parameter %s of %s is not bounded", p.Value.Name, path)
				}
			}
		}
	}
}

// callWith compares every answer with the document; here all calls come along.
func TestAnswersMatchTheDocument(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		seen := map[string]map[int]bool{}
		for _, c := range calls {
			seen[c.id()] = map[int]bool{}
			for _, query := range []string{"", "?nobody=knows"} {
				got := w.callAs(operatorToken, c, query)
				seen[c.id()][got.StatusCode] = true
			}
			w.down.Store(true)
			seen[c.id()][w.callAs(operatorToken, c, "").StatusCode] = true
			w.down.Store(false)
		}
		for _, c := range calls {
			codes := slices.Sorted(maps.Keys(seen[c.id()]))
			if want := cmp.Or(c.status, 200); !slices.Contains(codes, want) {
				t.Errorf("%s was answered %v, want %d among them", c.id(), codes, want)
			}
			if c.who != nil && !slices.Contains(codes, 422) {
				t.Errorf("%s was answered %v, want 422 for an unknown parameter", c.id(), codes)
			}
		}
	})
}

// Whoever reads the document without a network must need nothing else.
func TestDocumentStandsAlone(t *testing.T) {
	got := call(t, serve(t, options()), http.MethodGet, "/openapi.json", viewerToken)
	if ct := got.Header.Get("Content-Type"); ct != "application/json" || !json.Valid([]byte(got.body)) {
		t.Errorf("GET /openapi.json = %d of type %q, want JSON", got.StatusCode, ct)
	}
	if strings.Contains(got.body, `"$schema"`) || strings.Contains(got.body, "http://") {
		t.Error("/openapi.json refers to something elsewhere")
	}
}
