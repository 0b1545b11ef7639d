package main

import (
	"regexp"

	"suitekeeper/suite"
)

// verdicts are the reasons for which DingTalk takes an answer as wrong, as the
// stand-in for it words them, with the same in Chinese.
var verdicts = []struct {
	english *regexp.Regexp
	chinese string
}{
	{regexp.MustCompile(`^status (\d+), redirects are not followed$`), "状态码为 $1，钉钉不会跟随重定向"},
	{regexp.MustCompile(`^status (\d+), not 200$`), "状态码为 $1，应为 200"},
	{regexp.MustCompile(`^Content-Type is (".*"), not application/json$`), "Content-Type 为 $1，应为 application/json"},
	{regexp.MustCompile(`^empty body$`), "应答内容为空"},
	{regexp.MustCompile(`^not a JSON object$`), "应答不是 JSON 对象"},
	{regexp.MustCompile(`^broken JSON$`), "应答不是完整的 JSON"},
	{regexp.MustCompile(`^more than one JSON object$`), "应答不止一个 JSON 对象"},
	{regexp.MustCompile(`^field (".*") appears twice$`), "字段 $1 重复出现"},
	{regexp.MustCompile(`^field timeStamp missing \(there is timestamp: the S must be a capital\)$`), "缺少字段 timeStamp（现为 timestamp，其中的 S 必须大写）"},
	{regexp.MustCompile(`^field (\w+) missing$`), "缺少字段 $1"},
	{regexp.MustCompile(`^field (\w+) is not a string$`), "字段 $1 不是字符串"},
	{regexp.MustCompile(`^field (\w+) is empty$`), "字段 $1 为空"},
	{regexp.MustCompile(`^encrypted for \$key (".*"), not (".*")$`), "加密时使用的 key 为 $1，应为 $2"},
	{regexp.MustCompile(`^msg_signature does not sign the answer's own timeStamp, nonce and encrypt$`), "msg_signature 与应答中的 timeStamp、nonce、encrypt 不符"},
	{regexp.MustCompile(`^encrypt does not decrypt with the suite's EncodingAESKey$`), "用该套件的 EncodingAESKey 无法解密 encrypt"},
	{regexp.MustCompile(`^decrypts to another text than success$`), "解密后不是 success"},
	{regexp.MustCompile(`^decrypts to another text than the Random of the check$`), "解密后不是校验所带的 Random"},
}

// verdict is a reason in both languages. One that is not listed is of the
// envelope, and the same in both.
func verdict(reason string) suite.Text {
	for _, v := range verdicts {
		if v.english.MatchString(reason) {
			return suite.Text{EN: reason, ZH: v.english.ReplaceAllString(reason, v.chinese)}
		}
	}
	return suite.Text{EN: reason, ZH: reason}
}
