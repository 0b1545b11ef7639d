package suite

// Cures that several findings share.
var (
	cureStart = Text{
		EN: "Start it: suitekeeper serve --config …, or systemctl start suitekeeper.",
		ZH: "请启动服务器：suitekeeper serve --config …，或 systemctl start suitekeeper。",
	}
	cureOwner = Text{
		EN: "chmod 700 the folder and 600 its files, as the user that runs the server.",
		ZH: "请以运行服务器的用户身份将目录权限设为 700、其中文件设为 600（chmod）。",
	}
	cureWeakToken = Text{
		EN: "Choose 32 random letters and digits that begin with a letter, here and in DingTalk's developer console.",
		ZH: "请换用 32 位以字母开头的随机字母和数字，并在配置和钉钉开发者后台同时修改。",
	}
)

// serverFindings are about the configuration, the data folder, the server and
// DingTalk.
var serverFindings = []FindingEntry{
	// The configuration.
	{FindingConfigurationValid, FindingOK, Text{
		EN: "The configuration is valid; suites: {count}.",
		ZH: "配置有效，套件数量：{count}。",
	}, Text{}},
	{FindingConfigurationInvalid, FindingError, Text{
		EN: "The configuration cannot be used: {problem}.",
		ZH: "配置无法使用：{problem}。",
	}, Text{
		EN: "Correct it; {cure}.",
		ZH: "请更正：{cure}。",
	}},
	{FindingRestUnchecked, FindingUnknown, Text{
		EN: "Nothing else was checked, since that needs a valid configuration.",
		ZH: "其余项目需要有效的配置，因此没有检查。",
	}, Text{
		EN: "Cure what is said of the configuration above, and run doctor again.",
		ZH: "请先处理上面关于配置的问题，然后再次运行 doctor。",
	}},
	{FindingAESKeyMalformed, FindingError, Text{
		EN: "The EncodingAESKey cannot be right: {problem}.",
		ZH: "EncodingAESKey 不正确：{problem}。",
	}, Text{
		EN: "Copy all 43 letters and digits of the AES key (加密 aes_key) from the suite's event subscription page (事件订阅) in DingTalk's developer console.",
		ZH: "请从钉钉开发者后台该套件的“事件订阅”页面复制完整的 43 位“加密 aes_key”。",
	}},
	{FindingTokenMalformed, FindingError, Text{
		EN: "The token cannot be right: {problem}.",
		ZH: "token 不正确：{problem}。",
	}, Text{
		EN: "It has 3 to 32 letters or digits, the same as the token (签名 token) on the suite's event subscription page (事件订阅) in DingTalk's developer console.",
		ZH: "应为 3 到 32 位字母或数字，并与钉钉开发者后台该套件“事件订阅”页面的“签名 token”一致。",
	}},
	{FindingAdminExposed, FindingError, Text{
		EN: "The operators' side would be open to other machines without TLS: {problem}.",
		ZH: "运维监听将在没有 TLS 的情况下对其他机器开放：{problem}。",
	}, Text{
		EN: "Keep admin.listen on 127.0.0.1, or set tls.cert_file and tls.key_file.",
		ZH: "请让 admin.listen 只监听 127.0.0.1，或配置 tls.cert_file 和 tls.key_file。",
	}},
	{FindingConfigurationReadable, FindingWarning, Text{
		EN: "Every user of this machine can read {path} ({mode}), which holds secrets.",
		ZH: "本机所有用户都能读取 {path}（{mode}），其中含有密钥。",
	}, Text{
		EN: "chmod 640 {path}, with the server's group; or keep the secrets in files of their own (secret_file).",
		ZH: "请执行 chmod 640 {path}，并将其属组设为服务器的用户组；或将密钥放到单独的文件中（secret_file）。",
	}},
	{FindingNoSuites, FindingError, Text{
		EN: "No suite is configured, so that serve has nothing to receive and does not start.",
		ZH: "没有配置任何套件，serve 无法启动。",
	}, Text{
		EN: "Add one under suites:, or name the configuration with --config.",
		ZH: "请在 suites: 下添加套件，或用 --config 指定配置文件。",
	}},
	{FindingSuiteInCreation, FindingWarning, Text{
		EN: "The suite has the key that DingTalk uses while a suite is being created.",
		ZH: "该套件使用的是钉钉在创建套件过程中使用的固定 key。",
	}, Text{
		EN: "Once the suite exists, put its own SuiteKey (Client ID) and secret into the configuration and reload suitekeeper (SIGHUP), or its pushes are refused.",
		ZH: "套件创建完成后，请在配置中填入它自己的 SuiteKey（Client ID）和密钥，并重新加载 suitekeeper（SIGHUP），否则它的推送会被拒绝。",
	}},
	{FindingExamplePlaceholder, FindingError, Text{
		EN: "The {key} of the suite is the placeholder of an example.",
		ZH: "该套件的 {key} 仍是示例中的占位值。",
	}, Text{
		EN: "Put the suite's own value there, as DingTalk's developer console shows it.",
		ZH: "请填入钉钉开发者后台显示的该套件自己的值。",
	}},
	{FindingExamplePublished, FindingWarning, Text{
		EN: "The {key} of the suite is that of a published example, so that anybody can forge pushes.",
		ZH: "该套件的 {key} 是公开示例中的值，任何人都可以伪造推送。",
	}, Text{
		EN: "Have the developer console generate another one, and put it into the configuration.",
		ZH: "请在开发者后台重新生成，并填入配置。",
	}},
	{FindingTokenSortsFirst, FindingWarning, Text{
		EN: "The token starts with a digit, so it is sorted before the other parts of the signature, which helps an attacker to forge one from a push that he saw.",
		ZH: "token 以数字开头，在签名中会排在其他部分之前；攻击者见过一次推送后更容易伪造签名。",
	}, cureWeakToken},
	{FindingTokenShort, FindingWarning, Text{
		EN: "The token has {length} characters, fewer than {least}, so that an attacker who saw one push can guess it.",
		ZH: "token 只有 {length} 个字符，少于 {least} 个；攻击者见过一次推送后可能猜出它。",
	}, cureWeakToken},
	{FindingDingTalkInClear, FindingWarning, Text{
		EN: "{key} sends the suite secret over the network in clear.",
		ZH: "{key} 会在网络上明文发送套件密钥。",
	}, Text{EN: "Use https.", ZH: "请使用 https。"}},

	// The data folder.
	{FindingDataSafe, FindingOK, Text{
		EN: "The data folder {path} is closed to other users; free: {room}.",
		ZH: "数据目录 {path} 不对其他用户开放；剩余空间：{room}。",
	}, Text{}},
	{FindingDataAbsent, FindingUnknown, Text{
		EN: "There is no data folder {path} yet.",
		ZH: "数据目录 {path} 尚不存在。",
	}, Text{
		EN: "serve makes it on its first start. If it has started already, give the same --config or --data, and run doctor in the same working directory.",
		ZH: "serve 首次启动时会创建它。如果服务器已经启动过，请使用相同的 --config 或 --data，并在相同的工作目录中运行 doctor。",
	}},
	{FindingDataUnreadable, FindingError, Text{
		EN: "The data folder cannot be looked at: {detail}.",
		ZH: "无法查看数据目录：{detail}。",
	}, Text{EN: "Run doctor as the user of the server, or as root.", ZH: "请以服务器的用户身份或 root 运行 doctor。"}},
	{FindingDataOpen, FindingError, Text{
		EN: "{path} is open to other users of this machine ({mode}). It holds permanent codes and tickets, or the key to them.",
		ZH: "{path} 对本机其他用户开放（{mode}）。其中保存着永久授权码和票据，或它们的密钥。",
	}, cureOwner},
	{FindingDataMixedOwners, FindingWarning, Text{
		EN: "{path} belongs to user {owner}, but the folder to user {keeper}. Somebody may have started the server as root once; as user {keeper} it cannot open its data.",
		ZH: "{path} 属于用户 {owner}，而目录属于用户 {keeper}。可能曾以 root 启动过服务器；以用户 {keeper} 运行时将无法打开数据。",
	}, Text{EN: "Stop the server and chown -R {keeper} the folder.", ZH: "请停止服务器，然后对该目录执行 chown -R {keeper}。"}},
	{FindingKeyMissing, FindingError, Text{
		EN: "The store is there, but its key file {path} is not. Without it nothing stored can be read.",
		ZH: "数据文件存在，但密钥文件 {path} 不见了。没有它，已保存的内容都无法读取。",
	}, Text{EN: "Put the key file back from a backup. Do not delete the data file.", ZH: "请从备份中恢复密钥文件。不要删除数据文件。"}},
	{FindingStoreUnusable, FindingError, Text{
		EN: "The store cannot be opened: {detail}.",
		ZH: "无法打开数据：{detail}。",
	}, Text{
		EN: "serve would stop for the same reason. Data file, key file and master_key belong together: compare all three with a backup.",
		ZH: "serve 也会因同样的原因停止。数据文件、密钥文件和 master_key 必须配套：请与备份核对这三者。",
	}},

	// The server.
	{FindingServerRunning, FindingOK, Text{
		EN: "suitekeeper {version} runs and answers at {url}.",
		ZH: "suitekeeper {version} 正在运行，在 {url} 正常应答。",
	}, Text{}},
	{FindingServerRefuses, FindingUnknown, Text{
		EN: "A server answers at {url} but does not tell how it is: {detail}.",
		ZH: "{url} 上的服务器有应答，但拒绝提供状态：{detail}。",
	}, Text{
		EN: "Give the token of a viewer or operator of this server with --token-file.",
		ZH: "请用 --token-file 提供该服务器的 viewer 或 operator 令牌。",
	}},
	{FindingServerSilent, FindingError, Text{
		EN: "The server does not tell how it is: {detail}.",
		ZH: "服务器没有提供状态：{detail}。",
	}, Text{
		EN: "Compare admin.listen of the running server with --admin or --config, and look at its log.",
		ZH: "请将正在运行的服务器的 admin.listen 与 --admin 或 --config 核对，并查看其日志。",
	}},
	{FindingServerAbsent, FindingError, Text{
		EN: "No server runs here, and none has ever stored anything in the data folder: {detail}.",
		ZH: "这里没有运行服务器，数据目录中也从未保存过数据：{detail}。",
	}, cureStart},
	{FindingServerStopped, FindingError, Text{
		EN: "The server of {path} does not run. What follows is from its data folder.",
		ZH: "{path} 的服务器没有运行。以下内容来自其数据目录。",
	}, cureStart},
	{FindingListenerAnswers, FindingOK, Text{
		EN: "The listener for callbacks answers on this machine at {url}.",
		ZH: "回调监听在本机 {url} 正常应答。",
	}, Text{}},
	{FindingListenerSilent, FindingError, Text{
		EN: "The server answers at {server}, but not at {url}, where the configuration has the listener for callbacks: {detail}.",
		ZH: "服务器在 {server} 有应答，但配置中的回调监听 {url} 没有应答：{detail}。",
	}, Text{
		EN: "See whether the server was started with this configuration, and restart it.",
		ZH: "请确认服务器使用的是这份配置，并重启服务器。",
	}},
	{FindingSuiteNotLoaded, FindingWarning, Text{
		EN: "The configuration has suite {suite}, but the server knows nothing of it.",
		ZH: "配置中有套件 {suite}，但服务器并不认识它。",
	}, Text{EN: "Have the server reload this configuration (SIGHUP); its log says whether it could.", ZH: "请让服务器重新加载这份配置（SIGHUP）；是否成功见其日志。"}},
	{FindingTicketFresh, FindingOK, Text{
		EN: "The suite_ticket of suite {suite} is {age} old.",
		ZH: "套件 {suite} 的 suite_ticket 是 {age} 前推送的。",
	}, Text{}},
	{FindingNoAlerts, FindingOK, Text{
		EN: "The server has no alerts.",
		ZH: "服务器没有告警。",
	}, Text{}},

	// DingTalk and the clock.
	{FindingDingTalkReached, FindingOK, Text{
		EN: "DingTalk answers at {url}.",
		ZH: "可以访问钉钉接口 {url}。",
	}, Text{}},
	{FindingDingTalkUnreachable, FindingError, Text{
		EN: "DingTalk gives no answer at {url}: {detail}.",
		ZH: "无法访问钉钉接口 {url}：{detail}。",
	}, Text{
		EN: "See whether this machine reaches it (curl {url}): name resolution, firewall, proxy (HTTPS_PROXY). If it does, DingTalk itself may be disturbed.",
		ZH: "请检查本机能否访问（curl {url}）：域名解析、防火墙、代理（HTTPS_PROXY）。如果能访问，可能是钉钉服务本身出现异常。",
	}},
	{FindingClockRight, FindingOK, Text{
		EN: "The clock agrees with DingTalk's.",
		ZH: "本机时钟与钉钉一致。",
	}, Text{}},
	{FindingClockOff, FindingWarning, Text{
		EN: "This machine's clock is {skew} {way} DingTalk's.",
		ZH: "本机时钟比钉钉{way} {skew}。",
	}, Text{EN: "Let the machine set its clock by NTP (timedatectl set-ntp true).", ZH: "请开启 NTP 时间同步（timedatectl set-ntp true）。"}},
	{FindingClockWrong, FindingError, Text{
		EN: "This machine's clock is {skew} {way} DingTalk's. DingTalk may refuse signed calls, and the age of tickets is told wrongly.",
		ZH: "本机时钟比钉钉{way} {skew}。钉钉可能拒绝带签名的调用，票据的时长也会显示错误。",
	}, Text{EN: "Let the machine set its clock by NTP (timedatectl set-ntp true).", ZH: "请开启 NTP 时间同步（timedatectl set-ntp true）。"}},
	{FindingClockUnknown, FindingUnknown, Text{
		EN: "The clock could not be compared with DingTalk's, since no answer told the time.",
		ZH: "没有得到带时间的应答，无法与钉钉核对时钟。",
	}, Text{
		EN: "Cure what is said of DingTalk's hosts above, and run doctor again. Meanwhile timedatectl tells whether this machine sets its clock by NTP.",
		ZH: "请先处理上面关于钉钉接口的问题，然后再次运行 doctor。在此之前，可用 timedatectl 查看本机是否启用了 NTP 时间同步。",
	}},

	// What DingTalk thinks of the credentials.
	{FindingCredentialsAccepted, FindingOK, Text{
		EN: "DingTalk accepts key, secret and ticket of suite {suite}, and the server's address.",
		ZH: "钉钉接受套件 {suite} 的 key、密钥和票据，以及服务器的出口地址。",
	}, Text{}},
	{FindingCredentialsNoTicket, FindingUnknown, Text{
		EN: "Whether the secret of suite {suite} is right cannot be asked, because DingTalk answers only to a suite_ticket, and there is none.",
		ZH: "无法核对套件 {suite} 的密钥：钉钉只在提供 suite_ticket 时才应答，而目前还没有票据。",
	}, Text{
		EN: "Press re-push (重新推送) beside suite_ticket in DingTalk's developer console, and run doctor again when the ticket is here.",
		ZH: "请在钉钉开发者后台点击 suite_ticket 旁的“重新推送”，收到票据后再次运行 doctor。",
	}},
	{FindingCredentialsUnknown, FindingUnknown, Text{
		EN: "Whether the secret of suite {suite} is right cannot be asked: the ticket that this takes is the server's, which did not tell how it is.",
		ZH: "无法核对套件 {suite} 的密钥：所需的票据在服务器中，而服务器没有提供状态。",
	}, Text{EN: "Cure what is said of the server first.", ZH: "请先处理上面关于服务器的问题。"}},
	{FindingCredentialsForOperators, FindingUnknown, Text{
		EN: "The running server asks DingTalk about suite {suite} for operators only.",
		ZH: "运行中的服务器只为 operator 向钉钉核对套件 {suite}。",
	}, Text{EN: "Give the token of an operator with --token-file.", ZH: "请用 --token-file 提供 operator 的令牌。"}},
	{FindingCredentialsFailed, FindingError, Text{
		EN: "DingTalk could not be asked about suite {suite}: {detail}.",
		ZH: "无法向钉钉核对套件 {suite}：{detail}。",
	}, Text{EN: "Cure what is said of the server or its data folder first, and look at its log.", ZH: "请先处理上面关于服务器或数据目录的问题，并查看服务器日志。"}},
}
