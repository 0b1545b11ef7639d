package suite

import "slices"

// creationKey stands in the envelope while DingTalk makes a suite, which has no
// key of its own yet.
const creationKey SuiteKey = "suite4xxxxxxxxxxxxxxx"

// RejectEntry is what the catalogue says about a reason to refuse a push.
// Explain fills the placeholders.
type RejectEntry struct {
	Reason  RejectReason
	Alert   AlertCode // by which operators hear of it
	Message Text
	Cure    Text

	fits func(Rejection) bool // nil: every one of that reason
}

// RejectEntries returns the catalogue of reasons; several entries of one reason
// are for what the push carried. The slice is the caller's.
func RejectEntries() []RejectEntry { return slices.Clone(rejectEntries) }

// Explain says what was wrong with the push, and what can be done about it.
func (r Rejection) Explain() (message, cure Text) {
	e := r.entry()
	return Entry{Message: e.Message, Cure: e.Cure}.Fill(Values{Suite: r.Suite, Address: r.RemoteAddr, Got: r.Got})
}

// Alert is the alert by which operators hear of the rejection.
func (r Rejection) Alert() AlertCode { return r.entry().Alert }

func (r Rejection) entry() RejectEntry {
	for _, e := range rejectEntries {
		if e.Reason == r.Reason && (e.fits == nil || e.fits(r)) {
			return e
		}
	}
	// The catalogue's test sees to it that every reason has its entry.
	return RejectEntry{Reason: r.Reason}
}

// strayEnds tells when an alert ends for which there is no suite whose pushes
// would end it.
var strayEnds = Text{
	EN: "This alert ends by itself: 5 minutes after the last such push if there were one or two, an hour after it if there were more, and sooner once other keys are loaded (SIGHUP) or a push of every suite was accepted.",
	ZH: "此告警会自动消失：如果只有一两次这样的推送，在最近一次的 5 分钟后；如果更多，在最近一次的 1 小时后；加载了新的 token 或 AES key（SIGHUP），或每个套件都有推送被接受后会更早消失。",
}

// unknownEnds is that of a suite which is not configured.
var unknownEnds = Text{
	EN: "This alert ends by itself: at once when the suite is configured (SIGHUP), or when a push is accepted of every suite and none was before; else 5 minutes after the last such push if there were one or two, and an hour after it if there were more.",
	ZH: "此告警会自动消失：配置了该套件（SIGHUP）后立即消失；如果此前没有任何套件的推送被接受，则在每个套件都有推送被接受后消失；否则，如果只有一两次这样的推送，在最近一次的 5 分钟后消失，如果更多，在最近一次的 1 小时后消失。",
}

var rejectEntries = []RejectEntry{
	{
		Reason: RejectSignature, Alert: AlertPushesRejectedSignature,
		fits: func(r Rejection) bool { return r.Suite == "" },
		Message: Text{
			EN: "The push was not signed with the token of any configured suite.",
			ZH: "推送的签名与任何已配置套件的 token 都不一致。",
		},
		Cure: fixToken,
	},
	{
		Reason: RejectSignature, Alert: AlertPushesRejectedSignature,
		Message: Text{
			EN: "The push was not signed with the token of suite {suite}.",
			ZH: "推送的签名与套件 {suite} 的 token 不一致。",
		},
		Cure: fixToken,
	},
	{
		Reason: RejectCiphertext, Alert: AlertPushesRejectedAESKey,
		Message: Text{
			EN: "Token right, AES key wrong: the push was signed with the token of suite {suite}, but does not decrypt with its AES key.",
			ZH: "token 正确，AES key 错误：推送用套件 {suite} 的 token 签名，但用它的 AES key 无法解密。",
		},
		Cure: fixAESKey,
	},
	{
		Reason: RejectSuiteKey, Alert: AlertPushesRejectedSuiteKey,
		fits: func(r Rejection) bool { return SuiteKey(r.Got) == creationKey },
		Message: Text{
			EN: "The push carried {got} while {suite} is configured: the suite is still being created in DingTalk's developer console.",
			ZH: "推送携带的 key 是 {got}，而配置的是 {suite}：该套件在钉钉开发者后台仍在创建中。",
		},
		Cure: Text{
			EN: "Set key of the suite to suite4xxxxxxxxxxxxxxx until it is created, then to its own key, and reload suitekeeper (SIGHUP) each time.",
			ZH: "在套件创建完成之前，请将其 key 设为 suite4xxxxxxxxxxxxxxx；创建完成后改为它自己的 key。每次修改后都要重新加载 suitekeeper（SIGHUP）。",
		},
	},
	{
		Reason: RejectSuiteKey, Alert: AlertPushesRejectedSuiteKey,
		fits: func(r Rejection) bool { return r.Suite == creationKey },
		Message: Text{
			EN: "The push carried {got} while {suite} is configured: the suite has been created and has a key of its own.",
			ZH: "推送携带的 key 是 {got}，而配置的是 {suite}：该套件已创建完成，有了自己的 key。",
		},
		Cure: fixSuiteKey,
	},
	{
		Reason: RejectSuiteKey, Alert: AlertPushesRejectedSuiteKey,
		Message: Text{
			EN: "The push carried {got} while {suite} is configured: it was encrypted for another suite.",
			ZH: "推送携带的 key 是 {got}，而配置的是 {suite}：它是为另一个套件加密的。",
		},
		Cure: fixSuiteKey,
	},
	{
		Reason: RejectNotJSON, Alert: AlertPushesRejectedNotJSON,
		Message: Text{
			EN: "The push was signed and encrypted for suite {suite}, but its text is no JSON object.",
			ZH: "推送的签名和加密都属于套件 {suite}，但其内容不是 JSON 对象。",
		},
		Cure: findSender,
	},
	{
		Reason: RejectSource, Alert: AlertPushesRejectedSource,
		Message: Text{
			EN: "Pushes from {address} are not allowed.",
			ZH: "不允许来自 {address} 的推送。",
		},
		Cure: fixSources,
	},
	{
		Reason: RejectUnknown, Alert: AlertSuiteUnknown,
		fits:    func(r Rejection) bool { return SuiteKey(r.Got) == creationKey },
		Message: unknownSuite,
		Cure: Text{
			EN: "A suite is being created in DingTalk's developer console: it has the key suite4xxxxxxxxxxxxxxx until then. Add it with that key, and with the token and AES key that you enter there, to suites in the configuration, and reload suitekeeper (SIGHUP). Once it is created, set its own key.",
			ZH: "钉钉开发者后台正在创建一个套件，创建完成之前它的 key 是 suite4xxxxxxxxxxxxxxx。请以这个 key 以及您在那里填写的 token 和 AES key 将其加入配置的 suites，然后重新加载 suitekeeper（SIGHUP）。创建完成后再改为它自己的 key。",
		},
	},
	{Reason: RejectUnknown, Alert: AlertSuiteUnknown, Message: unknownSuite, Cure: addSuite},
}
