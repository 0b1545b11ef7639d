package suite

import (
	"strconv"
	"strings"
)

// Cures that several codes share and no alert has.
var (
	retriedByItself = Text{
		EN: "suitekeeper waits and tries again by itself.",
		ZH: "suitekeeper 会等待后自动重试。",
	}
	tokenRenewed = Text{
		EN: "suitekeeper gets a new token and tries again by itself.",
		ZH: "suitekeeper 会自动获取新的凭证并重试。",
	}
	urlReachable = Text{
		EN: "See whether the callback URL answers from the internet: name resolution, firewall, TLS certificate, the proxy in front of suitekeeper.",
		ZH: "请检查回调地址能否从公网访问：域名解析、防火墙、TLS 证书，以及 suitekeeper 前面的代理。",
	}
)

// limitCode stands for the codes from 90001 to 90019, which differ in who calls
// what too often.
const limitCode = "90002"

// listedCode is the code under which codeEntries explains a code: itself, or
// one that means the same.
func listedCode(code string) string {
	switch code {
	case "invalidSuiteTicket":
		return "40085"
	case "invalidAuthInfo":
		return "40079"
	case "invalidClientIdOrSecret":
		return "40088"
	case "invalidSuiteKey":
		return "40083"
	case "Forbidden.AccessDenied.IpNotInWhiteList":
		return "60020"
	}
	for _, limit := range []string{"Forbidden.AccessDenied.Qps", "Forbidden.AccessDenied.Qpm", "Throttling"} {
		if strings.HasPrefix(code, limit) {
			return limitCode
		}
	}
	if n, err := strconv.Atoi(code); err == nil && 90001 <= n && n <= 90019 {
		return limitCode
	}
	return code
}

// codeEntries explains DingTalk's codes: those of the calls that suitekeeper
// makes, then those that DingTalk shows when a callback URL is registered.
var codeEntries = []CodeEntry{
	{"-1", Text{"DingTalk's system is busy.", "钉钉系统繁忙。"}, retriedByItself},
	{"88", Text{
		"DingTalk refused the call at its gateway; sub_code in the message says why: a rate limit, a wrong signature, a missing permission.",
		"钉钉网关拒绝了调用，具体原因见消息中的 sub_code：限流、签名错误或缺少接口权限。",
	}, Text{
		"Look the sub_code up here or in DingTalk's list of error codes. suitekeeper waits and tries again by itself.",
		"请在这里或钉钉的错误码文档中查询 sub_code。suitekeeper 会等待后自动重试。",
	}},
	{limitCode, Text{
		"Calls are made too often, by this server, by the suite, or for one corp, and are blocked for a while.",
		"本服务器、该套件或针对某个企业的接口调用过于频繁，请求被暂时禁用。",
	}, retriedByItself},
	{"40014", Text{"The corp's access token is not valid.", "企业的 access_token 无效。"}, tokenRenewed},
	{"42001", Text{"The corp's access token has expired.", "企业的 access_token 已过期。"}, tokenRenewed},
	{"41022", Text{"The suite_access_token is missing.", "缺少 suite_access_token。"}, tokenRenewed},
	{"40078", Text{
		"The temporary code (tmp_auth_code) does not exist: it was used already, or is empty. Each code works once.",
		"不存在的临时授权码：已被使用过，或为空。每个授权码只能使用一次。",
	}, newCode},
	{"40079", Text{
		"There is no such authorisation: the corp has not authorised the suite, or has withdrawn.",
		"授权不存在：该企业没有授权该套件，或已解除授权。",
	}, Text{
		"If the corp wants the app, an administrator of the corp authorises it again.",
		"如果该企业仍要使用此应用，请其管理员重新开通授权。",
	}},
	{"40080", Text{"The suite secret is wrong.", "套件密钥（suite_secret）错误。"}, fixSecret},
	{"40082", Text{"The suite_access_token is not valid.", "suite_access_token 无效。"}, tokenRenewed},
	{"40083", Text{"The suite key is wrong, or the suite is gone.", "套件 key（suite_key）错误，或套件已不存在。"}, fixKey},
	{"40084", Text{"The permanent code is wrong.", "永久授权码错误。"}, newCode},
	{"40085", Text{
		"The suite_ticket does not exist or is too old.",
		"suite_ticket 不存在或已失效。",
	}, repush},
	{"40087", Text{"Creating the permanent code failed for the moment.", "生成永久授权码暂时失败。"}, retriedByItself},
	{"40088", Text{"The suite key or the suite secret is wrong.", "套件 key 或套件密钥错误。"}, fixSecret},
	{"40090", Text{"The suite does not exist.", "套件不存在。"}, fixKey},
	{"40091", Text{"The permanent code cannot be created.", "无法生成永久授权码。"}, authorizeAgain},
	{"40102", Text{"The temporary code (tmp_auth_code) has expired.", "临时授权码已过期。"}, newCode},
	{"60020", Text{
		"The calling server's IP address is not on the suite's whitelist.",
		"调用方的 IP 不在该套件的白名单中。",
	}, Text{
		"Add this server's outgoing address in DingTalk's developer console, under security settings (安全设置), to the server's outgoing IPs (服务器出口IP).",
		"在钉钉开发者后台该套件的“安全设置”页面，将本服务器的出口 IP 加入“服务器出口IP”。",
	}},

	{"71006", Text{"The callback URL exists already.", "回调地址已经存在。"}, Text{
		"The URL is registered with DingTalk already. Update the registration instead of making a new one, or delete the old one.",
		"该地址已在钉钉注册过。请更新已有的注册，或先删除旧的注册。",
	}},
	{"71007", Text{"The callback URL is no longer registered.", "回调地址已不存在。"}, Text{
		"Register the URL anew.",
		"请重新注册回调地址。",
	}},
	{"71009", Text{
		"The answer to the URL check is not the encrypted success.",
		"URL 校验的应答不是加密后的 success。",
	}, Text{
		"Compare token, aes_key and key of the suite in the configuration with the developer console. While the suite is being created its key is suite4xxxxxxxxxxxxxxx. See whether a proxy changes the answer; the oldest consoles want url_check_reply: random.",
		"请将配置中该套件的 token、aes_key 和 key 与开发者后台核对；套件创建过程中 key 为 suite4xxxxxxxxxxxxxxx。请检查代理是否改动了应答；最旧的后台需要设置 url_check_reply: random。",
	}},
	{"71010", Text{"A parameter of the registration is wrong.", "注册回调的参数有误。"}, Text{
		"Check the token (3 to 32 letters or digits), the AES key (43 letters or digits), and the list of event types.",
		"请检查 token（3 到 32 位字母或数字）、aes_key（43 位字母或数字）以及事件类型列表。",
	}},
	{"71011", Text{"The callback URL is no URL.", "回调地址不是合法的 URL。"}, Text{
		"Give the whole URL, with http:// or https:// and without spaces.",
		"请填写完整的地址，以 http:// 或 https:// 开头，不含空格。",
	}},
	{"71012", Text{"DingTalk cannot reach the callback URL.", "钉钉无法访问回调地址。"}, urlReachable},
	{"71013", Text{
		"The domain or IP address of the callback URL is not allowed.",
		"回调地址的域名或 IP 不被允许。",
	}, Text{
		"Use a public domain name or address that DingTalk allows; private addresses and blocked domains are refused.",
		"请使用钉钉允许的公网域名或 IP；内网地址和被封禁的域名会被拒绝。",
	}},
}
