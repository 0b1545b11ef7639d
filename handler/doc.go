// Package handler is the public HTTP side of suitekeeper: the listener that
// DingTalk pushes to.
//
//	POST /callback/{suite_key}   one suite's pushes
//	POST /callback               the suite is found by the signature
//	GET  /healthz                the process answers, also to HEAD
//
// Nothing else is served and nothing is redirected: DingTalk does not follow
// redirects.
//
// # The way of a push
//
// A push is read within bounds of size and time, its parameters and its body
// are checked for their form, its envelope is opened, and the text inside goes
// to a [Receiver]. Only after that has said that the text is durable is the
// encrypted reply sent, with status 200. DingTalk waits 1200 ms, so whatever is
// not done within the budget (900 ms from the arrival) is answered 503, and
// DingTalk pushes again. A commit that still happens makes that a duplicate.
// While 1,024 pushes or 16 MiB of bodies are in work, the next is answered 503 at
// once, as a rule before it is read, and so it is with 512 for some seconds after.
//
// # What is answered instead
//
// Everything else is answered with JSON, {"code":"…","message":"…"}:
//
//	400 bad_request            malformed query, parameters or body
//	403 rejected               wrong signature or anything wrong behind it, or a source not allowed
//	404 unknown_suite          no such suite is configured, or not any more
//	404 not_found              no such path
//	405 method_not_allowed     with Allow
//	413 too_large              the body is larger than the limit, or says so
//	415 unsupported_encoding   the body is compressed
//	431 headers_too_large      more than 16 KiB of them, the request line included
//	500 internal               a fault of ours; nothing was acknowledged
//	503 unavailable            not stored in time, or the store cannot take it; with Retry-After
//
// What is no sound HTTP never reaches a handler. [Handler.Watch] has it answered and
// logged all the same. A 403 has one constant body, whatever the reason, so that
// nobody can use the receiver to find out what is behind a ciphertext. Operators
// find the reason, with its cure, in the log and in what [Receiver] is told.
//
// # What is logged
//
// One line a request, never with the query, the body or a secret; one a second
// and suite for pushes refused because too many are in work. Health is asked
// often and logged never.
package handler
