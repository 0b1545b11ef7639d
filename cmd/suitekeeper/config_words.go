package main

import (
	"fmt"
	"strings"

	"suitekeeper/suite"
)

// problem is what is wrong and where, without the cure.
func (f Finding) problem() suite.Text {
	f.Cure = ""
	return suite.Text{EN: f.String(), ZH: problemsZH.Replace(f.String())}
}

// cure is what to do about it.
func (f Finding) cure() suite.Text {
	if f.Cure == "" {
		return suite.Text{EN: "deploy/suitekeeper.yaml explains every key", ZH: "deploy/suitekeeper.yaml 中有每个配置项的说明"}
	}
	if zh, ok := curesZH[f.Cure]; ok {
		return suite.Text{EN: f.Cure, ZH: zh}
	}
	return suite.Text{EN: f.Cure, ZH: cureWordsZH.Replace(f.Cure)}
}

// inChinese is String in Chinese.
func (f Finding) inChinese() string {
	text := f.problem().ZH
	if f.Cure != "" {
		text += "；" + f.cure().ZH
	}
	return text
}

// inChinese is Error in Chinese.
func (e *ConfigError) inChinese() string {
	if len(e.Findings) == 1 {
		return "配置：" + e.Findings[0].inChinese()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "配置有 %d 个问题", len(e.Findings))
	for _, f := range e.Findings {
		b.WriteString("\n  " + f.inChinese())
	}
	return b.String()
}

// problemsZH says in Chinese what config check says of keys, as far as the
// words are its own.
var problemsZH = strings.NewReplacer(
	": has fewer than ", "：少于 ", ", so that an attacker who saw one push can guess it", "，攻击者看到一次推送就可能猜出",
	": starts with a digit, so it is sorted before the other parts of the signature, "+
		"which helps an attacker to forge one from a push that he saw", "：以数字开头，在签名中排在其他部分之前，攻击者看到一次推送后更容易伪造签名",
	": is empty, so serve has nothing to receive and will not start", "：为空，serve 无从接收推送，不会启动",
	": is the key that DingTalk uses while a suite is being created", "：是钉钉在创建套件期间使用的 key",
	": is the value of a published example, so that anybody can forge pushes", "：是公开示例中的值，任何人都可以伪造推送",
	": is the placeholder of the example", "：是示例中的占位内容",
	": lies in the data folder, and is lost with it", "：位于数据目录内，会与之一同丢失",
	": sends the suite secret over the network in clear", "：会在网络上明文发送套件密钥",
	": is missing", "：未设置", ": is not allowed", "：取值不被允许", ": is not a duration", "：不是时间长度",
	": is not a whole number", "：不是整数", ": is not a known key", "：不是已知的配置项", ": is not a known variable", "：不是已知的环境变量",
	": is given twice", "：重复设置", ": must hold keys and values", "：应为键值结构", ": must be one value", "：应为单个值",
	": must be a list", "：应为列表", ": is shorter than", "：短于", ": is the same as", "：等同于",
	": would be reachable from other machines without TLS", "：未启用 TLS 却可从其他机器访问", ": cannot read", "：无法读取",
	": no such file or directory", "：文件不存在", ": permission denied", "：没有读取权限", ": has ", "：现有 ", " characters", " 个字符",
	", first in line ", "，首次出现在第 ", ", also without _FILE", "，另有不带 _FILE 的变量", ", also as a credential of systemd", "，另有 systemd 凭据",
	": holds more than one YAML document", "：包含多个 YAML 文档", ": is not valid YAML", "：不是合法的 YAML",
	": holds more than a variable can say", "：无法用一个环境变量表示", ": does not say for which suite", "：没有说明属于哪个套件",
	": is set, and nobody is named whom backups are to be encrypted for", "：已设置，但没有指定备份为谁加密",
	": cannot be used with tls.key_file", "：无法与 tls.key_file 配合使用", " the same address as listen", "与 listen 相同的地址",
)

// cureWordsZH translates the cures that name keys.
var cureWordsZH = strings.NewReplacer(
	"did you mean ", "是否想写 ", "? allowed: ", "？可用的配置项：", "?", "？", "allowed: ", "可用的配置项：",
	"unset it and give ", "请取消该变量，在配置文件中设置 ", " in the configuration file", "", ", or one suite by ", "，或用以下变量设置单个套件：",
	" and ", " 和 ", "set ", "请设置 ", " too", "",
)

// curesZH translates the others.
var curesZH = map[string]string{ //nolint:gosec // speaks of secrets and holds none
	"keep it on 127.0.0.1, or set tls.cert_file and tls.key_file": "请只监听 127.0.0.1，或配置 tls.cert_file 和 tls.key_file",
	"give each its own port":  "请为两者设置不同的端口",
	"give at least one suite": "请至少配置一个套件",
	"use https":               "请使用 https",
	newToken:                  "请在此处和开发者后台改用 32 位随机字母和数字，并以字母开头",
	"once the suite exists, put its own suiteKey here, or its pushes will be refused": "套件创建后请改为它自己的 suiteKey，否则其推送会被拒绝",
	"choose a folder on another disk, or copy the backups away":                       "请选择其他磁盘上的目录，或将备份复制到别处",
	"put the suite's own suiteKey here, as the developer console shows it":            "请填写该套件自己的 suiteKey，以开发者后台显示的为准",
	"put the suite's own suiteSecret here, as the developer console shows it":         "请填写该套件自己的 suiteSecret，以开发者后台显示的为准",
	"have the developer console generate another EncodingAESKey, and put it here":     "请在开发者后台重新生成 EncodingAESKey，并填写到这里",
	"give a PEM certificate and the private key that belongs to it":                   "请提供 PEM 格式的证书及与之配套的私钥",
	"each must have its own":              "每一项都必须不同",
	"keep one of them":                    "请只保留一个",
	"keep one, without --- between keys":  "请只保留一个文档，配置项之间不要有 ---",
	"check the path given with --config":  "请检查 --config 指定的路径",
	"name a file that this user may read": "请指定当前用户可以读取的文件",
	"indent with spaces, and put quotes around values that hold : # or other signs":              "请用空格缩进，含有 : # 等符号的值要加引号",
	"set backup.recipients (age-keygen makes a key and prints its recipient), or master_key":     "请设置 backup.recipients（age-keygen 会生成密钥并输出接收者），或设置 master_key",
	"at least as long as retention.events, or the repeat of a kept event would be taken for new": "不能短于 retention.events，否则重复推送的事件会被当作新事件",
	"unset it; variables are named after keys, as SUITEKEEPER_ADMIN_LISTEN after admin.listen":   "请取消该变量；变量按配置项命名，例如 admin.listen 对应 SUITEKEEPER_ADMIN_LISTEN",

	"allowed: host:port, as 127.0.0.1:8080 or :8080":                                                           "应为 主机:端口，例如 127.0.0.1:8080 或 :8080",
	"allowed: host:port, as 127.0.0.1:8081; beyond loopback only with tls.cert_file and tls.key_file":          "应为 主机:端口，例如 127.0.0.1:8081；监听本机以外的地址需要 tls.cert_file 和 tls.key_file",
	"allowed: a number of bytes from 1024 to 67108864":                                                         "应为 1024 到 67108864 的字节数",
	"allowed: a folder; a relative one starts at the working directory":                                        "应为目录；相对路径从工作目录算起",
	"allowed: 32 bytes in base64 or hex, as printed by: openssl rand -base64 32":                               "应为 base64 或十六进制的 32 字节，可用 openssl rand -base64 32 生成",
	"allowed: an absolute https or http URL without user, query or fragment, as https://isv.example.com":       "应为完整的 https 或 http 地址，不含用户、查询参数和片段，例如 https://isv.example.com",
	"allowed: an absolute https or http URL without user, query or fragment, as https://oapi.dingtalk.com":     "应为完整的 https 或 http 地址，不含用户、查询参数和片段，例如 https://oapi.dingtalk.com",
	"allowed: an absolute https or http URL without user, query or fragment, as https://api.dingtalk.com":      "应为完整的 https 或 http 地址，不含用户、查询参数和片段，例如 https://api.dingtalk.com",
	"allowed: a list of CIDRs or addresses, as [10.0.0.0/8]":                                                   "应为网段或地址的列表，例如 [10.0.0.0/8]",
	"allowed: a list of CIDRs or addresses; dingtalk stands for the ranges that DingTalk publishes":            "应为网段或地址的列表；dingtalk 表示钉钉公布的网段",
	"allowed: a duration of at least 1m, as 6h or 90m":                                                         "应为不少于 1m 的时间长度，例如 6h 或 90m",
	"allowed: a list of suites, each with key, secret, token and aes_key":                                      "应为套件列表，每项包含 key、secret、token 和 aes_key",
	"allowed: a PEM file with the certificate and its chain; needs tls.key_file too":                           "应为包含证书及其证书链的 PEM 文件，并需要 tls.key_file",
	"allowed: a PEM file with the private key; needs tls.cert_file too":                                        "应为包含私钥的 PEM 文件，并需要 tls.cert_file",
	"allowed: a list of tokens, each with name, token or token_file, and role":                                 "应为令牌列表，每项包含 name、token 或 token_file，以及 role",
	"allowed: a name of at most 64 characters, shown in the audit log":                                         "应为不超过 64 个字符的名称，会显示在审计日志中",
	"allowed: at least 16 characters, as printed by: openssl rand -hex 24":                                     "至少 16 个字符，可用 openssl rand -hex 24 生成",
	"allowed: viewer, operator or app":                                                                         "应为 viewer、operator 或 app",
	"allowed: a folder for nothing but backups of this server; a relative one starts at the working directory": "应为只存放本服务器备份的目录；相对路径从工作目录算起",
	"allowed: a duration of at least 1m, as 24h":                                                               "应为不少于 1m 的时间长度，例如 24h",
	"allowed: a number from 1 to 10000":                                                                        "应为 1 到 10000 的数字",
	"allowed: a list of recipients of age, as age-keygen prints them: age1…":                                   "应为 age 接收者的列表，由 age-keygen 输出：age1…",
	"allowed: a duration of at least 1h, as 720h":                                                              "应为不少于 1h 的时间长度，例如 720h",
	"allowed: a duration of at least 1h, as 1080h; repeats are recognised for that long":                       "应为不少于 1h 的时间长度，例如 1080h；在此期间内能识别重复推送",
	"allowed: suiteKey (Client ID) in the developer console: 1 to 64 letters, digits, _ or -":                  "应为开发者后台中的 suiteKey（Client ID）：1 到 64 位字母、数字、_ 或 -",
	"allowed: a name of at most 64 characters, for people":                                                     "应为不超过 64 个字符的名称，供人查看",
	"allowed: suiteSecret (Client Secret) in the developer console":                                            "应为开发者后台中的 suiteSecret（Client Secret）",
	"allowed: the token that signs callbacks: 3 to 32 letters or digits, the same as in the developer console": "应为签名回调的 token：3 到 32 位字母或数字，与开发者后台一致",
	"allowed: EncodingAESKey: 43 letters or digits, the same as in the developer console":                      "应为 EncodingAESKey：43 位字母或数字，与开发者后台一致",
	"allowed: the number of the app in the developer console, or 0":                                            "应为开发者后台中的应用编号，或 0",
	"allowed: success or random":                                                                               "应为 success 或 random",
	"allowed: debug, info, warn or error":                                                                      "应为 debug、info、warn 或 error",
	"allowed: json or console":                                                                                 "应为 json 或 console",
}
