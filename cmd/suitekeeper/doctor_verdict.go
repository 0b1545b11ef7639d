package main

import (
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// verdicts are the flaws of an answer in Chinese, worded as [dingtalktest.Reason.Say]
// takes them.
var verdicts = map[dingtalktest.Flaw]string{
	dingtalktest.FlawNotURL:             "回调地址不是合法的 URL",
	dingtalktest.FlawLate:               "{ms} 毫秒内没有应答",
	dingtalktest.FlawNoAnswer:           "没有应答：{cause}",
	dingtalktest.FlawRedirect:           "状态码为 {status}，钉钉不会跟随重定向",
	dingtalktest.FlawStatus:             "状态码为 {status}，应为 200",
	dingtalktest.FlawContentType:        "Content-Type 为 {got}，应为 application/json",
	dingtalktest.FlawEmpty:              "应答内容为空",
	dingtalktest.FlawNotObject:          "应答不是 JSON 对象",
	dingtalktest.FlawBrokenJSON:         "应答不是完整的 JSON",
	dingtalktest.FlawMoreObjects:        "应答不止一个 JSON 对象",
	dingtalktest.FlawTwice:              "字段 {got} 重复出现",
	dingtalktest.FlawSmallS:             "缺少字段 timeStamp（现为 timestamp，其中的 S 必须大写）",
	dingtalktest.FlawMissing:            "缺少字段 {field}",
	dingtalktest.FlawNotString:          "字段 {field} 不是字符串",
	dingtalktest.FlawEmptyField:         "字段 {field} 为空",
	dingtalktest.FlawMalformedSignature: "msg_signature 不是 40 位十六进制数字",
	dingtalktest.FlawMalformedTimestamp: "timeStamp 不是 10 位或 13 位数字",
	dingtalktest.FlawMalformedNonce:     "nonce 不是 1 到 64 个可打印的 ASCII 字符",
	dingtalktest.FlawMalformedEncrypt:   "encrypt 不是标准的 base64",
	dingtalktest.FlawSignature:          "msg_signature 与应答中的 timeStamp、nonce、encrypt 不符",
	dingtalktest.FlawUndecryptable:      "用该套件的 EncodingAESKey 无法解密 encrypt",
	dingtalktest.FlawKey:                "加密时使用的 key 为 {got}，应为 {want}",
	dingtalktest.FlawNotSuccess:         "解密后不是 success",
	dingtalktest.FlawNotRandom:          "解密后不是校验所带的 Random",
}

// verdict is why an answer is wrong, in both languages.
func verdict(r dingtalktest.Reason) suite.Text {
	return suite.Text{EN: r.String(), ZH: r.Say(verdicts[r.Flaw])}
}
