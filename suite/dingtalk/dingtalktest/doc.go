// Package dingtalktest is a stand-in for DingTalk: its server API, the pusher
// that calls an ISV's callback, and the page in its developer console from
// which an operator pushes again. Tests and the demo run against it.
//
// It is faithful where DingTalk hurts:
//
//   - A tmp_auth_code works once. Of several codes for one authorisation one
//     works, the others answer 40078; an old one answers 40102.
//   - A permanent code is handed out once, and whoever loses it needs
//     reauth_corp, which pushes a new code, or the corp's own help.
//   - A suite_ticket replaces the one before (40085). Tokens expire (40082,
//     40014). Addresses outside the whitelist are refused (60020).
//   - A push counts as received only if its answer is JSON, status 200, in
//     time, correctly named, signed and encrypted. Anything else is pushed
//     again: events after 10 s and 30 s, tickets until 100 wrong answers in a
//     row, and then not at all until somebody presses 重新推送.
//   - An event of a corp that was given up waits in the list of failed events,
//     where each call deletes what the call before returned. Events of the
//     suite itself (tickets, authorisations) that were given up are gone.
//   - Pushes are not throttled, and every attempt is sealed anew.
//
// A [Platform] is an http.Handler that serves the paths of both of DingTalk's
// hosts and, under /console/, the developer console. Nothing runs until
// [Platform.Run], which pushes what is queued. With a [Transport] on both
// sides no socket is needed, and everything works in testing/synctest.
//
// Faults that last can be started and ended, by method or on the page of the
// developer console ([Standing]): tickets stop, are given up, are refused; a
// code is burnt; the registration was changed; answers are judged wrong.
//
// Answers of the API can be spoilt by script ([Platform.Fault]), among other ways by doing
// what was asked and dropping the answer, which is what a crash at the worst
// moment looks like. What happened is kept in records ([Platform.Pushes],
// [Platform.Calls], [Platform.Corp]) and can be waited for ([Platform.Wait]).
//
// The JSON is written by hand, not with the structs of the client under test,
// because a wrong name would then agree with itself. For the same reason the
// names of requests are matched exactly.
//
// Where DingTalk publishes no figure one was chosen, and the option's comment
// says so. Secrets here protect nothing: records and messages hold them in
// clear.
package dingtalktest
