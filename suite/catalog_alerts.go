package suite

// Cures that several alerts, codes and rejections share.
var (
	repush = Text{
		EN: "Open the suite in DingTalk's developer console (https://open-dev.dingtalk.com), go to event subscription (事件订阅) and press re-push (重新推送) beside suite_ticket.",
		ZH: "打开钉钉开发者后台（https://open-dev.dingtalk.com）中该套件的“事件订阅”页面，点击 suite_ticket 旁的“重新推送”。",
	}
	newCode = Text{
		EN: "With app_id set for the suite, suitekeeper asks DingTalk for a new code by itself (reauth_corp); a retry asks at once. Otherwise set app_id, or have an administrator of the corp remove the app in DingTalk's admin console (管理后台) and authorise it again, which brings a new code.",
		ZH: "如果该套件配置了 app_id，suitekeeper 会自动请钉钉重新推送授权码（reauth_corp）；点击重试会立即请求。否则请配置 app_id，或请该企业的管理员在钉钉管理后台删除该应用后重新开通授权，届时会收到新的授权码。",
	}
	authorizeAgain = Text{
		EN: "An administrator of the corp must remove the app in DingTalk's admin console (管理后台) and authorise it again.",
		ZH: "请该企业的管理员在钉钉管理后台删除该应用，然后重新开通授权。",
	}
	fixSecret = Text{
		EN: "Copy the Client Secret (SuiteSecret) from the suite's page of credentials (凭证与基础信息) in DingTalk's developer console into secret of this suite in the configuration, and reload suitekeeper (SIGHUP).",
		ZH: "在钉钉开发者后台该套件的“凭证与基础信息”页面复制 Client Secret（SuiteSecret），填入配置中该套件的 secret，然后重新加载 suitekeeper（SIGHUP）。",
	}
	fixKey = Text{
		EN: "Compare key of this suite in the configuration with the Client ID (SuiteKey) on its page of credentials (凭证与基础信息) in DingTalk's developer console. If the suite was deleted there, remove it from the configuration. Then reload suitekeeper (SIGHUP).",
		ZH: "将配置中该套件的 key 与钉钉开发者后台“凭证与基础信息”页面的 Client ID（SuiteKey）核对。如果该套件已在那里被删除，请从配置中移除。然后重新加载 suitekeeper（SIGHUP）。",
	}
	fixToken = Text{
		EN: "If DingTalk sent it, token of this suite in the configuration is not the one (签名 token) on its event subscription page (事件订阅) in DingTalk's developer console: copy it from there and reload suitekeeper (SIGHUP). If somebody else sent it, all is well; allowed_sources keeps others out.",
		ZH: "如果是钉钉发送的，说明配置中该套件的 token 与钉钉开发者后台“事件订阅”页面的“签名 token”不一致：请从那里复制，然后重新加载 suitekeeper（SIGHUP）。如果是其他人发送的，则一切正常；可用 allowed_sources 限制来源。",
	}
	fixAESKey = Text{
		EN: "Copy the 43 characters of the AES key (加密 aes_key) from the suite's event subscription page (事件订阅) in DingTalk's developer console into aes_key of this suite in the configuration, and reload suitekeeper (SIGHUP).",
		ZH: "在钉钉开发者后台该套件的“事件订阅”页面复制 43 位的“加密 aes_key”，填入配置中该套件的 aes_key，然后重新加载 suitekeeper（SIGHUP）。",
	}
	fixSuiteKey = Text{
		EN: "Set key of this suite to its Client ID (SuiteKey) from the page of credentials (凭证与基础信息) in DingTalk's developer console. While a suite is being created it has none, and DingTalk uses suite4xxxxxxxxxxxxxxx: set that until the suite exists. Reload suitekeeper (SIGHUP) after each change.",
		ZH: "请将配置中该套件的 key 设为钉钉开发者后台“凭证与基础信息”页面的 Client ID（SuiteKey）。套件创建过程中还没有自己的 key，钉钉会使用 suite4xxxxxxxxxxxxxxx，创建完成前请先填它。每次修改后都要重新加载 suitekeeper（SIGHUP）。",
	}
	fixSources = Text{
		EN: "If that is DingTalk's address, or that of your own proxy, add it to allowed_sources (dingtalk stands for DingTalk's ranges); behind a proxy set trusted_proxies, so that the real address counts. Otherwise nothing is to be done: the push was refused.",
		ZH: "如果这是钉钉的地址或您自己的代理地址，请将其加入 allowed_sources（dingtalk 表示钉钉公布的网段）；如果前面有代理，请配置 trusted_proxies，以便使用真实来源地址。否则无需处理：该推送已被拒绝。",
	}
	addSuite = Text{
		EN: "If the suite is yours, add it under suites in the configuration, with {got} as its key, and reload suitekeeper (SIGHUP). If its key is another, correct the callback URL on the suite's event subscription page (事件订阅) in DingTalk's developer console: it ends in /callback/ and the key. Then press re-push (重新推送) there, since DingTalk gives up after some tries. If somebody else sent it, nothing is to be done: the push was refused.",
		ZH: "如果这是您的套件，请将其加入配置的 suites（key 为 {got}），然后重新加载 suitekeeper（SIGHUP）。如果它的 key 不是这个，请在钉钉开发者后台该套件的“事件订阅”页面更正回调地址：它应以该套件的 key 结尾。钉钉重试几次后会放弃，因此最后请在那里点击“重新推送”。如果是其他人发送的，则无需处理：该推送已被拒绝。",
	}
	unknownSuite = Text{
		EN: "Pushes for suite {got} are refused, because it is not configured here. The newest came from {address}.",
		ZH: "套件 {got} 未在这里配置，发给它的推送被拒绝，最近一次来自 {address}。",
	}
	findSender = Text{
		EN: "The text is stored as it came. DingTalk sends nothing of the kind: find out which program calls the callback URL with this suite's token and AES key.",
		ZH: "其内容已按原样保存。钉钉不会发送这样的内容：请查明是哪个程序使用该套件的 token 和 AES key 调用了回调地址。",
	}
)

// alertEntries is the one catalogue of alerts.
var alertEntries = []Entry{
	{
		Code: AlertTicketMissing, Severity: SeverityCritical,
		Message: Text{
			EN: "No suite_ticket has arrived for suite {suite} yet. Without one no corp can be activated.",
			ZH: "套件 {suite} 还没有收到过 suite_ticket。没有它，任何企业都无法激活。",
		},
		Cure: Text{
			EN: repush.EN + " If it still does not arrive, check that the callback URL there is the one of this server and can be reached from the internet.",
			ZH: repush.ZH + "如果仍然收不到，请检查那里填写的回调地址是否是本服务器的地址，以及能否从公网访问。",
		},
	},
	{
		Code: AlertTicketStale, Severity: SeverityWarning,
		Message: Text{
			EN: "The suite_ticket of suite {suite} is {age} old. DingTalk sends a new one about every 5 hours, and gives up after 100 wrong answers.",
			ZH: "套件 {suite} 的 suite_ticket 已有 {age}没有更新。钉钉大约每 5 小时推送一次，连续 100 次得不到正确应答后会停止推送。",
		},
		Cure: repush,
	},
	{
		Code: AlertTicketGivenUp, Severity: SeverityCritical,
		Message: Text{
			EN: "DingTalk seems to have stopped pushing the suite_ticket of suite {suite}: {count} pushes since the last new ticket were not answered rightly, and after 100 wrong answers it gives up.",
			ZH: "钉钉似乎已停止推送套件 {suite} 的 suite_ticket：自上一个新票据以来，有 {count} 次推送没有得到正确应答；连续 100 次错误应答后钉钉会停止推送。",
		},
		Cure: Text{
			EN: "First cure what made the answers wrong: see the refused pushes and the other alerts of this suite. " + repush.EN + " Until then no new ticket comes.",
			ZH: "请先解决应答错误的原因：查看被拒绝的推送以及该套件的其他告警。然后" + repush.ZH + "在此之前不会收到新的票据。",
		},
	},
	{
		Code: AlertAnswerNotAccepted, Severity: SeverityCritical,
		Message: Text{
			EN: "DingTalk does not accept the answers of suite {suite}: {detail} was pushed {count} times in vain, although each time it was acknowledged.",
			ZH: "钉钉不认可套件 {suite} 的应答：{detail} 每次都得到确认，但仍被推送了 {count} 次。",
		},
		Cure: Text{
			EN: "The answers do not reach DingTalk as they were sent, or not within 1.2 seconds. See whether a proxy or gateway before suitekeeper changes bodies, redirects or is slow. For a URL check also compare url_check_reply: today's consoles want success, the oldest ones random.",
			ZH: "应答没有原样到达钉钉，或超过了 1.2 秒。请检查 suitekeeper 前面的代理或网关是否改动应答内容、做了跳转或响应过慢。如果是 URL 校验，还请检查 url_check_reply：新的后台需要 success，最旧的后台需要 random。",
		},
	},
	{
		Code: AlertTicketRejected, Severity: SeverityCritical,
		Message: Text{
			EN: "DingTalk does not accept the suite_ticket that is stored for suite {suite}: {detail}. Authorisations wait.",
			ZH: "钉钉不接受套件 {suite} 当前保存的 suite_ticket：{detail}。授权处理正在等待。",
		},
		Cure: Text{
			EN: repush.EN + " What waits goes on by itself as soon as the new ticket is here.",
			ZH: repush.ZH + "收到新的票据后，等待中的授权会自动继续处理。",
		},
	},
	{
		Code: AlertCodeBurnt, Severity: SeverityCritical,
		Message: Text{
			EN: "Corp {corp} authorised suite {suite}, but its temporary code is used up and no permanent code is stored: {detail}.",
			ZH: "企业 {corp} 已授权套件 {suite}，但临时授权码已被使用或已过期，而永久授权码没有保存下来：{detail}。",
		},
		Cure: newCode,
	},
	{
		Code: AlertCodeMissing, Severity: SeverityCritical,
		Message: Text{
			EN: "Corp {corp} has authorised suite {suite}, but its temporary code (tmp_auth_code) never came here: {detail}.",
			ZH: "企业 {corp} 已授权套件 {suite}，但这里从未收到它的临时授权码（tmp_auth_code）：{detail}。",
		},
		Cure: newCode,
	},
	{
		Code: AlertAddressNotWhitelisted, Severity: SeverityCritical,
		Message: Text{
			EN: "DingTalk refuses the calls of suite {suite}, because this server's outgoing address {address} is not on the suite's whitelist.",
			ZH: "钉钉拒绝了套件 {suite} 的接口调用：本服务器的出口 IP {address} 不在该套件的白名单中。",
		},
		Cure: Text{
			EN: "Open the suite in DingTalk's developer console, go to security settings (安全设置), add {address} to the server's outgoing IPs (服务器出口IP) and save. What waits goes on by itself: within 5 seconds while somebody looks at the console or at status, otherwise within a minute.",
			ZH: "打开钉钉开发者后台中该套件的“安全设置”页面，在“服务器出口IP”中加入 {address} 并保存。等待中的授权会自动继续处理：有人正在查看控制台或命令行状态时在 5 秒内，否则在一分钟内。",
		},
	},
	{
		Code: AlertSuiteSecretWrong, Severity: SeverityCritical,
		Message: Text{
			EN: "DingTalk does not accept the secret of suite {suite}: {detail}.",
			ZH: "钉钉不接受套件 {suite} 的密钥：{detail}。",
		},
		Cure: fixSecret,
	},
	{
		Code: AlertSuiteKeyWrong, Severity: SeverityCritical,
		Message: Text{
			EN: "DingTalk does not know suite {suite}: {detail}.",
			ZH: "钉钉不认识套件 {suite}：{detail}。",
		},
		Cure: fixKey,
	},
	{
		Code: AlertNotAuthorized, Severity: SeverityWarning,
		Message: Text{
			EN: "DingTalk says that corp {corp} has not authorised suite {suite}, or has withdrawn: {detail}.",
			ZH: "钉钉表示企业 {corp} 没有授权套件 {suite}，或已解除授权：{detail}。",
		},
		Cure: Text{
			EN: "If the corp wants the app, an administrator of the corp authorises it again. If not, there is nothing to do.",
			ZH: "如果该企业仍要使用此应用，请其管理员重新开通授权；否则无需处理。",
		},
	},
	{
		Code: AlertReauthorizeNeeded, Severity: SeverityCritical,
		Message: Text{
			EN: "DingTalk cannot make the permanent code of corp {corp} for suite {suite}: {detail}.",
			ZH: "钉钉无法为企业 {corp} 生成套件 {suite} 的永久授权码：{detail}。",
		},
		Cure: authorizeAgain,
	},
	{
		Code: AlertPermanentCodeWrong, Severity: SeverityCritical,
		Message: Text{
			EN: "DingTalk does not accept the permanent code that is stored for corp {corp} and suite {suite}: {detail}.",
			ZH: "钉钉不接受为企业 {corp} 和套件 {suite} 保存的永久授权码：{detail}。",
		},
		Cure: newCode,
	},
	{
		Code: AlertThrottled, Severity: SeverityWarning,
		Message: Text{
			EN: "DingTalk limits the calls of suite {suite}: {detail}.",
			ZH: "钉钉对套件 {suite} 的接口调用进行了限流：{detail}。",
		},
		Cure: Text{
			EN: "suitekeeper waits and tries again by itself. If it lasts, see whether another program calls DingTalk with the same suite or from the same address.",
			ZH: "suitekeeper 会等待后自动重试。如果持续出现，请检查是否有其他程序使用同一套件或从同一 IP 调用钉钉接口。",
		},
	},
	{
		Code: AlertPlatformUnreachable, Severity: SeverityCritical,
		Message: Text{
			EN: "DingTalk's API gives suite {suite} no usable answer: {detail}.",
			ZH: "套件 {suite} 调用钉钉接口得不到有效应答：{detail}。",
		},
		Cure: Text{
			EN: "suitekeeper keeps trying. See whether this server reaches DingTalk (curl https://oapi.dingtalk.com): name resolution, firewall, proxy. If it does, DingTalk itself may be disturbed.",
			ZH: "suitekeeper 会持续重试。请检查本服务器能否访问钉钉（curl https://oapi.dingtalk.com）：域名解析、防火墙、代理。如果能访问，可能是钉钉服务本身出现异常。",
		},
	},
	{
		Code: AlertPlatformRefused, Severity: SeverityWarning,
		Message: Text{
			EN: "DingTalk refuses a call of suite {suite}: {detail}.",
			ZH: "钉钉拒绝了套件 {suite} 的一次接口调用：{detail}。",
		},
		Cure: Text{
			EN: "Look code {code} up in DingTalk's list of error codes (https://open.dingtalk.com, 错误码). suitekeeper tries again with growing pauses.",
			ZH: "请在钉钉开放平台的错误码文档（https://open.dingtalk.com）中查询错误码 {code}。suitekeeper 会以逐渐延长的间隔自动重试。",
		},
	},
	{
		Code: AlertClockSkew, Severity: SeverityWarning,
		Message: Text{
			EN: "Going by the newest push for suite {suite}, this server's clock is {skew} DingTalk's. Pushes are accepted all the same.",
			ZH: "根据套件 {suite} 最近一次推送，本服务器的时钟比钉钉{skew}。推送仍会照常接收。",
		},
		Cure: Text{
			EN: "Let the server set its clock by NTP (timedatectl set-ntp true).",
			ZH: "请为服务器开启 NTP 时间同步（timedatectl set-ntp true）。",
		},
	},
	{
		Code: AlertDiskAlmostFull, Severity: SeverityCritical,
		Message: Text{
			EN: "The disk that holds the data folder is almost full: {detail}. When it is full, pushes are answered 503.",
			ZH: "数据目录所在的磁盘快满了：{detail}。磁盘写满后，推送会得到 503 应答。",
		},
		Cure: Text{
			EN: "Make room on that disk or move the data folder to a larger one. A smaller retention.events keeps the file from growing, but does not shrink it.",
			ZH: "请清理该磁盘，或将数据目录移到更大的磁盘。减小 retention.events 可以阻止文件继续增长，但不会使其变小。",
		},
	},
	{
		Code: AlertDiskFull, Severity: SeverityCritical,
		Message: Text{
			EN: "The disk that holds the data folder is full: {detail}. Pushes that find no room are answered 503, so that DingTalk pushes them again. Nothing that was acknowledged is lost.",
			ZH: "数据目录所在的磁盘已满：{detail}。没有空间保存的推送会得到 503 应答，钉钉会再次推送。已确认的数据没有丢失。",
		},
		Cure: Text{
			EN: "Make room on that disk, enlarge it, or raise the quota or the limit of file sizes (ulimit -f, LimitFSIZE) of the service. Pushes are taken again within seconds, without a restart. If a ticket was missed meanwhile, press re-push (重新推送) beside suite_ticket in DingTalk's developer console.",
			ZH: "请清理该磁盘或扩大其容量，或提高该服务的磁盘配额或文件大小限制（ulimit -f、LimitFSIZE）。几秒后会自动恢复接收推送，无需重启。如果期间错过了票据，请在钉钉开发者后台点击 suite_ticket 旁的“重新推送”。",
		},
	},
	{
		Code: AlertOverloaded, Severity: SeverityWarning,
		Message: Text{
			EN: "More pushes come for suite {suite} at once than this server takes: {count} were answered 503 lately. DingTalk pushes them again.",
			ZH: "套件 {suite} 同时收到的推送超过了本服务器的处理能力：近期有 {count} 个推送得到 503 应答，钉钉会再次推送。",
		},
		Cure: Text{
			EN: "Nothing is to be done if it passes within minutes. Otherwise see in the log of your proxy who pushes: allowed_sources keeps out others than DingTalk. If it is DingTalk, give the server more processors and a faster disk. If a ticket was missed meanwhile, press re-push (重新推送) beside suite_ticket in DingTalk's developer console.",
			ZH: "如果几分钟内自行消失，则无需处理。否则请在代理的日志中查看推送来自何处：allowed_sources 可以只允许钉钉推送；如果确实来自钉钉，请为服务器增加处理器并使用更快的磁盘。如果期间错过了票据，请在钉钉开发者后台点击 suite_ticket 旁的“重新推送”。",
		},
	},
	{
		Code: AlertStoreSlow, Severity: SeverityWarning,
		Message: Text{
			EN: "Pushes for suite {suite} take too long to be stored: {count} were answered 503 lately. DingTalk pushes them again.",
			ZH: "套件 {suite} 的推送写入过慢：近期有 {count} 个推送得到 503 应答，钉钉会再次推送。",
		},
		Cure: Text{
			EN: "Every push is flushed to the disk of the data folder before it is acknowledged. See what else keeps that disk busy (iostat -x), or move the data folder to a local SSD. If a ticket was missed meanwhile, press re-push (重新推送) beside suite_ticket in DingTalk's developer console.",
			ZH: "每个推送在应答前都要刷写到数据目录所在的磁盘。请检查是什么占用了该磁盘（iostat -x），或将数据目录移到本地 SSD。如果期间错过了票据，请在钉钉开发者后台点击 suite_ticket 旁的“重新推送”。",
		},
	},
	{
		Code: AlertBackupFailed, Severity: SeverityWarning,
		Message: Text{
			EN: "The scheduled backups do not work: {detail}.",
			ZH: "定时备份没有正常工作：{detail}。",
		},
		Cure: Text{
			EN: "See whether the disk of backup.dir is full or away and whether this server may write there; the log tells more. suitekeeper tries again by itself every few minutes. Until it succeeds, take a backup by hand: suitekeeper backup FILE.",
			ZH: "请检查 backup.dir 所在的磁盘是否已满或无法访问，以及本服务器是否有写权限；日志中有更多信息。suitekeeper 每隔几分钟会自动重试。成功之前，请手动备份：suitekeeper backup FILE。",
		},
	},
	{
		Code: AlertRecordDamaged, Severity: SeverityCritical,
		Message: Text{
			EN: "The data file is damaged: {detail}. Nothing wrong is handed out, but what depends on it does not work.",
			ZH: "数据文件已损坏：{detail}。系统不会给出错误的数据，但依赖该记录的功能无法工作。",
		},
		Cure: Text{
			EN: "The disk or the memory of this machine may be failing. Stop the server and run suitekeeper verify on its data file: it names what is damaged and tells how to go on with a backup, or with all that can still be read.",
			ZH: "本机的磁盘或内存可能有故障。请停止服务器，对其数据文件运行 suitekeeper verify：它会列出损坏的内容，并说明如何用备份或仍可读取的数据恢复。",
		},
	},
	{
		Code: AlertEventsQuarantined, Severity: SeverityWarning,
		Message: Text{
			EN: "An event for suite {suite} is authentic but cannot be used, and was put aside: {detail}.",
			ZH: "套件 {suite} 收到一个真实但无法使用的事件，已隔离保存：{detail}。",
		},
		Cure: Text{
			EN: "Nothing is lost: the event is stored as it came. Look at its text. If DingTalk has changed its format, tell the developers of suitekeeper.",
			ZH: "数据没有丢失：事件已按原样保存。请查看其内容；如果是钉钉更改了格式，请告知 suitekeeper 的开发者。",
		},
	},
	{
		Code: AlertPushesRejectedSignature, Severity: SeverityWarning,
		Message: Text{
			EN: "Pushes for suite {suite} are refused, because they are not signed with its token. The newest came from {address}.",
			ZH: "发给套件 {suite} 的推送因签名与其 token 不一致被拒绝，最近一次来自 {address}。",
		},
		Cure: fixToken,
	},
	{
		Code: AlertPushesRejectedAESKey, Severity: SeverityCritical,
		Message: Text{
			EN: "Token right, AES key wrong: pushes for suite {suite} are signed with its token but do not decrypt with its AES key. The newest came from {address}.",
			ZH: "token 正确，AES key 错误：发给套件 {suite} 的推送用它的 token 签名，但用它的 AES key 无法解密。最近一次来自 {address}。",
		},
		Cure: fixAESKey,
	},
	{
		Code: AlertPushesRejectedSuiteKey, Severity: SeverityCritical,
		Message: Text{
			EN: "Pushes that come to suite {suite} are encrypted for another key. {detail}",
			ZH: "发到套件 {suite} 的推送是用另一个 key 加密的。{detail}",
		},
		Cure: fixSuiteKey,
	},
	{
		Code: AlertPushesRejectedSource, Severity: SeverityWarning,
		Message: Text{
			EN: "A push for suite {suite} came from {address}, which allowed_sources does not let in.",
			ZH: "套件 {suite} 收到来自 {address} 的推送，该地址不在 allowed_sources 允许的范围内。",
		},
		Cure: fixSources,
	},
	{
		Code: AlertPushesRejectedNotJSON, Severity: SeverityWarning,
		Message: Text{
			EN: "A push from {address} was signed and encrypted for suite {suite}, but its text is no JSON object.",
			ZH: "来自 {address} 的一次推送，其签名和加密都属于套件 {suite}，但内容不是 JSON 对象。",
		},
		Cure: findSender,
	},
	{Code: AlertSuiteUnknown, Severity: SeverityWarning, Message: unknownSuite, Cure: addSuite},
}
