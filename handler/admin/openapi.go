package admin

import (
	"maps"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

// What opens calls, by the names in the document.
const (
	bearerScheme  = "bearer"
	sessionScheme = "session"
)

// humaConfig describes the API as a whole. The routes that huma would add by
// itself (documentation pages that load from elsewhere, schemas) stay off.
func humaConfig(o Options) huma.Config {
	schemas := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	schemas.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[Problem]())
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:       "suitekeeper admin API",
				Description: "What operators and their programs ask a suitekeeper server.",
				Version:     o.Version,
			},
			Components: &huma.Components{
				Schemas:         schemas,
				SecuritySchemes: securitySchemes(o.Sessions),
			},
		},
		// huma looks for application/problem+json under what follows the plus.
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{ownProblems},
	}
}

// securitySchemes describes what a call may be opened with.
func securitySchemes(s Sessions) map[string]*huma.SecurityScheme {
	schemes := map[string]*huma.SecurityScheme{bearerScheme: {
		Type:        "http",
		Scheme:      "bearer",
		Description: "A token of the configuration. The roles beside a call are those that may make it; any one of them is enough.",
	}}
	if name := s.SessionCookie(); name != "" {
		schemes[sessionScheme] = &huma.SecurityScheme{
			Type: "apiKey", In: "cookie", Name: name,
			Description: "The session of a browser that is signed in to the console, with the role of the token that signed in. " +
				"Only for requests of this server's own pages, and only where there is no header Authorization.",
		}
	}
	return schemes
}

// securityOf says that any one of the roles is enough, however it is proved:
// one requirement each.
func (a *api) securityOf(who []Role) []map[string][]string {
	var any []map[string][]string
	for _, scheme := range slices.Sorted(maps.Keys(securitySchemes(a.Sessions))) {
		for _, r := range who {
			any = append(any, map[string][]string{scheme: {string(r)}})
		}
	}
	return any
}
