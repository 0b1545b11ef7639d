package main

import (
	"fmt"
	"net/url"
	"path/filepath"

	"suitekeeper/crypto"
	"suitekeeper/suite"
)

// shortToken is the length below which a token is worth a warning: the
// signature is a SHA-1 over token, timestamp, nonce and body joined without
// separators, so that its strength is the token's alone.
const shortToken = 20

// warnings returns what is allowed and yet probably not meant.
func (l *loader) warnings(c *Config) []Finding {
	var all []Finding
	warn := func(path string, problem, cure suite.Text) {
		all = append(all, l.origin(path).finding(problem, cure))
	}
	if len(c.Suites) == 0 {
		warn("suites", suite.Text{EN: "is empty, so serve has nothing to receive and will not start", ZH: "为空，serve 无从接收推送，不会启动"}, suite.Text{EN: "give at least one suite", ZH: "请至少配置一个套件"})
	}
	for i, s := range c.Suites {
		at := fmt.Sprintf("suites[%d].", i)
		if s.Key == crypto.CreationKey {
			warn(at+"key", suite.Text{EN: "is the key that DingTalk uses while a suite is being created", ZH: "是钉钉在创建套件期间使用的 key"},
				suite.Text{
					EN: "once the suite exists, put its own suiteKey here, or its pushes will be refused",
					ZH: "套件创建后请改为它自己的 suiteKey，否则其推送会被拒绝",
				})
		}
		if problem := weakToken(s.Token.Reveal()); problem != (suite.Text{}) && !isExample(s.Token.Reveal()) {
			warn(at+"token", problem, newToken)
		}
		warnOfExamples(s, func(key string, problem, cure suite.Text) { warn(at+key, problem, cure) })
	}
	if inside(c.Backup.Dir, c.Data) {
		warn("backup.dir", suite.Text{EN: "lies in the data folder, and is lost with it", ZH: "位于数据目录内，会与之一同丢失"}, suite.Text{EN: "choose a folder on another disk, or copy the backups away", ZH: "请选择其他磁盘上的目录，或将备份复制到别处"})
	}
	for _, api := range [][2]string{{"dingtalk.oapi_url", c.DingTalk.OAPIURL}, {"dingtalk.api_url", c.DingTalk.APIURL}} {
		if isClear(api[1]) {
			warn(api[0], suite.Text{EN: "sends the suite secret over the network in clear", ZH: "会在网络上明文发送套件密钥"}, suite.Text{EN: "use https", ZH: "请使用 https"})
		}
	}
	return all
}

// inside reports whether a folder lies in another one, or is that.
func inside(folder, other string) bool {
	if folder == "" {
		return false
	}
	a, errA := filepath.Abs(folder)
	b, errB := filepath.Abs(other)
	way, err := filepath.Rel(b, a)
	return errA == nil && errB == nil && err == nil && filepath.IsLocal(way)
}

var newToken = suite.Text{
	EN: "choose 32 random letters and digits that begin with a letter, here and in the developer console",
	ZH: "请在此处和开发者后台改用 32 位随机字母和数字，并以字母开头",
}

// warnOfExamples finds values that were copied and never replaced.
func warnOfExamples(s SuiteConfig, warn func(key string, problem, cure suite.Text)) {
	forge := suite.Text{EN: "is the value of a published example, so that anybody can forge pushes", ZH: "是公开示例中的值，任何人都可以伪造推送"}
	if isExample(s.Key) {
		warn("key", suite.Text{EN: "is the placeholder of the example", ZH: "是示例中的占位内容"}, suite.Text{
			EN: "put the suite's own suiteKey here, as the developer console shows it",
			ZH: "请填写该套件自己的 suiteKey，以开发者后台显示的为准",
		})
	}
	if isExample(s.Secret.Reveal()) {
		warn("secret", suite.Text{EN: "is the placeholder of the example", ZH: "是示例中的占位内容"}, suite.Text{
			EN: "put the suite's own suiteSecret here, as the developer console shows it",
			ZH: "请填写该套件自己的 suiteSecret，以开发者后台显示的为准",
		})
	}
	if isExample(s.Token.Reveal()) {
		warn("token", forge, newToken)
	}
	if isExample(s.AESKey.Reveal()) {
		warn("aes_key", forge, suite.Text{
			EN: "have the developer console generate another EncodingAESKey, and put it here",
			ZH: "请在开发者后台重新生成 EncodingAESKey，并填写到这里",
		})
	}
}

// isExample reports whether value stands for one's own in an example.
func isExample(value string) bool {
	switch value {
	case "suiteexample0000000x", "replace-me",
		"ReplaceThisByARandomTokenOf32Chr", "ReplaceThisByTheEncodingAESKeyOf43LettersXY": // deploy/suitekeeper.yaml
		return true
	case "123456",
		"4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij", "1234567890123456789012345678901234567890123": // DingTalk's documentation
		return true
	}
	return false
}

// isClear reports whether what is sent to address can be read on the way.
func isClear(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "http" && !isLoopback(u.Hostname())
}

// weakToken says what makes a token easier to forge signatures for, or nothing.
func weakToken(token string) suite.Text {
	switch {
	case sortsFirst(token):
		return suite.Text{
			EN: "starts with a digit, so it is sorted before the other parts of the signature, which helps an attacker to forge one from a push that he saw",
			ZH: "以数字开头，在签名中排在其他部分之前，攻击者看到一次推送后更容易伪造签名",
		}
	case len(token) < shortToken:
		return both(suite.Text{
			EN: "has fewer than %d characters, so that an attacker who saw one push can guess it",
			ZH: "少于 %d 个字符，攻击者看到一次推送就可能猜出",
		}, shortToken)
	default:
		return suite.Text{}
	}
}

// sortsFirst tells whether a token comes before the other parts of a signature,
// which are sorted before they are joined. That lets whoever saw one push
// extend its hash (a SHA-1 weakness).
func sortsFirst(token string) bool { return token != "" && token[0] >= '0' && token[0] <= '9' }
