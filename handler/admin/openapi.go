package admin

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

const bearerScheme = "bearer"

// humaConfig describes the API as a whole. The routes that huma would add by
// itself (documentation pages that load from elsewhere, schemas) stay off.
func humaConfig(version string) huma.Config {
	schemas := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	schemas.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[Problem]())
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:       "suitekeeper admin API",
				Description: "What operators and their programs ask a suitekeeper server.",
				Version:     version,
			},
			Components: &huma.Components{
				Schemas: schemas,
				SecuritySchemes: map[string]*huma.SecurityScheme{bearerScheme: {
					Type:        "http",
					Scheme:      "bearer",
					Description: "A token of the configuration. The roles beside a call are those that may make it; any one of them is enough.",
				}},
			},
		},
		// huma looks for application/problem+json under what follows the plus.
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{ownProblems},
	}
}

// bearerOf says that any one of the roles is enough: one requirement each.
func bearerOf(who []Role) []map[string][]string {
	var any []map[string][]string
	for _, r := range who {
		any = append(any, map[string][]string{bearerScheme: {string(r)}})
	}
	return any
}
