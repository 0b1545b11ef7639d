// Package admin is the operators' side of suitekeeper: the JSON API of the
// admin listener, and a [Client] for it.
//
//	GET /healthz          anybody   the process answers
//	GET /readyz           anybody   pushes can be taken now
//	GET /metrics          anybody   for Prometheus
//	GET /api/v1/status    viewer    everything that an operator has to know at a glance
//	GET /api/v1/suites    viewer    the suites alone
//	GET /openapi.json     viewer    this API, described as OpenAPI 3.1
//
// HEAD may be used where GET may. The types in this package are the shapes of
// the answers: names in snake_case, times as RFC 3339 in UTC, and what is not
// there yet is left out.
//
// # Who may call
//
// Everything but the first three calls needs the header
//
//	Authorization: Bearer <token>
//
// A token has one role. An operator may do what a viewer may. The role app
// belongs to the ISV's own programs; it opens nothing of an operator's. Of
// each token only its SHA-256 is kept, and a token that arrives is compared
// with all of them in constant time.
//
// # Errors
//
// An error is answered as application/problem+json (RFC 9457) with a code for
// programs:
//
//	401 unauthorized         no token, or one that is not known
//	403 forbidden            the role of the token does not cover the call
//	404 not_found            no such path
//	405 method_not_allowed   with Allow
//	422 invalid_request      a parameter that the call does not know, or cannot take
//	500 internal             a fault of ours; the log tells which
//	503 not_ready            from /readyz, with the reason
//	503 unavailable          the request ended before its answer was there
//
// Answers hold no secrets and are not to be cached.
package admin
