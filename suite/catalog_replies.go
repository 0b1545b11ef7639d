package suite

import "slices"

// Reply names what the listener for callbacks answers other than success. There
// are no others than these.
type Reply uint8

// The replies. The first is what any error is that nobody foresaw.
const (
	ReplyInternal Reply = iota
	ReplyUnavailable
	ReplyRejected
	ReplyBadRequest
	ReplyUnknownSuite
	ReplyNotFound
	ReplyMethod
	ReplyTooLarge
	ReplyEncoding
	ReplyHeaders

	replies // how many there are
)

// ReplyEntry is what the catalogue says to operators about a reply. The peer
// reads the code, and a message that tells no more.
type ReplyEntry struct {
	Code    string
	Message Text
	Cure    Text
}

// ReplyEntries returns the catalogue of replies. The slice is the caller's.
func ReplyEntries() []ReplyEntry { return slices.Clone(replyEntries[:]) }

// String returns the reply's code.
func (r Reply) String() string {
	if r >= replies {
		r = ReplyInternal
	}
	return replyEntries[r].Code
}

var replyEntries = [replies]ReplyEntry{
	ReplyInternal: {"internal", Text{
		EN: "The server failed (500).",
		ZH: "服务器出错（500）。",
	}, Text{
		EN: "Its log tells why. DingTalk pushes again.",
		ZH: "原因见服务器日志。钉钉会再次推送。",
	}},
	ReplyUnavailable: {"unavailable", Text{
		EN: "The push could not be stored in time (503), or too many came at once. DingTalk pushes it again, and nothing is lost.",
		ZH: "推送未能及时保存，或同时到达的推送过多（503）。钉钉会再次推送，数据不会丢失。",
	}, Text{
		EN: "The alerts overloaded, store_slow, disk_full and record_damaged tell the reason and what to do.",
		ZH: "原因和处理办法见告警 overloaded、store_slow、disk_full 和 record_damaged。",
	}},
	ReplyRejected: {"rejected", Text{
		EN: "The push was refused (403). The answer is the same whatever the reason is, so that an attacker learns nothing.",
		ZH: "推送被拒绝（403）。无论原因如何，应答都相同，以免攻击者获得信息。",
	}, Text{
		EN: "The refused pushes in the console, in the log and at GET /api/v1/rejections tell the reason and what to do.",
		ZH: "原因和处理办法见控制台中被拒绝的推送、服务器日志或接口 GET /api/v1/rejections。",
	}},
	ReplyBadRequest: {"bad_request", Text{
		EN: "What came is no push (400): a parameter or encrypt is missing, given twice or malformed, or the body is no JSON object. The answer says which.",
		ZH: "收到的不是推送（400）：某个参数或 encrypt 缺失、重复或格式不正确，或请求体不是 JSON 对象。应答中会指明是哪一项。",
	}, Text{
		EN: "DingTalk sends nothing of the kind. If its pushes are answered so, a proxy in front changes query or body: have it pass both on as they come.",
		ZH: "钉钉不会发送这样的请求。如果钉钉的推送得到此应答，说明前面的代理改动了查询参数或请求体：请原样转发。",
	}},
	ReplyUnknownSuite: {"unknown_suite", Text{
		EN: "The path names a suite that is not configured (404).",
		ZH: "路径中的套件没有配置（404）。",
	}, Text{
		EN: "Compare the callback URL in DingTalk's developer console with that of 'suitekeeper suites'. If the suite is new, add it to the configuration and reload suitekeeper (SIGHUP).",
		ZH: "请将钉钉开发者后台的回调地址与 'suitekeeper suites' 显示的地址核对。如果是新套件，请加入配置，然后重新加载 suitekeeper（SIGHUP）。",
	}},
	ReplyNotFound: {"not_found", Text{
		EN: "The path is none of this listener's (404), which has /callback, /callback/… and /healthz.",
		ZH: "该监听没有这个路径（404），只有 /callback、/callback/… 和 /healthz。",
	}, Text{
		EN: "Compare the callback URL in DingTalk's developer console with that of 'suitekeeper suites'; a proxy in front must not change the path.",
		ZH: "请将钉钉开发者后台的回调地址与 'suitekeeper suites' 显示的地址核对；前面的代理不能改动路径。",
	}},
	ReplyMethod: {"method_not_allowed", Text{
		EN: "The method is not allowed on this path (405): callbacks are sent with POST.",
		ZH: "该路径不支持此方法（405）：回调使用 POST。",
	}, Text{
		EN: "A browser that opens the callback URL sees this, and all is well. If DingTalk's pushes are answered so, a redirect in front makes a GET of them: take it away.",
		ZH: "用浏览器打开回调地址时会看到它，属正常情况。如果钉钉的推送得到此应答，说明前面的重定向把它变成了 GET：请取消重定向。",
	}},
	ReplyTooLarge: {"too_large", Text{
		EN: "The body is larger than max_body_bytes of the configuration allows (413).",
		ZH: "请求体超过配置 max_body_bytes 的限制（413）。",
	}, Text{
		EN: "DingTalk's pushes are far smaller. If it is DingTalk that sends it, tell the developers of suitekeeper.",
		ZH: "钉钉的推送远小于该限制。如果确实是钉钉发送的，请告知 suitekeeper 的开发者。",
	}},
	ReplyEncoding: {"unsupported_encoding", Text{
		EN: "The body is compressed, or sent with another transfer encoding than chunked (415).",
		ZH: "请求体经过压缩，或使用了 chunked 以外的传输编码（415）。",
	}, Text{
		EN: "DingTalk sends plain bodies: have the proxy in front pass them on as they come.",
		ZH: "钉钉发送的请求体未经压缩：请让前面的代理原样转发。",
	}},
	ReplyHeaders: {"headers_too_large", Text{
		EN: "The headers are too large (431).",
		ZH: "请求头过大（431）。",
	}, Text{
		EN: "DingTalk's are small. Have the proxy in front add less to them, as long cookies or tokens.",
		ZH: "钉钉的请求头很小。请让前面的代理少添加内容，例如过长的 Cookie 或令牌。",
	}},
}
