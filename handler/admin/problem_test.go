package admin_test

import (
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"suitekeeper/handler/admin"
)

func TestProblemsOfHumaNameTheParameterAndNotItsValue(t *testing.T) {
	tests := []struct {
		name string
		from *huma.ErrorModel
		want admin.Problem
	}{
		{
			"parameters at fault",
			&huma.ErrorModel{Status: 422, Detail: "validation failed", Errors: []*huma.ErrorDetail{
				{Message: "expected number <= 500", Location: "query.limit", Value: "canary"},
				{Message: "unknown query parameter", Location: "query.suit_key"},
			}},
			admin.Problem{Title: "Unprocessable Entity", Status: 422, Code: "invalid_request",
				Detail: "query.limit: expected number <= 500; query.suit_key: unknown query parameter. GET /openapi.json tells what the call takes."},
		},
		{
			"no single parameter",
			&huma.ErrorModel{Status: 413, Detail: "request body is too large"},
			admin.Problem{Title: "Request Entity Too Large", Status: 413, Code: "invalid_request", Detail: "request body is too large. GET /openapi.json tells what the call takes."},
		},
		{
			"failure",
			&huma.ErrorModel{Status: 500, Detail: "canary"},
			admin.Problem{Title: "Internal Server Error", Status: 500, Code: "internal", Detail: "The server failed; its log tells why."},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := admin.OwnProblems(nil, "", tt.from)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Errorf("OwnProblems(%+v) differs (-want +got):\n%s", tt.from, diff)
			}
		})
	}
}
