// Package dingtalk is a client of the calls of DingTalk's server API that bring
// an authorisation to life: tokens, the permanent code, activation, and what a
// corp authorised.
//
// DingTalk's classic host (oapi) answers 200 with an errcode; 0 is success. Its
// newer host (api) refuses with an HTTP status and a code in words. Of the
// calls here only CorpToken goes to the newer one. A [Client] makes of every
// refusal a [suite.PlatformError], whose Fault says what can be done, so that
// callers know neither kind of code. Answers that never came, are no JSON, or
// lack what a success must hold are such errors too: suite.FaultTransient.
//
// Secrets and tokens travel in the URLs and bodies of these calls. No error
// holds one: URLs are stripped, and what DingTalk echoes is masked.
package dingtalk
