// Package suite is the domain of suitekeeper: what DingTalk's pushes mean, what
// is kept of them, and the work that they cause.
//
// # Vocabulary
//
// An ISV sells a suite (an app) to corps (companies). DingTalk pushes a
// suite_ticket every few hours, without which no API call works, and a
// tmp_auth_code when a corp authorises the suite. The code can be exchanged
// once, for a permanent code that can never be asked for again.
//
// # The way of a push
//
// [Keeper.Receive] takes a decrypted push and makes it durable in one update of
// the store: the event, its fingerprint, what it changes, and the work that it
// causes. A push is acknowledged after that and not before. [Keeper.Run] does
// the work: it exchanges codes, activates apps, asks for scopes, and asks for a
// new code where one was burnt. Every step is written down before the next, so
// a crash at any moment loses nothing that was acknowledged.
//
// # Repeats and order
//
// A fingerprint (suite, SHA-256 of the decrypted JSON, or of the row in
// SyncHTTP mode) recognises what was seen already. What changes state is
// ordered by the event's own time, not by its arrival: an older ticket never
// replaces a newer one, an old withdrawal does not undo a newer authorisation,
// nor an old authorisation a newer withdrawal. An own time that is absent,
// unreadable, or more than ten minutes ahead of our clock does not count; the
// time of arrival does instead.
//
// # Operators
//
// What people reveal or have done is written to the audit log in the update that
// reads or does it, so nothing is shown or done that the log does not hold.
// Events can be processed again ([Keeper.StartReplay]) as often as one likes:
// what was applied is not applied twice, and what is older than what is stored
// changes nothing. A replay is in memory only, and one that a restart ends can
// be started again. What needs a person is an [Alert]; its words and those of
// codes and refusals stand in one catalogue, from which docs/alerts.md is
// printed.
//
// # Lists
//
// Operators list what millions of pushes left behind. A push pays for that with
// one small record of an authorisation that changed; the indexes are built by a
// worker, and lists read beside them what it has not come to, of authorisations
// the newest few thousand changes. So what changed is listed at once. An answer
// looks at a bounded number of records: a page may be short although more follows.
//
// # Authorisations
//
// This table is printed from the one that the code uses:
//
//	           authorized granted    activated  failed     relieved   stopped    restored   seen
//	(none)     pending    active     .          failed     relieved   .          .          pending
//	pending    .          active     active     failed     relieved   .          .          .
//	active     .          .          .          failed     relieved   disabled   .          .
//	disabled   .          .          .          failed     relieved   .          active     .
//	failed     pending    active     active     .          relieved   .          .          .
//	relieved   pending    active     .          .          .          .          .          pending
package suite
