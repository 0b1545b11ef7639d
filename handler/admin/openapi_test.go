package admin_test

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"suitekeeper/handler/admin"
)

// loadDocument reads the document that the server gives, with an
// implementation of OpenAPI that is not the one that wrote it.
func loadDocument(t *testing.T, o admin.Options) *openapi3.T {
	t.Helper()
	got := call(t, serve(t, o), http.MethodGet, "/openapi.json", viewerToken)
	if ct := got.Header.Get("Content-Type"); got.StatusCode != 200 || ct != "application/json" {
		t.Fatalf("GET /openapi.json = %d of type %q, want 200 of type application/json", got.StatusCode, ct)
	}
	doc, err := openapi3.NewLoader().LoadFromData([]byte(got.body))
	if err != nil {
		t.Fatalf("load /openapi.json: %v", err)
	}
	return doc
}

func TestDocumentIsValidAndNamesAllCalls(t *testing.T) {
	doc := loadDocument(t, options())
	if err := doc.Validate(t.Context()); err != nil {
		t.Errorf("/openapi.json is not valid: %v", err)
	}
	var want []string
	for _, c := range calls {
		want = append(want, c.path)
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(doc.Paths.Map())); !slices.Equal(got, want) {
		t.Errorf("/openapi.json has the paths %q, want %q", got, want)
	}
	if _, ok := doc.Components.Schemas["ErrorModel"]; ok {
		t.Error("/openapi.json describes errors that are never answered")
	}
}

func TestDocumentTellsWhoMayCall(t *testing.T) {
	doc := loadDocument(t, options())
	for _, c := range calls {
		var roles []string
		if s := doc.Paths.Value(c.path).Get.Security; s != nil {
			for _, requirement := range *s {
				roles = append(roles, requirement["bearer"]...)
			}
		}
		var want []string
		if c.opens[""] != 200 {
			want = []string{"viewer", "operator"}
		}
		if !slices.Equal(roles, want) {
			t.Errorf("/openapi.json: roles of %s = %q, want %q", c.path, roles, want)
		}
	}
}

// Every answer there is must be one that the document describes, by status,
// type and shape.
func TestAnswersMatchTheDocument(t *testing.T) {
	failing := options()
	failing.Keeper = keeper{err: io.ErrUnexpectedEOF}
	failing.Ready = func() error { return io.ErrUnexpectedEOF }
	doc := loadDocument(t, options())
	for name, o := range map[string]admin.Options{"well": options(), "failing": failing} {
		srv := serve(t, o)
		for _, c := range calls {
			for token := range c.opens {
				for _, query := range []string{"", "?nobody=knows"} {
					got := call(t, srv, http.MethodGet, c.path+query, token)
					if err := matches(t, doc, c.path, got); err != nil {
						t.Errorf("%s server: GET %s%s with token %q = %d %s\nnot as described: %v",
							name, c.path, query, token, got.StatusCode, got.body, err)
					}
				}
			}
		}
	}
}

func matches(t *testing.T, doc *openapi3.T, path string, got reply) error {
	item := doc.Paths.Value(path)
	return openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: got.Request,
			Route:   &routers.Route{Spec: doc, Path: path, PathItem: item, Method: http.MethodGet, Operation: item.Get},
		},
		Status:  got.StatusCode,
		Header:  got.Header,
		Body:    io.NopCloser(strings.NewReader(got.body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
}
