// Package dingtalk is a client of the calls of DingTalk's server API that bring
// an authorisation to life: tokens, the permanent code, activation, and what a
// corp authorised.
//
// DingTalk's classic host (oapi) answers 200 with an errcode; 0 is success. A
// [Client] makes of everything else a [suite.PlatformError], whose Fault says
// what can be done, so that callers know no errcodes. That includes answers
// that never came, are no JSON, or lack what a success must hold: those are
// suite.FaultTransient.
//
// Secrets and tokens travel in the URLs and bodies of these calls. No error
// holds one: URLs are stripped, and what DingTalk echoes is masked.
package dingtalk
