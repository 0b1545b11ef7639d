// Package admin is the operators' side of suitekeeper: the JSON API of the
// admin listener, and a [Client] for it.
//
//	GET  /healthz              anybody    the process answers
//	GET  /readyz               anybody    pushes can be taken now
//	GET  /metrics              anybody    for Prometheus
//	GET  /openapi.json         viewer     this API, described as OpenAPI 3.1
//	GET  /api/v1/status        viewer     everything that an operator has to know at a glance
//	GET  /api/v1/suites        viewer     the suites alone
//	POST /api/v1/suites/{suite_key}/check
//	                           operator   whether DingTalk accepts the suite's credentials
//	GET  /api/v1/suites/{suite_key}/authorizations
//	                           viewer     a suite's authorisations, by status or as searched for
//	GET  …/authorizations/{corp_id}
//	                           viewer     one, with its history
//	POST …/authorizations/{corp_id}/reveal
//	                           operator   its permanent code in clear
//	POST …/authorizations/{corp_id}/retry
//	                           operator   try now again to bring it to active
//	GET  /api/v1/events        viewer     stored events, or wait for them
//	GET  /api/v1/events/{id}   viewer     one, with its payload; in clear for operators
//	POST /api/v1/events/{id}/repush
//	                           operator   process it again
//	POST /api/v1/repush        operator   process a suite's stored events again, or what failed, or tell what that would run
//	GET  /api/v1/repush        viewer     what was processed again since the server started
//	GET  /api/v1/repush/{id}   viewer     how far that is
//	GET  /api/v1/rejections    viewer     the pushes that were refused at the door
//	GET  /api/v1/audit         operator   who revealed, retried, re-pushed what, when, from where
//	POST /api/v1/backup        operator   an encrypted backup of the store
//	GET  /api/v1/keys          viewer     how far a rotation of the data key is
//	POST /api/v1/keys/rotate   operator   replace the data key
//
// HEAD may be used where GET may. The types in this package are the shapes of
// the answers: names in snake_case, times as RFC 3339 in UTC, and what is not
// there yet is left out. The functions named New… make them of what package
// suite tells, for whoever shows the same without a server.
//
// All lists take limit (50, at most 500) and cursor, and return next_cursor as
// long as something follows. An answer looks at so much of the store only, so a list
// may be shorter than its limit, or empty, although more follows.
//
// A program that consumes events asks for order=asc, with the id of the last
// event that it has seen as after, and wait=30s: the answer comes as soon as
// there is an event.
//
// # Who may call
//
// Everything but the first three calls needs the header
//
//	Authorization: Bearer <token>
//
// or, where there is no such header, the session of a browser that is signed in
// to the console: it has the role of the token that signed in, and ends as it
// does there. It opens nothing to pages from elsewhere, and calls do not
// lengthen it.
//
// A token has one role. An operator may do what a viewer may. The role app
// belongs to the ISV's own programs: there is no call yet that it may make. Of
// each token only its SHA-256 is kept, and a token that arrives is compared
// with all of them in constant time. An address from which 20 wrong ones came
// is slowed down (see [Throttle]).
//
// What a page of another site has a browser send is refused where it could
// change something. Whatever shows a secret or changes something is on disk in
// the audit log before the answer; when it cannot be written there, nothing is
// shown or done.
//
// # Errors
//
// An error is answered as application/problem+json (RFC 9457) with a code for
// programs and, in English and Chinese, what happened and what to do next. The
// texts are those of the catalogue in package suite:
//
//	400 invalid_request      a body that is no JSON
//	401 unauthorized         no token or session, or one that is not known
//	403 forbidden            the role of the token does not cover the call
//	403 cross_origin         a page of another site sent it
//	404 not_found            no such path, authorisation, event or repush
//	404 unknown_suite        no suite of that key is configured
//	405 method_not_allowed   with Allow
//	408 invalid_request      a body that does not come
//	409 no_permanent_code    there is none that could be shown
//	409 nothing_to_retry     trying again has no point as things stand
//	409 no_backup_key        the server does not know whom to encrypt a backup for
//	409 rotation_runs        the data key is being rotated already
//	409 repush_runs          stored events are being processed again already
//	413 invalid_request      a body that is too large
//	415 invalid_request      a body that does not say it is JSON
//	422 invalid_request      a parameter that the call does not know, or cannot take
//	429 too_many_attempts    too many wrong tokens came from this address, with Retry-After
//	500 internal             a fault of ours; the log tells which
//	503 not_ready            from /readyz, with the reason
//	503 unavailable          the store takes nothing, or the request ended before its answer was there
//
// Answers hold no secrets but those that were asked to be revealed, and are not
// to be cached.
package admin
