package suite

// Cures that several findings about the callback URL share.
var (
	cureReachable = Text{
		EN: "Check the address in public_url, the firewall, and what forwards to this server.",
		ZH: "请检查 public_url 中的地址、防火墙以及转发到本服务器的配置。",
	}
	cureProxy = Text{
		EN: "Have the proxy in front pass POST /callback/… unchanged, with query and body, to the address in listen of the configuration.",
		ZH: "请让前面的代理把 POST /callback/… 连同查询参数和请求体原样转发到配置中的 listen 地址。",
	}
	cureSameConfiguration = Text{
		EN: "See that the URL leads to this server, and reload it (SIGHUP) if the configuration was changed since.",
		ZH: "请确认该地址确实指向本服务器；如果之后修改过配置，请让服务器重新加载（SIGHUP）。",
	}
	cureChain = Text{
		EN: "Configure the whole chain (fullchain.pem): the server's certificate first, then those between it and the root.",
		ZH: "请配置完整的证书链（fullchain.pem）：先是服务器证书，然后是中间证书。",
	}
)

// urlFindings are about the public URL and its certificate.
var urlFindings = []FindingEntry{
	{FindingURLMissing, FindingWarning, Text{
		EN: "public_url is not set, so the callback URL cannot be checked.",
		ZH: "没有配置 public_url，无法检查回调地址。",
	}, Text{
		EN: "Set public_url to how DingTalk reaches this server, as https://isv.example.com.",
		ZH: "请将 public_url 设为钉钉访问本服务器的地址，例如 https://isv.example.com。",
	}},
	{FindingURLBroken, FindingError, Text{
		EN: "{url} cannot be asked: {detail}.",
		ZH: "无法请求 {url}：{detail}。",
	}, cureReachable},
	{FindingURLClear, FindingWarning, Text{
		EN: "{url} is http. Pushes are encrypted by themselves, but anybody on the way can hold them back or repeat them.",
		ZH: "{url} 使用的是 http。推送内容本身已加密，但途中的任何人都可能拦截或重放。",
	}, Text{
		EN: "Put a proxy with TLS in front, or set tls.cert_file and tls.key_file, and use https in public_url and in the developer console.",
		ZH: "请在前面放置启用 TLS 的代理，或配置 tls.cert_file 和 tls.key_file，并在 public_url 和开发者后台改用 https。",
	}},
	{FindingURLPrivate, FindingWarning, Text{
		EN: "From here public_url leads to {address}, which the internet does not reach. If DingTalk resolves {host} to the same address, it refuses the URL.",
		ZH: "在本机看来 public_url 指向 {address}，这是公网无法访问的地址。如果钉钉把 {host} 也解析到该地址，就会拒绝这个回调地址。",
	}, Text{}},

	// No answer.
	{FindingURLDNS, FindingError, Text{
		EN: "The name of {url} cannot be resolved: {detail}.",
		ZH: "无法解析 {url} 的域名：{detail}。",
	}, Text{
		EN: "Correct public_url, or add the name to your DNS zone.",
		ZH: "请更正 public_url，或在域名解析中添加该记录。",
	}},
	{FindingURLRefused, FindingError, Text{
		EN: "Nobody listens at {host}: {detail}.",
		ZH: "{host} 上没有程序监听：{detail}。",
	}, cureReachable},
	{FindingURLUnroutable, FindingError, Text{
		EN: "There is no way to {host}: {detail}.",
		ZH: "网络无法到达 {host}：{detail}。",
	}, cureReachable},
	{FindingURLTimeout, FindingError, Text{
		EN: "{host} gives no answer within 5 s: {detail}.",
		ZH: "{host} 在 5 秒内没有应答：{detail}。",
	}, Text{
		EN: "Most often a firewall drops the packets; or this network cannot reach its own public address, which DingTalk could. Try the URL from outside, too.",
		ZH: "多数情况是防火墙丢弃了数据包；也可能是内网无法访问自己的公网地址，而钉钉可以。请同时从外网测试该地址。",
	}},
	{FindingURLBrokenOff, FindingError, Text{
		EN: "The connection to {host} broke: {detail}.",
		ZH: "与 {host} 的连接中断：{detail}。",
	}, cureReachable},

	// TLS.
	{FindingURLTLSName, FindingError, Text{
		EN: "The certificate of {host} is for another name: {detail}.",
		ZH: "{host} 的证书不是为该域名签发的：{detail}。",
	}, Text{EN: "Use a certificate for the host of public_url.", ZH: "请使用为 public_url 中的域名签发的证书。"}},
	{FindingURLTLSExpired, FindingError, Text{
		EN: "The certificate of {host} is not valid at this time: {detail}.",
		ZH: "{host} 的证书不在有效期内：{detail}。",
	}, Text{
		EN: "Renew it, and reload what serves it. If it is new, the clock of this machine may be wrong.",
		ZH: "请续签证书并重新加载使用它的服务。如果证书是新签发的，可能是本机时钟不对。",
	}},
	{FindingURLTLSChain, FindingError, Text{
		EN: "{host} sends its certificate without those that lead to a known root. Browsers often find them by themselves; DingTalk need not: {detail}.",
		ZH: "{host} 只发送了服务器证书，缺少到根证书的中间证书。浏览器往往能自行补全，钉钉则未必：{detail}。",
	}, cureChain},
	{FindingURLTLSUntrusted, FindingError, Text{
		EN: "The certificate of {host} leads to no root that is known here: {detail}.",
		ZH: "{host} 的证书不是由受信任的机构签发的：{detail}。",
	}, Text{
		EN: "Use a certificate of a public authority; DingTalk accepts no self-signed one.",
		ZH: "请使用公共证书机构签发的证书；钉钉不接受自签名证书。",
	}},
	{FindingURLNoTLS, FindingError, Text{
		EN: "{host} speaks no TLS, though public_url says https: {detail}.",
		ZH: "{host} 没有启用 TLS，而 public_url 使用 https：{detail}。",
	}, Text{
		EN: "Configure TLS in the proxy in front or with tls.cert_file and tls.key_file, or correct the port in public_url.",
		ZH: "请在前面的代理或用 tls.cert_file 和 tls.key_file 配置 TLS，或更正 public_url 中的端口。",
	}},
	{FindingCertificateValid, FindingOK, Text{
		EN: "The certificate of public_url is valid until {date}.",
		ZH: "public_url 的证书有效期至 {date}。",
	}, Text{}},
	{FindingCertificateEnds, FindingWarning, Text{
		EN: "The certificate of public_url ends on {date}, in {days} days.",
		ZH: "public_url 的证书将于 {date} 到期，还剩 {days} 天。",
	}, Text{
		EN: "Renew it. If it should renew by itself, that has failed.",
		ZH: "请续签证书。如果配置了自动续签，说明续签没有成功。",
	}},
	{FindingAdminPublic, FindingWarning, Text{
		EN: "{url} answers: the operators' side can be reached under the public URL.",
		ZH: "{url} 有应答：可以通过公网地址访问运维监听。",
	}, Text{
		EN: "Have the proxy in front pass only /callback to the address in listen, and nothing to admin.listen.",
		ZH: "请让前面的代理只把 /callback 转发到 listen 地址，不要转发到 admin.listen。",
	}},
	// Answers to the signed check.
	{FindingURLRight, FindingOK, Text{
		EN: "{url} answered the signed check as DingTalk wants it, in {ms} ms.",
		ZH: "{url} 按钉钉的要求正确应答了签名校验，用时 {ms} 毫秒。",
	}, Text{}},
	{FindingURLSlow, FindingError, Text{
		EN: "{url} answered rightly but after {ms} ms; DingTalk gives up after {limit} ms and pushes again.",
		ZH: "{url} 应答正确，但用了 {ms} 毫秒；钉钉最多等待 {limit} 毫秒，随后会重新推送。",
	}, Text{
		EN: "See what takes the time: the proxy in front, or the disk of the data folder (suitekeeper_commit_seconds in /metrics).",
		ZH: "请检查耗时在哪里：前面的代理，或数据目录所在磁盘（/metrics 中的 suitekeeper_commit_seconds）。",
	}},
	{FindingURLWrongAnswer, FindingError, Text{
		EN: "DingTalk would take the answer of {url} as wrong: {detail}.",
		ZH: "钉钉会认为 {url} 的应答有误：{detail}。",
	}, Text{}},
	{FindingURLRedirect, FindingError, Text{
		EN: "{url} redirects to {location}; DingTalk follows no redirects.",
		ZH: "{url} 会重定向到 {location}，而钉钉不会跟随重定向。",
	}, Text{
		EN: "Put the address that it redirects to into public_url and the developer console, or take the redirect away for /callback.",
		ZH: "请在 public_url 和开发者后台直接填写重定向后的地址，或对 /callback 取消重定向。",
	}},
	{FindingURLPage, FindingError, Text{
		EN: "{url} answers with a page for browsers: a proxy or another program answers instead of suitekeeper.",
		ZH: "{url} 返回的是网页：应答的是代理或其他程序，而不是 suitekeeper。",
	}, cureProxy},
	{FindingURLNotFound, FindingError, Text{
		EN: "{url} is answered {status} ({detail}), and not by suitekeeper: the proxy in front does not pass it on.",
		ZH: "{url} 返回 {status}（{detail}），而且不是 suitekeeper 返回的：前面的代理没有转发该路径。",
	}, cureProxy},
	{FindingURLForbidden, FindingError, Text{
		EN: "{url} is answered {status} ({detail}), and not by suitekeeper: a proxy or a firewall in front refuses the push.",
		ZH: "{url} 返回 {status}（{detail}），而且不是 suitekeeper 返回的：前面的代理或防火墙拒绝了推送。",
	}, Text{
		EN: "Let POST /callback/… pass without a sign-in, a challenge or a list of addresses that DingTalk's are not on.",
		ZH: "请放行 POST /callback/…：不要求登录、不做人机验证，也不用不含钉钉地址的白名单。",
	}},
	{FindingURLGateway, FindingError, Text{
		EN: "{url} is answered {status} ({detail}): the proxy in front does not reach suitekeeper.",
		ZH: "{url} 返回 {status}（{detail}）：前面的代理无法连接到 suitekeeper。",
	}, Text{
		EN: "See that suitekeeper runs and that the proxy's target is the address in listen of the configuration.",
		ZH: "请确认 suitekeeper 正在运行，并且代理的目标地址是配置中的 listen。",
	}},
	{FindingURLStatus, FindingError, Text{
		EN: "{url} is answered {status} ({detail}); DingTalk wants 200.",
		ZH: "{url} 返回 {status}（{detail}）；钉钉要求 200。",
	}, Text{
		EN: "Look at the log of the server and of the proxy in front.",
		ZH: "请查看服务器以及前面代理的日志。",
	}},
	{FindingURLUnknownSuite, FindingError, Text{
		EN: "{url} reaches a suitekeeper that does not have suite {suite}.",
		ZH: "{url} 到达的 suitekeeper 没有配置套件 {suite}。",
	}, cureSameConfiguration},
	{FindingURLOtherPath, FindingError, Text{
		EN: "{url} reaches suitekeeper under another path: something in front changes the path.",
		ZH: "{url} 到达了 suitekeeper，但路径不对：前面的代理改动了路径。",
	}, cureProxy},
	{FindingURLRejected, FindingError, Text{
		EN: "{url} reaches a suitekeeper that rejects what is signed and encrypted with this configuration: its token, aes_key or key is another one.",
		ZH: "{url} 到达的 suitekeeper 拒绝了用这份配置签名和加密的推送：它的 token、aes_key 或 key 不同。",
	}, cureSameConfiguration},
	{FindingURLSources, FindingUnknown, Text{
		EN: "{url} reaches suitekeeper, which refused the signed check because it came from {address}: allowed_sources does not let that in. So what DingTalk would be answered was not judged.",
		ZH: "{url} 到达了 suitekeeper，但签名校验来自 {address}，不在 allowed_sources 允许的范围内，因此被拒绝。没有检查钉钉会得到的应答。",
	}, Text{
		EN: "If {address} is this machine's own, all is well: add it to allowed_sources for the time of a check and reload suitekeeper (SIGHUP), or press the URL check in DingTalk's developer console. If it is that of a proxy in front, DingTalk's pushes are refused as well: add it to trusted_proxies. The server's alert about the refused push goes within the hour.",
		ZH: "如果 {address} 是本机自己的地址，则一切正常：如需检查，请暂时将其加入 allowed_sources 并重新加载 suitekeeper（SIGHUP），或在钉钉开发者后台点击校验回调地址。如果它是前面代理的地址，钉钉的推送同样会被拒绝：请将其加入 trusted_proxies。服务器因这次校验产生的告警会在一小时内消失。",
	}},
	{FindingURLSourcesUnsure, FindingUnknown, Text{
		EN: "{url} reaches suitekeeper, which refused the signed check (403). Most likely allowed_sources does not let this machine push; a wrong token, aes_key or key would be answered in the same way, and this server could not be asked which it was.",
		ZH: "{url} 到达了 suitekeeper，但签名校验被拒绝（403）。很可能是 allowed_sources 不允许本机推送；token、aes_key 或 key 不同时应答也一样，而无法向服务器查询具体原因。",
	}, Text{
		EN: "See in the refused pushes of the console, or in the server's log, why it was refused; or give the token of a viewer with --token-file and run doctor again.",
		ZH: "请在控制台的“被拒绝的推送”或服务器日志中查看拒绝原因；或用 --token-file 提供 viewer 的令牌后再次运行 doctor。",
	}},
	{FindingURLAltered, FindingError, Text{
		EN: "{url} reaches suitekeeper, but the push arrives changed: it is answered {status} ({detail}).",
		ZH: "{url} 到达了 suitekeeper，但推送在途中被改动：返回 {status}（{detail}）。",
	}, cureProxy},
	{FindingURLUnavailable, FindingError, Text{
		EN: "{url} reaches suitekeeper, but it cannot store the push in time.",
		ZH: "{url} 到达了 suitekeeper，但它无法及时保存推送。",
	}, Text{
		EN: "See whether the disk of the data folder is full or slow; the log and suitekeeper_commit_seconds in /metrics tell more.",
		ZH: "请检查数据目录所在磁盘是否已满或过慢；日志和 /metrics 中的 suitekeeper_commit_seconds 有更多信息。",
	}},
}

// findingCodes are the codes that DingTalk shows in its developer console, by
// what doctor finds wrong with the URL that is entered there.
var findingCodes = map[FindingCode]string{
	FindingURLPrivate: "71013",

	FindingURLDNS: "71012", FindingURLRefused: "71012", FindingURLUnroutable: "71012",
	FindingURLTimeout: "71012", FindingURLBrokenOff: "71012",
	FindingURLTLSName: "71012", FindingURLTLSExpired: "71012", FindingURLTLSChain: "71012", FindingURLTLSUntrusted: "71012",
	FindingURLNoTLS: "71012",

	// Whatever else is answered than the encrypted success.
	FindingURLWrongAnswer: "71009", FindingURLPage: "71009", FindingURLRejected: "71009",
	FindingURLRedirect: "71009", FindingURLNotFound: "71009", FindingURLForbidden: "71009", FindingURLGateway: "71009", FindingURLStatus: "71009",
	FindingURLUnknownSuite: "71009", FindingURLOtherPath: "71009", FindingURLAltered: "71009", FindingURLUnavailable: "71009",

	FindingURLBroken:      "71011",
	FindingTokenMalformed: "71010", FindingAESKeyMalformed: "71010",
}
