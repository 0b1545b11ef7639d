package suite

import "slices"

// Problem names a reason why the admin API, and with it console and command
// line, does not do what it is asked. There are no others than these, so nothing
// can be answered that the catalogue does not explain.
type Problem uint8

// The problems. The first is what any error is that nobody foresaw.
const (
	ProblemInternal Problem = iota
	ProblemUnavailable
	ProblemNotReady
	ProblemUnauthorized
	ProblemForbidden
	ProblemTooMany
	ProblemCrossOrigin
	ProblemMethod
	ProblemInvalid
	ProblemNotFound
	ProblemUnknownSuite
	ProblemNoCode
	ProblemNothingToRetry
	ProblemReplayRuns
	ProblemNoBackupKey
	ProblemRotationRuns

	problems // how many there are
)

// ProblemEntry is what the catalogue says about a problem. Both texts have the
// placeholders of alerts.
type ProblemEntry struct {
	Code    string // in the answer, for programs
	Message Text
	Cure    Text
}

// ProblemEntries returns the catalogue of problems. The slice is the caller's.
func ProblemEntries() []ProblemEntry { return slices.Clone(problemEntries[:]) }

// Entry returns what the catalogue says about the problem.
func (p Problem) Entry() ProblemEntry {
	if p >= problems {
		p = ProblemInternal
	}
	return problemEntries[p]
}

// String returns the problem's code.
func (p Problem) String() string { return p.Entry().Code }

// Fill returns the entry's texts with their placeholders replaced.
func (e ProblemEntry) Fill(v Values) (message, cure Text) {
	return Entry{Message: e.Message, Cure: e.Cure}.Fill(v)
}

var problemEntries = [problems]ProblemEntry{
	ProblemInternal: {"internal", Text{
		EN: "The server failed.",
		ZH: "服务器出错。",
	}, Text{
		EN: "Its log tells why. Nothing that was acknowledged is lost.",
		ZH: "原因见服务器日志。已确认的数据没有丢失。",
	}},
	ProblemUnavailable: {"unavailable", Text{
		EN: "The request was not served: {detail}. Whether it changed something is not known.",
		ZH: "请求没有完成：{detail}。是否已产生变化无法确定。",
	}, Text{
		EN: "Look how it stands, and try again. If that does not help, the server's log tells why.",
		ZH: "请查看当前状态后重试。如果仍然不行，原因见服务器日志。",
	}},
	ProblemNotReady: {"not_ready", Text{
		EN: "Pushes cannot be taken now: {detail}.",
		ZH: "目前无法接收推送：{detail}。",
	}, Text{
		EN: "A server that is stopping or restarting is ready again within seconds. Otherwise its alerts and its log tell what to do.",
		ZH: "如果服务器正在停止或重启，几秒后就会恢复。否则请按告警和服务器日志处理。",
	}},
	ProblemUnauthorized: {"unauthorized", Text{
		EN: "Who is asking is not known: {detail}.",
		ZH: "无法识别请求方：{detail}。",
	}, Text{
		EN: "Use one of admin.tokens of the server's configuration or, without any there, the one in the file admin.token of its data folder.",
		ZH: "请使用服务器配置 admin.tokens 中的令牌；如果没有配置，请使用数据目录中 admin.token 文件里的令牌。",
	}},
	ProblemForbidden: {"forbidden", Text{
		EN: "That is not allowed: {detail}.",
		ZH: "没有权限：{detail}。",
	}, Text{
		EN: "Use a token with such a role; admin.tokens of the configuration gives each token its role.",
		ZH: "请使用具有相应角色的令牌；每个令牌的角色在配置的 admin.tokens 中设定。",
	}},
	ProblemTooMany: {"too_many_attempts", Text{
		EN: "Too many wrong tokens came from this address.",
		ZH: "来自该地址的错误令牌过多。",
	}, Text{
		EN: "Wait {age}, and give the right token.",
		ZH: "请等待 {age}后使用正确的令牌。",
	}},
	ProblemCrossOrigin: {"cross_origin", Text{
		EN: "A page of another site asked for this. Only pages of this server, and programs, may.",
		ZH: "请求来自其他网站的页面。只允许本服务器的页面或程序发起。",
	}, Text{
		EN: "If it was a page of this server, the proxy in front changes the header Host: have it pass that on as it comes.",
		ZH: "如果确实是本服务器的页面，说明前面的代理改动了 Host 请求头：请让它原样转发。",
	}},
	ProblemMethod: {"method_not_allowed", Text{
		EN: "The method is not allowed on this path.",
		ZH: "该路径不支持此方法。",
	}, Text{
		EN: "The header Allow tells which are; /openapi.json lists the calls.",
		ZH: "可用的方法见应答头 Allow；/openapi.json 列出了所有接口。",
	}},
	ProblemInvalid: {"invalid_request", Text{
		EN: "The request cannot be understood: {detail}.",
		ZH: "请求有误：{detail}。",
	}, Text{
		EN: "Correct it and ask again. /openapi.json tells what each call takes, and --help what each command takes.",
		ZH: "请更正后重试。各接口的参数见 /openapi.json，各命令的参数见 --help。",
	}},
	ProblemNotFound: {"not_found", Text{
		EN: "There is no {detail}.",
		ZH: "不存在{detail}。",
	}, Text{
		EN: "Take the name from a list: 'suitekeeper auths list' and 'suitekeeper events list' show what there is, as the console and the API do. Events are kept for a limited time (retention.events), repushes until the server stops.",
		ZH: "请从列表中选取：'suitekeeper auths list' 和 'suitekeeper events list' 会列出现有内容，控制台和接口也可以。事件只保留一段时间（retention.events），重新处理的记录只保留到服务器停止。",
	}},
	ProblemUnknownSuite: {"unknown_suite", Text{
		EN: "Suite {suite} is not configured. Configured: {detail}.",
		ZH: "没有配置套件 {suite}。已配置的套件：{detail}。",
	}, Text{
		EN: "'suitekeeper suites' lists the suites. A new one is added to suites of the configuration, which suitekeeper then reloads (SIGHUP).",
		ZH: "'suitekeeper suites' 会列出所有套件。如果是新套件，请加入配置的 suites，然后重新加载 suitekeeper（SIGHUP）。",
	}},
	ProblemNoCode: {"no_permanent_code", Text{
		EN: "Of corp {corp} there is no permanent code for suite {suite} that still counts.",
		ZH: "没有企业 {corp} 对套件 {suite} 的有效永久授权码。",
	}, Text{
		EN: "The authorisation tells why ('suitekeeper auths show'): none came yet, the corp has withdrawn, or DingTalk calls it wrong. A retry may bring a new one.",
		ZH: "原因见该授权的详情（'suitekeeper auths show'）：尚未收到、企业已解除授权，或钉钉认为它错误。重试可能会得到新的授权码。",
	}},
	ProblemNothingToRetry: {"nothing_to_retry", Text{
		EN: "For corp {corp} of suite {suite} there is nothing to try again: {detail}.",
		ZH: "企业 {corp} 对套件 {suite} 的授权没有可以重试的内容：{detail}。",
	}, Text{
		EN: "A corp that has withdrawn authorises the suite again, and then all goes by itself. Where no code is left, set app_id of the suite, or have an administrator of the corp remove the app and authorise it again.",
		ZH: "如果企业已解除授权，重新开通后会自动处理。如果没有可用的授权码，请为该套件配置 app_id，或请该企业的管理员删除该应用后重新开通授权。",
	}},
	ProblemReplayRuns: {"repush_runs", Text{
		EN: "Stored events are being processed again already.",
		ZH: "已有事件正在重新处理。",
	}, Text{
		EN: "Wait until that has ended, and start it again; the console's page of re-pushes and GET /api/v1/repush tell how far it is.",
		ZH: "请等待其结束后再次开始；进度见控制台的“重新推送”页面或接口 GET /api/v1/repush。",
	}},
	ProblemNoBackupKey: {"no_backup_key", Text{
		EN: "The server does not know whom to encrypt the backup for: it has no master key and no recipients for backups.",
		ZH: "服务器不知道用什么加密备份：既没有主密钥，也没有配置备份的接收方。",
	}, Text{
		EN: "Give --recipient or --passphrase-file, or set backup.recipients or master_key in the configuration of the server.",
		ZH: "请指定 --recipient 或 --passphrase-file，或在服务器配置中设置 backup.recipients 或 master_key。",
	}},
	ProblemRotationRuns: {"rotation_runs", Text{
		EN: "The data key is being rotated already.",
		ZH: "数据密钥正在轮换。",
	}, Text{
		EN: "Nothing is to be done until that has ended; GET /api/v1/keys tells how far it is.",
		ZH: "在其结束之前无需处理；进度见接口 GET /api/v1/keys。",
	}},
}
