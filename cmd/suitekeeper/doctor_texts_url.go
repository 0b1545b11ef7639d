package main

import "suitekeeper/suite"

// Cures that several findings about the callback URL share.
var (
	cureReachable = suite.Text{
		EN: "Check the address in public_url, the firewall, and what forwards to this server. When the URL is entered in the developer console, DingTalk shows 71012 for this.",
		ZH: "请检查 public_url 中的地址、防火墙以及转发到本服务器的配置。在开发者后台填写该地址时，钉钉会提示 71012。",
	}
	cureProxy = suite.Text{
		EN: "Have the proxy in front pass POST /callback/… unchanged, with query and body, to the address in listen of the configuration.",
		ZH: "请让前面的代理把 POST /callback/… 连同查询参数和请求体原样转发到配置中的 listen 地址。",
	}
	cureSameConfiguration = suite.Text{
		EN: "See that the URL leads to this server, and reload it (SIGHUP) if the configuration was changed since.",
		ZH: "请确认该地址确实指向本服务器；如果之后修改过配置，请让服务器重新加载（SIGHUP）。",
	}
	cureChain = suite.Text{
		EN: "Configure the whole chain (fullchain.pem): the server's certificate first, then those between it and the root.",
		ZH: "请配置完整的证书链（fullchain.pem）：先是服务器证书，然后是中间证书。",
	}
)

// urlRemedies is what doctor says of the public URL, by code. Those that end
// like the kinds of connectionFault are found by them.
var urlRemedies = map[string]remedy{
	"url_missing": {severityWarning, suite.Text{
		EN: "public_url is not set, so the callback URL cannot be checked.",
		ZH: "没有配置 public_url，无法检查回调地址。",
	}, suite.Text{
		EN: "Set public_url to how DingTalk reaches this server, as https://isv.example.com.",
		ZH: "请将 public_url 设为钉钉访问本服务器的地址，例如 https://isv.example.com。",
	}},
	"url_broken": {severityError, suite.Text{
		EN: "{url} cannot be asked: {detail}.",
		ZH: "无法请求 {url}：{detail}。",
	}, cureReachable},
	"url_clear": {severityWarning, suite.Text{
		EN: "{url} is http. Pushes are encrypted by themselves, but anybody on the way can hold them back or repeat them.",
		ZH: "{url} 使用的是 http。推送内容本身已加密，但途中的任何人都可能拦截或重放。",
	}, suite.Text{
		EN: "Put a proxy with TLS in front, or set tls.cert_file and tls.key_file, and use https in public_url and in the developer console.",
		ZH: "请在前面放置启用 TLS 的代理，或配置 tls.cert_file 和 tls.key_file，并在 public_url 和开发者后台改用 https。",
	}},
	"url_private": {severityWarning, suite.Text{
		EN: "From here public_url leads to {address}, which the internet does not reach. DingTalk may see another address under {host}.",
		ZH: "在本机看来 public_url 指向 {address}，这是公网无法访问的地址。钉钉看到的 {host} 可能是另一个地址。",
	}, suite.Text{
		EN: "If DingTalk resolves the name to the same address, it shows 71012 or 71013: use a name with a public address.",
		ZH: "如果钉钉也解析到这个地址，会提示 71012 或 71013：请使用具有公网地址的域名。",
	}},

	// No answer.
	"url_dns": {severityError, suite.Text{
		EN: "The name of {url} cannot be resolved: {detail}.",
		ZH: "无法解析 {url} 的域名：{detail}。",
	}, suite.Text{
		EN: "Correct public_url, or add the name to your DNS zone. When the URL is entered in the developer console, DingTalk shows 71012 for this.",
		ZH: "请更正 public_url，或在域名解析中添加该记录。在开发者后台填写该地址时，钉钉会提示 71012。",
	}},
	"url_refused": {severityError, suite.Text{
		EN: "Nobody listens at {host}: {detail}.",
		ZH: "{host} 上没有程序监听：{detail}。",
	}, cureReachable},
	"url_unroutable": {severityError, suite.Text{
		EN: "There is no way to {host}: {detail}.",
		ZH: "网络无法到达 {host}：{detail}。",
	}, cureReachable},
	"url_timeout": {severityError, suite.Text{
		EN: "{host} gives no answer within 5 s: {detail}.",
		ZH: "{host} 在 5 秒内没有应答：{detail}。",
	}, suite.Text{
		EN: "Most often a firewall drops the packets; or this network cannot reach its own public address, which DingTalk could. Try the URL from outside, too.",
		ZH: "多数情况是防火墙丢弃了数据包；也可能是内网无法访问自己的公网地址，而钉钉可以。请同时从外网测试该地址。",
	}},
	"url_broken_off": {severityError, suite.Text{
		EN: "The connection to {host} broke: {detail}.",
		ZH: "与 {host} 的连接中断：{detail}。",
	}, cureReachable},

	// TLS.
	"url_tls_name": {severityError, suite.Text{
		EN: "The certificate of {host} is for another name: {detail}.",
		ZH: "{host} 的证书不是为该域名签发的：{detail}。",
	}, suite.Text{EN: "Use a certificate for the host of public_url.", ZH: "请使用为 public_url 中的域名签发的证书。"}},
	"url_tls_expired": {severityError, suite.Text{
		EN: "The certificate of {host} is not valid at this time: {detail}.",
		ZH: "{host} 的证书不在有效期内：{detail}。",
	}, suite.Text{
		EN: "Renew it, and reload what serves it. If it is new, the clock of this machine may be wrong.",
		ZH: "请续签证书并重新加载使用它的服务。如果证书是新签发的，可能是本机时钟不对。",
	}},
	"url_tls_chain": {severityError, suite.Text{
		EN: "{host} sends its certificate without those that lead to a known root. Browsers often find them by themselves; DingTalk need not: {detail}.",
		ZH: "{host} 只发送了服务器证书，缺少到根证书的中间证书。浏览器往往能自行补全，钉钉则未必：{detail}。",
	}, cureChain},
	"url_tls_untrusted": {severityError, suite.Text{
		EN: "The certificate of {host} leads to no root that is known here: {detail}.",
		ZH: "{host} 的证书不是由受信任的机构签发的：{detail}。",
	}, suite.Text{
		EN: "Use a certificate of a public authority; DingTalk accepts no self-signed one.",
		ZH: "请使用公共证书机构签发的证书；钉钉不接受自签名证书。",
	}},
	"url_no_tls": {severityError, suite.Text{
		EN: "{host} speaks no TLS, though public_url says https: {detail}.",
		ZH: "{host} 没有启用 TLS，而 public_url 使用 https：{detail}。",
	}, suite.Text{
		EN: "Configure TLS in the proxy in front or with tls.cert_file and tls.key_file, or correct the port in public_url.",
		ZH: "请在前面的代理或用 tls.cert_file 和 tls.key_file 配置 TLS，或更正 public_url 中的端口。",
	}},
	"certificate_valid": {severityOK, suite.Text{
		EN: "The certificate of public_url is valid until {date}.",
		ZH: "public_url 的证书有效期至 {date}。",
	}, suite.Text{}},
	"certificate_ends": {severityWarning, suite.Text{
		EN: "The certificate of public_url ends on {date}, in {days} days.",
		ZH: "public_url 的证书将于 {date} 到期，还剩 {days} 天。",
	}, suite.Text{
		EN: "Renew it. If it should renew by itself, that has failed.",
		ZH: "请续签证书。如果配置了自动续签，说明续签没有成功。",
	}},
	"admin_public": {severityWarning, suite.Text{
		EN: "{url} answers: the operators' side can be reached under the public URL.",
		ZH: "{url} 有应答：可以通过公网地址访问运维监听。",
	}, suite.Text{
		EN: "Have the proxy in front pass only /callback to the address in listen, and nothing to admin.listen.",
		ZH: "请让前面的代理只把 /callback 转发到 listen 地址，不要转发到 admin.listen。",
	}},
	"url_sources": {severityUnknown, suite.Text{
		EN: "{url} reaches suitekeeper. Its answer to a push was not judged, because allowed_sources may not let this machine push.",
		ZH: "{url} 可以到达 suitekeeper。由于 allowed_sources 可能不允许本机推送，没有检查它对推送的应答。",
	}, suite.Text{
		EN: "To judge it, take allowed_sources out for a moment, or press the URL check in DingTalk's developer console.",
		ZH: "如需检查，请暂时去掉 allowed_sources，或在钉钉开发者后台点击校验回调地址。",
	}},
	"url_sources_unreached": {severityWarning, suite.Text{
		EN: "Something answers at {url}, but whether it is suitekeeper cannot be told: /healthz is not passed on, and allowed_sources may not let this machine push.",
		ZH: "{url} 有应答，但无法判断是否为 suitekeeper：/healthz 没有被转发，而 allowed_sources 可能不允许本机推送。",
	}, cureProxy},

	// Answers to the signed check.
	"url_right": {severityOK, suite.Text{
		EN: "{url} answered the signed check as DingTalk wants it, in {ms} ms.",
		ZH: "{url} 按钉钉的要求正确应答了签名校验，用时 {ms} 毫秒。",
	}, suite.Text{}},
	"url_slow": {severityError, suite.Text{
		EN: "{url} answered rightly but after {ms} ms; DingTalk gives up after {limit} ms and pushes again.",
		ZH: "{url} 应答正确，但用了 {ms} 毫秒；钉钉最多等待 {limit} 毫秒，随后会重新推送。",
	}, suite.Text{
		EN: "See what takes the time: the proxy in front, or the disk of the data folder (suitekeeper_commit_seconds in /metrics).",
		ZH: "请检查耗时在哪里：前面的代理，或数据目录所在磁盘（/metrics 中的 suitekeeper_commit_seconds）。",
	}},
	"url_wrong_answer": {severityError, suite.Text{
		EN: "DingTalk would take the answer of {url} as wrong: {detail}. When the URL is entered in the developer console, DingTalk shows 71009 for this.",
		ZH: "钉钉会认为 {url} 的应答有误：{detail}。在开发者后台填写该地址时，钉钉会提示 71009。",
	}, suite.Text{
		EN: "See that the URL leads to this server with this configuration (token, aes_key, key, url_check_reply), and that no proxy changes the answer.",
		ZH: "请确认该地址指向使用这份配置（token、aes_key、key、url_check_reply）的服务器，并且没有代理改动应答。",
	}},
	"url_redirect": {severityError, suite.Text{
		EN: "{url} redirects to {location}; DingTalk follows no redirects.",
		ZH: "{url} 会重定向到 {location}，而钉钉不会跟随重定向。",
	}, suite.Text{
		EN: "Put the address that it redirects to into public_url and the developer console, or take the redirect away for /callback.",
		ZH: "请在 public_url 和开发者后台直接填写重定向后的地址，或对 /callback 取消重定向。",
	}},
	"url_page": {severityError, suite.Text{
		EN: "{url} answers with a page for browsers: a proxy or another program answers instead of suitekeeper.",
		ZH: "{url} 返回的是网页：应答的是代理或其他程序，而不是 suitekeeper。",
	}, cureProxy},
	"url_not_found": {severityError, suite.Text{
		EN: "{url} is answered {status} ({detail}), and not by suitekeeper: the proxy in front does not pass it on.",
		ZH: "{url} 返回 {status}（{detail}），而且不是 suitekeeper 返回的：前面的代理没有转发该路径。",
	}, cureProxy},
	"url_forbidden": {severityError, suite.Text{
		EN: "{url} is answered {status} ({detail}), and not by suitekeeper: a proxy or a firewall in front refuses the push.",
		ZH: "{url} 返回 {status}（{detail}），而且不是 suitekeeper 返回的：前面的代理或防火墙拒绝了推送。",
	}, suite.Text{
		EN: "Let POST /callback/… pass without a sign-in, a challenge or a list of addresses that DingTalk's are not on.",
		ZH: "请放行 POST /callback/…：不要求登录、不做人机验证，也不用不含钉钉地址的白名单。",
	}},
	"url_gateway": {severityError, suite.Text{
		EN: "{url} is answered {status} ({detail}): the proxy in front does not reach suitekeeper.",
		ZH: "{url} 返回 {status}（{detail}）：前面的代理无法连接到 suitekeeper。",
	}, suite.Text{
		EN: "See that suitekeeper runs and that the proxy's target is the address in listen of the configuration.",
		ZH: "请确认 suitekeeper 正在运行，并且代理的目标地址是配置中的 listen。",
	}},
	"url_status": {severityError, suite.Text{
		EN: "{url} is answered {status} ({detail}); DingTalk wants 200.",
		ZH: "{url} 返回 {status}（{detail}）；钉钉要求 200。",
	}, suite.Text{
		EN: "Look at the log of the server and of the proxy in front.",
		ZH: "请查看服务器以及前面代理的日志。",
	}},
	"url_unknown_suite": {severityError, suite.Text{
		EN: "{url} reaches a suitekeeper that does not have suite {suite}.",
		ZH: "{url} 到达的 suitekeeper 没有配置套件 {suite}。",
	}, cureSameConfiguration},
	"url_other_path": {severityError, suite.Text{
		EN: "{url} reaches suitekeeper under another path: something in front changes the path.",
		ZH: "{url} 到达了 suitekeeper，但路径不对：前面的代理改动了路径。",
	}, cureProxy},
	"url_rejected": {severityError, suite.Text{
		EN: "{url} reaches a suitekeeper that rejects what is signed and encrypted with this configuration: its token, aes_key or key is another one.",
		ZH: "{url} 到达的 suitekeeper 拒绝了用这份配置签名和加密的推送：它的 token、aes_key 或 key 不同。",
	}, cureSameConfiguration},
	"url_altered": {severityError, suite.Text{
		EN: "{url} reaches suitekeeper, but the push arrives changed: it is answered {status} ({detail}).",
		ZH: "{url} 到达了 suitekeeper，但推送在途中被改动：返回 {status}（{detail}）。",
	}, cureProxy},
	"url_unavailable": {severityError, suite.Text{
		EN: "{url} reaches suitekeeper, but it cannot store the push in time.",
		ZH: "{url} 到达了 suitekeeper，但它无法及时保存推送。",
	}, suite.Text{
		EN: "See whether the disk of the data folder is full or slow; the log and suitekeeper_commit_seconds in /metrics tell more.",
		ZH: "请检查数据目录所在磁盘是否已满或过慢；日志和 /metrics 中的 suitekeeper_commit_seconds 有更多信息。",
	}},
}
