// Package console is the operators' web console: pages that the server renders,
// with its own style sheet and one script, all embedded.
//
//	GET  /console/                                  what needs a person, and how everything stands
//	GET  /console/authorizations                    a suite's authorisations
//	GET  /console/authorizations/{suite}/{corp}     one of them, with its history
//	POST …/retry · …/reveal                         operators
//	GET  /console/events                            stored events
//	GET  /console/events/{id}                       one of them, with its payload
//	POST …/repush · …/reveal                        operators
//	GET  /console/rejections                        pushes that were refused
//	GET  /console/repush                            the three ways of having things done again
//	POST /console/repush                            operators
//	GET  /console/audit                             operators
//	GET  /console/sign-in · POST                    anybody
//	POST /console/sign-out · /console/language      anybody
//	GET  /console/static/{file}                     anybody
//
// Every page works without JavaScript. With it, a page asks for itself once
// more as an event stream (Accept: text/event-stream) and is sent its contents
// anew whenever they change.
//
// # Who may look
//
// Whoever signs in with an admin token of the role viewer or operator. The
// session lives in the store that cmd provides, under the hash of what the
// cookie holds. It ends 12 hours after the sign-in, after 2 hours in which
// nobody looked at a page, when the person signs out, and when the token is no longer
// configured. The role is that of the token now, not at the time of the sign-in.
//
// # What a browser is told
//
// The cookie is HttpOnly and SameSite=Strict, and has the prefix __Host- under
// TLS. Requests that change something must come from the same origin. Nothing
// is loaded from elsewhere, nothing runs or is styled inline, and pages are
// kept in no cache.
package console
